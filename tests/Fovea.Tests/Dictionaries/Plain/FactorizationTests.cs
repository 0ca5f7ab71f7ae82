using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Plain;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class FactorizationTests
{
    [Fact]
    public void Planted_parts_are_found()
    {
        // Six parts that overlap little, codes with many zeros: the factorisation is unique up to order and scale.
        var parts = BaselineSamples.Matrix(6, 20, "parts", random => random.NextDouble() < 0.3 ? random.NextDouble(0.5, 1.5) : 0);
        var source = BaselineSamples.Source(BaselineSamples.Product(Sparse(600, 6), parts));
        using var nmf = NonNegativeFactorization.Fit(
            source, BaselineSamples.Rows(source), new BaselineOptions { LatentSize = 6, Tolerance = 1e-7, BatchRows = 250 });
        using var truth = tensor(parts);
        Assert.InRange(nmf.RelativeError, 0, 1e-4);
        Assert.InRange(DictionarySimilarity.MatchedCosine(truth, nmf.Directions, signed: true), 0.99, 1);
        Assert.True(nmf.Directions.ge(0).all().item<bool>());
        var scores = BaselineSamples.Measure(nmf, source).Scores;
        Assert.InRange(scores.Fvu, 0, 1e-3);
        Assert.InRange(scores.L0, 1, 4);
    }

    [Fact]
    public void Semi_nmf_reconstructs_a_planted_factorisation()
    {
        var directions = BaselineSamples.Matrix(5, 16, "signed", random => random.NextGaussian());
        var source = BaselineSamples.Source(BaselineSamples.Product(Sparse(600, 5), directions));
        using var semi = SemiNonNegativeFactorization.Fit(
            source, BaselineSamples.Rows(source), new BaselineOptions { LatentSize = 5, BatchRows = 250 });
        using var codes = semi.EncodeDense(BaselineSamples.Read(source));
        Assert.InRange(semi.RelativeError, 0, 2e-3);
        Assert.InRange(BaselineSamples.Fvu(semi, source), 0, 4e-3);
        Assert.True(codes.ge(0).all().item<bool>());
        Assert.True(semi.Directions.lt(0).any().item<bool>());
    }

    [Fact]
    public void Semi_nmf_never_gets_worse()
    {
        var source = BaselineSamples.Oblique(200, 8);
        double before = double.PositiveInfinity;
        foreach (int iterations in (int[])[1, 2, 4, 8, 16])
        {
            using var semi = SemiNonNegativeFactorization.Fit(
                source, BaselineSamples.Rows(source), new BaselineOptions { LatentSize = 5, MaxIterations = iterations, Tolerance = 0 });
            Assert.Equal(iterations, semi.Iterations);
            Assert.InRange(semi.RelativeError, 0, before);
            before = semi.RelativeError;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Only_k_are_kept_and_solved_again(bool semi)
    {
        var source = BaselineSamples.Source(BaselineSamples.Matrix(200, 12, "positive", random => random.NextDouble()));
        long[] rows = BaselineSamples.Rows(source);
        FittedDictionary Fit(int? k)
        {
            var options = new BaselineOptions { LatentSize = 8, K = k, MaxIterations = 50 };
            return semi ? SemiNonNegativeFactorization.Fit(source, rows, options) : NonNegativeFactorization.Fit(source, rows, options);
        }
        double before = double.PositiveInfinity;
        foreach (int? k in (int?[])[1, 3, null])
        {
            using var dictionary = Fit(k);
            var scores = BaselineSamples.Measure(dictionary, source).Scores;
            Assert.InRange(scores.L0, 0.5, k ?? 8);
            Assert.InRange(scores.Reconstruction, 1e-6, before);
            before = scores.Reconstruction;
        }
    }

    [Fact]
    public void Negative_activations_are_refused_by_name()
    {
        var source = new ArrayVectors([1, 2, 0, 3, -0.5f, 1], 2);
        var error = Assert.Throws<FoveaException>(() => NonNegativeFactorization.Fit(source, BaselineSamples.Rows(source)));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("vector 2 holds -0.5", error.Message);
        Assert.Contains("seminmf", error.Message);
    }

    [Fact]
    public void Least_squares_meets_the_conditions_of_optimality()
    {
        using var scope = NewDisposeScope();
        var directions = Samples.Normal([12, 9], "nnls", ScalarType.Float64).to_type(ScalarType.Float32);
        directions /= directions.norm(1, keepdim: true);
        var x = Samples.Vectors(40, 9, ScalarType.Float32);
        var f = NonNegativeCoding.Encode(x, directions, null);
        var slope = (f.matmul(directions) - x).matmul(directions.t());
        Assert.True(f.ge(0).all().item<bool>());
        // Where f is above 0 the slope is 0, elsewhere it does not point to larger f.
        Assert.InRange(where(f.gt(0), slope.abs(), zeros_like(f)).max().item<float>(), 0, 2e-5);
        Assert.InRange(slope.min().item<float>(), -2e-5, 0);
        // A row by itself gets the same code.
        Assert.Equal(0, (NonNegativeCoding.Encode(x.narrow(0, 7, 1), directions, null) - f.narrow(0, 7, 1)).abs().max().item<float>());
    }

    [Fact]
    public void Least_squares_is_exact_also_where_directions_are_much_alike()
    {
        using var scope = NewDisposeScope();
        // All within a few degrees of their neighbour, and one of them twice: the equations of the positive codes are badly conditioned, or
        // singular.
        var directions = Samples.Normal([30, 40], "alike", ScalarType.Float64) * 0.05
            + Samples.Normal([1, 40], "common", ScalarType.Float64);
        directions.select(0, 4).copy_(directions.select(0, 11));
        directions /= directions.norm(1, keepdim: true);
        var x = Samples.Vectors(60, 40, ScalarType.Float64) + 3 * directions.select(0, 2);
        var f = NonNegativeCoding.Encode(x, directions, null);
        var slope = (f.matmul(directions) - x).matmul(directions.t());
        double size = x.norm().item<double>() / Math.Sqrt(60);
        Assert.InRange(where(f.gt(0), slope.abs(), zeros_like(f)).max().item<double>(), 0, 1e-4 * size);
        Assert.InRange(slope.min().item<double>(), -1e-4 * size, 0);
        Assert.InRange(f.gt(0).sum().item<long>(), 60, 60 * 29);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void With_k_the_largest_codes_are_solved_again_alone(int k)
    {
        using var scope = NewDisposeScope();
        var directions = Samples.Normal([12, 9], "nnls", ScalarType.Float64);
        directions /= directions.norm(1, keepdim: true);
        var x = Samples.Vectors(40, 9, ScalarType.Float64);
        var full = NonNegativeCoding.Encode(x, directions, null);
        var f = NonNegativeCoding.Encode(x, directions, k);
        var slope = (f.matmul(directions) - x).matmul(directions.t());
        for (int row = 0; row < 40; row++)
        {
            double[] all = full[row].data<double>().ToArray(), some = f[row].data<double>().ToArray(), left = slope[row].data<double>()
                .ToArray();
            int[] kept = [.. Enumerable.Range(0, 12).OrderByDescending(j => all[j]).Take(k).Where(j => all[j] > 0)];
            Assert.All(Enumerable.Range(0, 12).Except(kept), j => Assert.Equal(0, some[j]));
            Assert.All(kept, j => Assert.InRange(some[j] > 0 ? Math.Abs(left[j]) : Math.Max(0, -left[j]), 0, 1e-6));
        }
        Assert.InRange(f.gt(0).sum().item<long>(), 20, 40 * k);
    }

    private static double[,] Sparse(int rows, int latents) =>
        BaselineSamples.Matrix(rows, latents, "codes", random => random.NextDouble() < 0.4 ? random.NextDouble(0.2, 2) : 0);
}
