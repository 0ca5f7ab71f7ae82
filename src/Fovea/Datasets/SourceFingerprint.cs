using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Fovea.Datasets;

/// <summary>The fingerprint of a source: SHA-256 over its classes and every image's id, label and size.</summary>
public static class SourceFingerprint
{
    /// <summary>Lower-case hex.</summary>
    /// <param name="source">The source.</param>
    /// <param name="size">An image's size in bytes, or any other number that changes with its content.</param>
    public static string Of(IImageSource source, Func<int, long> size)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(size);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ClassInfo info in source.Classes)
        {
            Text(info.Id);
            Text(info.Name);
        }
        Number(source.Count);
        for (int index = 0; index < source.Count; index++)
        {
            Text(source.Id(index));
            Number(source.Label(index));
            Number(size(index));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Text(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            Number(bytes.Length);
            hash.AppendData(bytes);
        }

        void Number(long number)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            hash.AppendData(bytes);
        }
    }
}
