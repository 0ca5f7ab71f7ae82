using Fovea.Models.Graph;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

/// <summary>Where libtorch would end the process, the catalogue's operation refuses before.</summary>
[Collection(TensorCounts.Name)]
public sealed class OperatorGuardTests
{
    [Theory]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3 })]
    [InlineData(new long[] { 3 }, new long[] { 4 })]
    [InlineData(new long[] { 5, 2, 3 }, new long[] { 4, 3, 2 })]
    [InlineData(new long[] { 2, 4, 8, 8 }, new long[] { 7, 3 })]
    [InlineData(new long[] { }, new long[] { 3 })]
    public void Matrices_that_do_not_fit_have_no_product(long[] one, long[] other)
    {
        using var scope = NewDisposeScope();
        Assert.Contains("no product", Assert.Throws<FoveaException>(() => Product(one, other)).Message);
    }

    [Theory]
    [InlineData(ScalarType.Float32, ScalarType.Float64)]
    [InlineData(ScalarType.Int64, ScalarType.Float32)]
    [InlineData(ScalarType.Bool, ScalarType.Bool)]
    public void Matrices_of_other_types_have_no_product(ScalarType one, ScalarType other)
    {
        using var scope = NewDisposeScope();
        foreach (long[] shape in new[] { new long[] { 3 }, [3, 3], [2, 3, 3] })
        {
            Assert.Contains("have no product", Assert.Throws<FoveaException>(
                () => MatrixProduct.Of(zeros(shape, dtype: one), zeros(shape, dtype: other))).Message);
        }
    }

    /// <summary>Every type that is let through is one that libtorch multiplies, as vectors, matrices and lists of them.</summary>
    [Fact]
    public void Every_type_that_is_let_through_is_multiplied()
    {
        using var scope = NewDisposeScope();
        foreach (ScalarType type in MatrixProduct.Multiplied)
        {
            foreach (long[] shape in new[] { new long[] { 3 }, [3, 3], [2, 3, 3] })
            {
                Tensor factor = ones(shape, dtype: type);
                Tensor[] made = [MatrixProduct.Of(factor, factor), MatrixProduct.Of(factor, ones([3], dtype: type))];
                Assert.All(made, product => Assert.True(product.to(float64).eq(3).all().item<bool>(), $"{type}"));
            }
        }
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, new long[] { 3, 4 }, new long[] { 2, 4 })]
    [InlineData(new long[] { 3 }, new long[] { 3 }, new long[] { })]
    [InlineData(new long[] { 5, 1, 2, 3 }, new long[] { 4, 3, 2 }, new long[] { 5, 4, 2, 2 })]
    [InlineData(new long[] { 5, 2, 3 }, new long[] { 3 }, new long[] { 5, 2 })]
    public void Those_that_fit_have_one(long[] one, long[] other, long[] made)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(made, Product(one, other).shape);
    }

    private static Tensor Product(long[] one, long[] other)
    {
        using var mode = new ForwardMode();
        var (product, _) = Operators.Get("matmul").Bind(OperatorAttributes.None);
        return product!(new OperatorCall([zeros(one), zeros(other)], mode, -1, 1));
    }
}
