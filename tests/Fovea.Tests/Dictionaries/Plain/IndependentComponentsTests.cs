using Fovea.Dictionaries;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Plain;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class IndependentComponentsTests
{
    private const int Sources = 8;

    [Theory]
    [InlineData(8, 0.0)]
    [InlineData(8, 30.0)]
    [InlineData(12, 0.0)]
    public void Independent_sources_are_found(int inputs, double shift)
    {
        var (source, mixing) = Mixed(6000, inputs, Independent, shift);
        using var ica = IndependentComponents.Fit(source, BaselineSamples.Rows(source));
        using var truth = tensor(mixing);
        Assert.True(ica.Converged);
        Assert.Equal(Sources, ica.LatentSize);
        double cosine = DictionarySimilarity.MatchedCosine(truth, ica.Directions);
        Assert.True(cosine > 0.98, $"mean cosine {cosine} after {ica.Iterations} iterations");
        Assert.InRange(BaselineSamples.Fvu(ica, source), 0, 1e-8);
    }

    [Fact]
    public void Principal_components_do_not_find_them()
    {
        var (source, mixing) = Mixed(2000, 8, Independent);
        using var pca = PrincipalComponents.Fit(source, BaselineSamples.Rows(source));
        using var truth = tensor(mixing);
        Assert.InRange(DictionarySimilarity.MatchedCosine(truth, pca.Directions), 0.2, 0.9);
    }

    [Fact]
    public void Sources_that_are_mostly_off_come_out_positive()
    {
        var (source, mixing) = Mixed(6000, 8, (random, _) => random.NextDouble() < 0.05 ? random.NextDouble(0.5, 1.5) : 0);
        using var ica = IndependentComponents.Fit(source, BaselineSamples.Rows(source));
        using var truth = tensor(mixing);
        Assert.InRange(DictionarySimilarity.MatchedCosine(truth, ica.Directions, signed: true), 0.98, 1);
    }

    [Fact]
    public void Directions_have_length_1_and_fall_in_variance()
    {
        var (source, _) = Mixed(2000, 8, Independent);
        using var ica = IndependentComponents.Fit(source, BaselineSamples.Rows(source));
        using var scope = NewDisposeScope();
        Assert.All(ica.Directions.norm(1).data<float>().ToArray(), length => Assert.Equal(1, length, 5));
        var spread = ica.EncodeDense(BaselineSamples.Read(source)).square().mean([0L]).data<float>().ToArray();
        Assert.Equal(spread.OrderDescending(), spread);
    }

    [Fact]
    public void Kept_contributions_are_fitted_again()
    {
        var (source, _) = Mixed(500, 8, Independent);
        long[] rows = BaselineSamples.Rows(source);
        using var all = IndependentComponents.Fit(source, rows);
        using var three = IndependentComponents.Fit(source, rows, new BaselineOptions { K = 3 });
        using var scope = NewDisposeScope();
        var x = BaselineSamples.Read(source);
        var codes = all.EncodeDense(x);
        var (_, kept) = codes.abs().topk(3, 1);
        var cut = zeros_like(codes).scatter(1, kept, codes.gather(1, kept));
        double truncated = (x - all.Decode(SparseCodes.FromDense(cut))).square().sum().item<float>();
        double refitted = (x - three.Decode(three.Encode(x))).square().sum().item<float>();
        Assert.Equal(3, BaselineSamples.Measure(three, source).Scores.L0);
        Assert.InRange(refitted, 0, truncated * 0.99);
    }

    [Fact]
    public void Limits_are_stated()
    {
        var (gaussian, _) = Mixed(300, 8, (random, _) => random.NextGaussian());
        using var ica = IndependentComponents.Fit(
            gaussian, BaselineSamples.Rows(gaussian), new BaselineOptions { MaxIterations = 3, Tolerance = 0 });
        Assert.False(ica.Converged);
        Assert.Equal(3, ica.Iterations);
        var (flat, _) = Mixed(300, 12, Independent);
        var error = Assert.Throws<FoveaException>(
            () => IndependentComponents.Fit(flat, BaselineSamples.Rows(flat), new BaselineOptions { LatentSize = 10 }));
        Assert.Contains("vary in 8 only", error.Message);
        var constant = new ArrayVectors([.. Enumerable.Repeat(1f, 12)], 3);
        Assert.Equal(
            FailureKind.Numerical,
                Assert.Throws<FoveaException>(() => IndependentComponents.Fit(constant, BaselineSamples.Rows(constant))).Kind);
    }

    // Laplace, uniform and rarely active sources by turns.
    private static double Independent(CounterRandom random, int source) => (source % 3) switch
    {
        0 => (random.NextDouble() < 0.5 ? -1 : 1) * -Math.Log(1 - random.NextDouble()),
        1 => random.NextDouble(-1.7, 1.7),
        _ => random.NextDouble() < 0.2 ? random.NextDouble(1, 3) : 0,
    };

    private static (ArrayVectors Source, double[,] Mixing) Mixed(
        int rows, int inputs, Func<CounterRandom, int, double> draw, double shift = 0)
    {
        var sources = new double[rows, Sources];
        for (int i = 0; i < rows; i++)
        {
            var random = new CounterRandom(5, "sources", i);
            for (int j = 0; j < Sources; j++) sources[i, j] = draw(random, j);
        }
        var mixing = BaselineSamples.Matrix(Sources, inputs, "mixing", random => random.NextGaussian());
        return (BaselineSamples.Source(BaselineSamples.Product(sources, mixing), shift), mixing);
    }
}
