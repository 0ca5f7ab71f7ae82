using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Numerics;

/// <summary>Maps as vectors, and what is asked of vectors, beside libtorch and slow loops.</summary>
[Collection(TensorCounts.Name)]
public sealed class PositionRowsTests
{
    [Theory]
    [InlineData(3, 16, 8, 8)]
    [InlineData(2, 13, 7, 7)]
    [InlineData(2, 40, 2, 2)]
    [InlineData(1, 3, 9, 11)]
    [InlineData(2, 8, 1, 9)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(0, 16, 7, 7)]
    public void Vectors_are_those_of_any_layout(int images, int channels, int height, int width)
    {
        using var scope = NewDisposeScope();
        Tensor maps = arange(images * channels * height * width, float32).view(images, channels, height, width);
        Tensor last = maps.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        // Tokens of which the first is none of the grid's; columns before rows; a part of more channels.
        Tensor tokens = cat([zeros(images, 1, channels), maps.flatten(2).transpose(1, 2)], 1);
        Tensor grid = tokens.narrow(1, 1, height * width).transpose(1, 2).unflatten(2, [height, width]);
        Tensor turned = maps.transpose(2, 3).contiguous().transpose(2, 3);
        Tensor part = cat([maps, maps], 1).narrow(1, channels, channels);
        float[] expected = images == 0 ? [] : maps.permute(0, 2, 3, 1).contiguous().data<float>().ToArray();
        foreach (Tensor one in (Tensor[])[maps, last, grid, turned, part, maps.to(float64)])
        {
            var actual = new float[expected.Length + 1];
            PositionRows.Copy(one, actual);
            Assert.Equal(expected.Append(0), actual);
        }
    }

    [Fact]
    public void Nothing_is_left_behind_and_too_little_room_is_refused()
    {
        using Tensor maps = ones(2, 9, 3, 4);
        var rows = new float[2 * 9 * 3 * 4];
        PositionRows.Copy(maps, rows);
        long before = TensorCounts.Settled();
        PositionRows.Copy(maps, rows);
        Assert.Equal(before, TensorCounts.Settled());
        Assert.Throws<ArgumentException>(() => PositionRows.Copy(maps, new float[rows.Length - 1]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public unsafe void Sums_and_finiteness_are_of_every_number(int length)
    {
        var random = new CounterRandom(1, "vectors", length);
        float[] values = [.. Enumerable.Range(0, length).Select(_ => (float)random.NextGaussian())];
        fixed (float* first = values) Assert.Equal(values.Sum(value => Math.Abs((double)value)), VectorMath.SumOfMagnitudes(first, length), 1e-4);
        Assert.True(VectorMath.AreFinite(values));
        Assert.True(VectorMath.AreFinite([]));
        // The sum of large numbers is no number, and they are.
        Assert.True(VectorMath.AreFinite([.. values.Select(_ => float.MaxValue)]));
        for (int i = 0; i < length; i++)
        {
            foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
            {
                float kept = values[i];
                values[i] = bad;
                Assert.False(VectorMath.AreFinite(values), $"{bad} at {i}");
                values[i] = kept;
            }
        }
    }
}
