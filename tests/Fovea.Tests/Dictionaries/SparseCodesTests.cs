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
        var (r, c) = (codes.Rows.data<long>().ToArray(), codes.Indices.data<long>().ToArray());
        for (int e = 1; e < r.Length; e++) Assert.True((r[e - 1], c[e - 1]).CompareTo((r[e], c[e])) < 0);
    }

    [Fact]
    public void Gradients_pass_from_dense_to_values()
    {
        using var scope = NewDisposeScope();
        var values = tensor(new double[] { 2, 3 }).requires_grad_(true);
        using var codes = new SparseCodes(tensor(new long[] { 0, 1 }), tensor(new long[] { 2, 0 }), values, 2, 3);
        (codes.ToDense() * tensor(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } })).sum().backward();
        Assert.Equal([3.0, 4.0], values.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Lengths_and_types_must_agree()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => new SparseCodes(zeros(2, int64), zeros(3, int64), zeros(2), 2, 3));
        Assert.Throws<ArgumentException>(() => new SparseCodes(zeros(2, int32), zeros(2, int64), zeros(2), 2, 3));
    }
}
