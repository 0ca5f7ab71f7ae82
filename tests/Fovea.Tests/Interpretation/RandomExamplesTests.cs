using Fovea.Interpretation;
using Xunit;

namespace Fovea.Tests.Interpretation;

public sealed class RandomExamplesTests
{
    /// <summary>
    /// Units that all fire alike, each with a stream of its own: over them the random examples are uniform over all images that activate
    /// the unit, the strongest and those that bands show included, and fall on what the bands show no more often than any other image.
    /// </summary>
    [Theory]
    [InlineData(60, 4000)]
    [InlineData(700, 2000)]
    public void They_are_uniform_over_all_images_that_activate_the_unit(int active, int units)
    {
        const int Others = 3;
        var accumulator = new UnitAccumulator(units, latents: true, 1, 1, new TopExamplesOptions { Seed = 5, Others = Others });
        var values = new float[units];
        for (int image = 0; image < active + 40; image++)
        {
            // 40 images leave the units off.
            Array.Fill(values, image < active ? image + 1 : 0);
            accumulator.Add(values, [image]);
        }
        var statistics = accumulator.Finish(UnitGroup.Neurons("layer"));
        var seen = new int[active + 40];
        int shared = 0, shown = 0;
        foreach (var unit in statistics.Units)
        {
            int[] random = [.. unit.Others.Single(set => set.Kind == ExampleKinds.Random).Examples.Select(example => example.Image)];
            Assert.Equal(Others, random.Distinct().Count());
            foreach (int image in random) seen[image]++;
            HashSet<int> bands =
                [.. unit.Others.Where(set => set.Kind != ExampleKinds.Random).SelectMany(set => set.Examples)
                    .Select(example => example.Image)];
            shown += bands.Count;
            shared += random.Count(bands.Contains);
        }
        Assert.All(seen[active..], times => Assert.Equal(0, times));
        double expected = (double)units * Others / active, squares = seen[..active].Sum(
            times => (times - expected) * (times - expected) / expected);
        Assert.InRange(squares, active - 5 * Math.Sqrt(2.0 * active), active + 5 * Math.Sqrt(2.0 * active));
        double chance = (double)shown / units / active;
        Assert.InRange(shared / (double)(units * Others), chance * 0.8 - 0.005, chance * 1.2 + 0.005);
    }
}
