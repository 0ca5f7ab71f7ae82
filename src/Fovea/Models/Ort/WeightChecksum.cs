using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Models.Ort;

/// <summary>
/// A checksum of a network's tensors as they are, at the speed of memory: whether anything was written to them, by whoever. Any change of
/// a single number changes it. It is compared within a process and stored nowhere.
/// </summary>
internal static class WeightChecksum
{
    private const ulong Odd = 0x9E3779B97F4A7C15UL;

    /// <summary>The checksum.</summary>
    public static ulong Of(IEnumerable<Tensor> tensors)
    {
        ulong sum = 0;
        foreach (Tensor tensor in tensors)
        {
            using Tensor plain = tensor.detach(), own = plain.cpu(), together = own.contiguous();
            sum = Add(sum, (ulong)together.numel());
            if (together.numel() > 0) sum = Add(sum, Of(together.bytes));
        }
        return sum;
    }

    /// <summary>The checksum of some bytes.</summary>
    internal static ulong Of(ReadOnlySpan<byte> bytes)
    {
        // Four rows of lanes, since a product waits for the one before it.
        ReadOnlySpan<Vector<ulong>> words = MemoryMarshal.Cast<byte, Vector<ulong>>(bytes);
        Vector<ulong> odd = new(Odd), s0 = odd, s1 = odd, s2 = odd, s3 = odd;
        int i = 0;
        for (; i <= words.Length - 4; i += 4)
        {
            s0 = Mixed((s0 ^ words[i]) * odd);
            s1 = Mixed((s1 ^ words[i + 1]) * odd);
            s2 = Mixed((s2 ^ words[i + 2]) * odd);
            s3 = Mixed((s3 ^ words[i + 3]) * odd);
        }
        for (; i < words.Length; i++) s0 = Mixed((s0 ^ words[i]) * odd);
        ulong sum = 0;
        foreach (Vector<ulong> lanes in (ReadOnlySpan<Vector<ulong>>)[s0, s1, s2, s3])
            for (int lane = 0; lane < Vector<ulong>.Count; lane++) sum = Add(sum, lanes[lane]);
        foreach (byte one in bytes[(words.Length * Vector<byte>.Count)..]) sum = Add(sum, one);
        return sum;
    }

    /// <summary>Products carry bits upwards alone: the upper ones come down.</summary>
    private static Vector<ulong> Mixed(Vector<ulong> lanes) => lanes ^ Vector.ShiftRightLogical(lanes, 32);

    /// <summary>Depends on order, and on every bit of both.</summary>
    private static ulong Add(ulong sum, ulong value)
    {
        sum = (sum ^ value) * Odd;
        return sum ^ (sum >> 29);
    }
}
