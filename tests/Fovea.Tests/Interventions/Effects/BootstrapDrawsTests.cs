using Fovea.Interpretation;
using Fovea.Interventions.Effects;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Interventions.Effects;

/// <summary>Samples that are drawn while images come.</summary>
public sealed class BootstrapDrawsTests
{
    [Fact]
    public void They_are_Poisson_numbers_by_seed_and_image()
    {
        var draws = new BootstrapDraws(3);
        draws.Begin([.. Enumerable.Range(0, 500)]);
        float[] all = [.. Enumerable.Range(0, 500).SelectMany(i => draws.Of(i).ToArray())];
        Assert.Equal(1, all.Average(), 0.01);
        Assert.Equal(1, all.Average(value => (value - 1) * (value - 1)), 0.02);
        Assert.Equal(Math.Exp(-1), all.Count(value => value == 0) / (double)all.Length, 0.005);
        float[] seventh = draws.Of(7).ToArray();
        draws.Begin([99, 7]);
        Assert.Equal(seventh, draws.Of(1).ToArray());
        var other = new BootstrapDraws(4);
        other.Begin([7]);
        Assert.NotEqual(seventh, other.Of(0).ToArray());
    }

    [Fact]
    public void Their_interval_is_that_of_the_spread()
    {
        const int Images = 800;
        var draws = new BootstrapDraws(3);
        var random = new CounterRandom(1, "spread", 0);
        var sums = new EffectSums();
        List<double> values = [];
        for (int image = 0; image < Images; image++)
        {
            draws.Begin([image]);
            double value = random.NextGaussian() + 0.3;
            values.Add(value);
            sums.Add(new EffectOutcome(0, image, 0, new ImageScore(0, 1), new ImageScore(0, 1), value, 2 * value + 1, -value, false), draws.Of(0));
        }
        EffectResult result = sums.Result([0]);
        PairedDifference expected = PairedDifference.Of(values);
        Assert.Equal(expected.Mean, result.Logit.Mean, 1e-9);
        // 400 samples tell an end to a tenth of the width.
        Assert.Equal(expected.Lower, result.Logit.Lower, 0.02);
        Assert.Equal(expected.Upper, result.Logit.Upper, 0.02);
        Assert.Equal(1, result.Gradient!.Correlation, 1e-9);
        Assert.Equal(-1, result.Integrated!.Correlation, 1e-9);
        Assert.Equal(2, result.Integrated.Error, 1e-9);
        Assert.Equal(0, result.Probability.Upper);
    }
}
