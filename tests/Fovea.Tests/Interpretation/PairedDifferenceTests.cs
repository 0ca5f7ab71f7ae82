using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Interpretation;

public sealed class PairedDifferenceTests
{
    [Fact]
    public void The_interval_is_that_of_the_mean_of_the_differences()
    {
        // Mean 0.5, s² = (0.25 + 0.25 + 2.25 + 2.25) / 3 = 5/3, standard error √(5/12).
        var difference = PairedDifference.Of([1, 0, -1, 2]);
        Assert.Equal(0.5, difference.Mean, 12);
        Assert.Equal(0.5 - 1.959963984540054 * Math.Sqrt(5.0 / 12), difference.Lower, 12);
        Assert.Equal(0.5 + 1.959963984540054 * Math.Sqrt(5.0 / 12), difference.Upper, 12);
        Assert.Equal(new PairedDifference(0, 0, 0), PairedDifference.Of(new double[9]));
        Assert.True(double.IsNaN(PairedDifference.Of([1]).Lower));
        Assert.Throws<ArgumentException>(() => PairedDifference.Of([]));
    }

    [Fact]
    public void It_agrees_with_a_bootstrap_over_images()
    {
        var random = new CounterRandom(3, "differences", 0);
        double[] differences =
            [.. Enumerable.Range(0, 1500)
                .Select(_ => random.NextInt(10) switch { 0 => 1.0, 1 or 2 when random.NextInt(4) == 0 => -1, _ => 0 })];
        double[] means = [.. Enumerable.Range(0, 4000).Select(sample =>
        {
            var draw = new CounterRandom(3, "bootstrap", sample);
            return Enumerable.Range(0, differences.Length).Sum(_ => differences[draw.NextInt(differences.Length)]) / differences.Length;
        }).Order()];
        var interval = PairedDifference.Of(differences);
        double tolerance = 0.1 * (interval.Upper - interval.Lower);
        Assert.Equal(means[100], interval.Lower, tolerance);
        Assert.Equal(means[3899], interval.Upper, tolerance);
    }
}
