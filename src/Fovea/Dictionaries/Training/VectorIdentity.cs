using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Fovea.Activations;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Training;

/// <summary>Tells vectors apart from others of the same number and length.</summary>
internal static class VectorIdentity
{
    /// <summary>Rows that are looked at where a source does not say what it holds.</summary>
    private const int Probes = 1024;

    /// <summary>
    /// What the source says of itself (<see cref="IVectorSource.Identity"/>, of a harvest the hashes of all its bytes); of others a hash of
    /// their first and last vector and of 1,022 at random places, so that vectors made anew are seen, and a change of a few of them may not
    /// be.
    /// </summary>
    public static string Of(IVectorSource source)
    {
        if (source.Identity is { } identity) return identity;
        if (source.Count == 0) return "";
        var random = new CounterRandom(0, "autoencoder/identity", source.Count);
        var rows = new long[(int)Math.Min(Probes, source.Count)];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = source.Count <= Probes ? i : (long)Math.BigMul(random.NextUInt64(), (ulong)source.Count, out _);
        (rows[0], rows[^1]) = (0, source.Count - 1);
        Array.Sort(rows);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var vectors = new float[checked(rows.Length * source.Dimension)];
        source.Read(rows, vectors);
        hash.AppendData(MemoryMarshal.AsBytes<float>(vectors));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
