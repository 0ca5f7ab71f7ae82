using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Numerics;

public sealed class HalfNumbersTests
{
    // numpy.float32(x).astype(numpy.float16).view(numpy.uint16)
    [Theory]
    [InlineData(0f, 0x0000)]
    [InlineData(-0f, 0x8000)]
    [InlineData(0.1f, 0x2E66)]
    [InlineData(0.33333334f, 0x3555)]
    [InlineData(-3.1415927f, 0xC248)]
    [InlineData(2049f, 0x6800)] // half way: the even one
    [InlineData(2051f, 0x6802)]
    [InlineData(65504f, 0x7BFF)]
    [InlineData(65519.996f, 0x7BFF)]
    [InlineData(6.1035156e-5f, 0x0400)]
    [InlineData(5.9604645e-8f, 0x0001)]
    [InlineData(2.9802322e-8f, 0x0000)]
    [InlineData(8.940697e-8f, 0x0002)]
    public void Float16_is_numpys(float value, int bits) => Assert.Equal(((ushort)bits, -1), Round(HalfNumbers.ToFloat16, value));

    // By hand: the upper half of the bits, rounded to nearest, ties to even.
    [Theory]
    [InlineData(0f, 0x0000)]
    [InlineData(0.1f, 0x3DCD)]
    [InlineData(0.33333334f, 0x3EAB)]
    [InlineData(-3.1415927f, 0xC049)]
    [InlineData(1.00390625f, 0x3F80)] // 1 + 2⁻⁸
    [InlineData(1.01171875f, 0x3F82)] // 1 + 3 · 2⁻⁸
    [InlineData(70000f, 0x4789)]
    [InlineData(3.3895314e38f, 0x7F7F)]
    [InlineData(1e-40f, 0x0001)]
    public void Bfloat16_is_the_upper_half_rounded_to_even(float value, int bits) =>
        Assert.Equal(((ushort)bits, -1), Round(HalfNumbers.ToBFloat16, value));

    [Fact]
    public void What_is_too_large_is_told_by_its_place()
    {
        ushort[] halves = new ushort[4];
        Assert.Equal(2, HalfNumbers.ToFloat16([1, -65504, -65520, 1e9f], halves));
        Assert.Equal(1, HalfNumbers.ToFloat16([float.PositiveInfinity, 65520], halves));
        Assert.Equal(3, HalfNumbers.ToBFloat16([1, 1e38f, float.NaN, float.MaxValue], halves));
        Assert.True(float.IsNaN(Widen(HalfNumbers.OfBFloat16, halves)[2]));
    }

    [Fact]
    public void Every_float16_is_widened_as_the_runtime_does()
    {
        ushort[] all = [.. Enumerable.Range(0, 65536).Select(bits => (ushort)bits)];
        float[] wide = Widen(HalfNumbers.OfFloat16, all);
        foreach (ushort bits in all)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf(bits);
            Assert.True(float.IsNaN(expected) ? float.IsNaN(wide[bits])
                : BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(wide[bits]), $"{bits:X4}");
        }
    }

    [Fact]
    public void Every_bfloat16_comes_back_and_is_the_nearest()
    {
        ushort[] all = [.. Enumerable.Range(0, 65536).Select(bits => (ushort)bits).Where(bits => (bits & 0x7F80) != 0x7F80)];
        float[] wide = Widen(HalfNumbers.OfBFloat16, all);
        ushort[] back = new ushort[all.Length];
        Assert.Equal(-1, HalfNumbers.ToBFloat16(wide, back));
        Assert.Equal(all, back);
        var random = new CounterRandom(1, "bfloat16", 0);
        for (int i = 0; i < 20_000; i++)
        {
            float value = (float)(random.NextGaussian() * Math.Pow(2, random.NextInt(60) - 30));
            float near = Widen(HalfNumbers.OfBFloat16, [Round(HalfNumbers.ToBFloat16, value).Bits])[0];
            // Seven binary digits behind the first one.
            double step = Math.Pow(2, Math.Floor(Math.Log2(Math.Abs(value))) - 7);
            Assert.Equal(Math.Round(value / step, MidpointRounding.ToEven) * step, near);
        }
    }

    private delegate int Rounding(ReadOnlySpan<float> values, Span<ushort> halves);

    private delegate void Widening(ReadOnlySpan<ushort> halves, Span<float> values);

    /// <summary>Alone, and among as many as a vector holds.</summary>
    private static (ushort Bits, int Lost) Round(Rounding round, float value)
    {
        ushort[] bits = new ushort[1];
        int lost = round([value], bits);
        return (bits[0], lost);
    }

    private static float[] Widen(Widening widen, ushort[] halves)
    {
        // Of a length that is no multiple of a vector's.
        var values = new float[halves.Length + 3];
        widen([.. halves, 0, 0, 0], values);
        return values[..halves.Length];
    }
}
