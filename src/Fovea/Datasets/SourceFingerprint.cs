using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Fovea.Numerics;

namespace Fovea.Datasets;

/// <summary>
/// The fingerprint of a source of stored images: SHA-256 over its classes, every image's id, label and size, and the content of its files.
/// Files of
/// <see cref="ContentBytes"/> together are read; of a larger source, files in a fixed random order as long as they fit, so that a change of
/// many files is noticed and a change of one with the probability of its share.
/// </summary>
public static class SourceFingerprint
{
    /// <summary>
    /// So many bytes of files are read: all of 800 photographs (0.03 s from memory), all of 40,000 images of 64 × 64 pixels (0.4 s), some
    /// 2,400 of ImageNet's.
    /// </summary>
    public const long ContentBytes = 256L << 20;

    /// <summary>Lower-case hex.</summary>
    /// <param name="source">The source.</param>
    public static string Of(IImageSource source) => Of(source, ContentBytes);

    /// <summary>The same with another bound on what is read.</summary>
    internal static string Of(IImageSource source, long contentBytes)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ClassInfo info in source.Classes)
        {
            Text(hash, info.Id);
            Text(hash, info.Name);
        }
        Number(hash, source.Count);
        long bytes = 0;
        for (int index = 0; index < source.Count; index++)
        {
            Text(hash, source.Id(index));
            Number(hash, source.Label(index));
            Number(hash, source.Size(index) ?? 0);
            bytes += source.Size(index) ?? 0;
        }
        foreach (int index in Read(source, bytes, contentBytes)) hash.AppendData(Content(source, index));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The images whose files are read, in the order of the source.</summary>
    private static IEnumerable<int> Read(IImageSource source, long bytes, long most)
    {
        if (bytes <= most) return Enumerable.Range(0, source.Count);
        var chosen = new List<int>();
        foreach (int index in new CounterRandom(0, "data/fingerprint", 0).Permutation(source.Count))
        {
            most -= source.Size(index) ?? 0;
            if (most < 0) break;
            chosen.Add(index);
        }
        return chosen.Order();
    }

    /// <summary>SHA-256 of an image's file; of no bytes where it cannot be read, which is said when the image is needed.</summary>
    private static byte[] Content(IImageSource source, int index)
    {
        try
        {
            return SHA256.HashData(source.Stored(index) ?? []);
        }
        catch (FoveaException)
        {
            return SHA256.HashData([]);
        }
    }

    private static void Text(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Number(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Number(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
