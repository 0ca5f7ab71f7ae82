using Fovea.Dictionaries;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class SparseCodesTests
{
    [Theory]
    [InlineData(1, 1, 0.5)]
    [InlineData(17, 33, 0.1)]
    [InlineData(5, 8, 0.0)]
    [InlineData(4, 9, 1.0)]
    [InlineData(0, 9, 1.0)]
    public void Dense_to_sparse_and_back_is_exact(int rows, int latents, double density)
    {
        using var scope = NewDisposeScope();
        var random = new CounterRandom(1, "codes", rows);
        var dense = zeros(rows, latents);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < latents; j++)
                if (random.NextDouble() < density) dense[i, j] = (float)random.NextGaussian();
        using var codes = SparseCodes.FromDense(dense);
        Assert.Equal(dense.bytes, codes.ToDense().bytes);
        var expected = new List<(int Row, int Latent, float Value)>();
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < latents; j++)
                if (dense[i, j].item<float>() is not 0 and var value) expected.Add((i, j, value));
        Assert.Equal(
            (rows, latents, (long)expected.Count, rows + 1),
                (codes.RowCount, codes.LatentCount, codes.EntryCount, codes.RowOffsets.Length));
        Assert.Equal(expected.Select(entry => (long)entry.Row), codes.Tensors.Rows().data<long>().ToArray());
        for (int i = 0, e = 0; i < rows; i++)
        {
            Assert.Equal(e, codes.RowOffsets[i]);
            for (; e < codes.RowOffsets[i + 1]; e++) Assert.Equal(expected[e], (i, codes.Latents[e], codes.Values[e]));
        }
        Assert.Equal(expected.Count, codes.RowOffsets[^1]);
        using var copy = codes.Copy();
        Assert.Equal(dense.bytes, copy.ToDense().bytes);
    }

    [Fact]
    public void Gradients_pass_from_dense_to_values()
    {
        using var scope = NewDisposeScope();
        var values = tensor(new double[] { 2, 3 }).requires_grad_(true);
        using var codes = new SparseCodes(tensor(new long[] { 0, 1, 2 }), tensor(new int[] { 2, 0 }), values, 3);
        (codes.ToDense() * tensor(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } })).sum().backward();
        Assert.Equal([3.0, 4.0], values.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Lengths_and_types_must_agree()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => new SparseCodes(zeros(2, int64), zeros(3, int32), zeros(2), 3));
        Assert.Throws<ArgumentException>(() => new SparseCodes(zeros(2, int64), zeros(2, int64), zeros(2), 3));
    }
}
