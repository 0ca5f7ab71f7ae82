using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fovea.Numerics;

/// <summary>
/// Single precision to two bytes and back: IEEE 754 half precision (float16: 11 binary digits, up to 65,504) and bfloat16 (8 binary digits,
/// the range of single precision). Rounded to nearest, ties to even.
/// </summary>
internal static class HalfNumbers
{
    /// <summary>Rounds to float16.</summary>
    /// <param name="values">Numbers.</param>
    /// <param name="halves">As many; gets their bits.</param>
    /// <returns>The place of the first number that is finite and whose rounding is not; −1: there is none.</returns>
    public static int ToFloat16(ReadOnlySpan<float> values, Span<ushort> halves)
    {
        int lost = -1;
        for (int i = 0; i < values.Length; i++)
        {
            var half = (Half)values[i];
            if (Half.IsInfinity(half) && lost < 0 && float.IsFinite(values[i])) lost = i;
            halves[i] = BitConverter.HalfToUInt16Bits(half);
        }
        return lost;
    }

    /// <summary>Rounds to bfloat16.</summary>
    /// <param name="values">Numbers.</param>
    /// <param name="halves">As many; gets their bits.</param>
    /// <returns>As <see cref="ToFloat16"/>: numbers beyond 3.39 × 10³⁸ are lost.</returns>
    public static int ToBFloat16(ReadOnlySpan<float> values, Span<ushort> halves)
    {
        const uint Infinity = 0x7F80;
        int lost = -1;
        for (int i = 0; i < values.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(values[i]);
            // Half of the last digit that stays, less the smallest step where that digit is even: a carry rounds up.
            uint rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
            // A NaN may carry into a number; its first digit keeps it one.
            if (float.IsNaN(values[i])) rounded = (bits >> 16) | 0x40;
            else if ((rounded & 0x7FFF) == Infinity && lost < 0 && float.IsFinite(values[i])) lost = i;
            halves[i] = (ushort)rounded;
        }
        return lost;
    }

    /// <summary>Float16 in single precision, which holds each exactly.</summary>
    /// <param name="halves">Bits.</param>
    /// <param name="values">As many numbers.</param>
    public static void OfFloat16(ReadOnlySpan<ushort> halves, Span<float> values)
    {
        int i = 0;
        for (; i <= halves.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(halves[i..]), out Vector<uint> low, out Vector<uint> high);
            OfFloat16(low).CopyTo(values[i..]);
            OfFloat16(high).CopyTo(values[(i + Vector<uint>.Count)..]);
        }
        for (; i < halves.Length; i++) values[i] = (float)BitConverter.UInt16BitsToHalf(halves[i]);
    }

    /// <summary>Bfloat16 in single precision, which holds each exactly.</summary>
    /// <param name="halves">Bits.</param>
    /// <param name="values">As many numbers.</param>
    public static void OfBFloat16(ReadOnlySpan<ushort> halves, Span<float> values)
    {
        int i = 0;
        for (; i <= halves.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(halves[i..]), out Vector<uint> low, out Vector<uint> high);
            Vector.AsVectorSingle(Vector.ShiftLeft(low, 16)).CopyTo(values[i..]);
            Vector.AsVectorSingle(Vector.ShiftLeft(high, 16)).CopyTo(values[(i + Vector<uint>.Count)..]);
        }
        for (; i < halves.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> OfFloat16(Vector<uint> half)
    {
        // Digits and exponent stand 13 bits further up, and the exponent counts from 127 in place of 15.
        Vector<uint> bias = new(112u << 23), first = new(113u << 23);
        Vector<uint> size = half & new Vector<uint>(0x7FFF), moved = Vector.ShiftLeft(size, 13);
        // Below the smallest normal number the digits alone: 2⁻¹⁴ with these digits, less 2⁻¹⁴.
        Vector<uint> tiny = Vector.AsVectorUInt32(Vector.AsVectorSingle(moved + first) - Vector.AsVectorSingle(first));
        // The largest exponent says infinity or NaN in both.
        Vector<uint> usual = moved + bias;
        Vector<uint> number = Vector.ConditionalSelect(Vector.LessThan(size, new Vector<uint>(0x0400)), tiny,
            Vector.ConditionalSelect(Vector.LessThan(size, new Vector<uint>(0x7C00)), usual, usual + bias));
        return Vector.AsVectorSingle(number | Vector.ShiftLeft(half & new Vector<uint>(0x8000), 16));
    }
}
