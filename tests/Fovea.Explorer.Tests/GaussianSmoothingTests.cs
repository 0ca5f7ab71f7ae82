using Fovea.Explorer.Figures;
using Xunit;

namespace Fovea.Explorer.Tests;

public sealed class GaussianSmoothingTests
{
    [Fact]
    public void A_spike_becomes_the_window()
    {
        var spike = Enumerable.Range(0, 41).Select(i => ((double)i, i == 20 ? 1.0 : 0)).ToArray();
        var smooth = GaussianSmoothing.Of(spike, 2);
        // Of the density of a normal distribution, but for its tails beyond four deviations.
        for (int i = 12; i <= 28; i++) Assert.Equal(Math.Exp(-(i - 20) * (i - 20) / 8.0) / (2 * Math.Sqrt(2 * Math.PI)), smooth[i].Y, 1e-4);
        Assert.Equal(1, smooth.Sum(point => point.Y), 1e-9);
        Assert.Equal(spike.Select(point => point.Item1), smooth.Select(point => point.X));
    }

    [Fact]
    public void A_constant_stays_up_to_the_ends_and_no_window_changes_nothing()
    {
        var flat = Enumerable.Range(0, 9).Select(i => ((double)i, 3.5)).ToArray();
        Assert.All(GaussianSmoothing.Of(flat, 1.5), point => Assert.Equal(3.5, point.Y, 1e-12));
        var curve = new[] { (0.0, 1.0), (1, 5), (2, 2) };
        Assert.Equal(curve, GaussianSmoothing.Of(curve, 0));
    }
}
