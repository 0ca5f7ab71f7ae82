using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation;

public sealed class ImageComparisonTests
{
    private static readonly Preprocessing Input = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);

    [Fact]
    public void Units_are_ranked_by_the_sum_of_absolute_activations()
    {
        using var network = Make();
        using var source = new NoisePictures(1);
        network.Eval();
        var ranking = ImageComparison.Rank(network.With(Input), [UnitGroup.Neurons("block2")], source.Read(0), top: 3, least: 2)[0];
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var taps = new Probe("block2");
        var pixels = new float[3 * 32 * 32];
        Input.Apply(source.Read(0), 0, pixels);
        float[] sums = network.Forward(tensor(pixels, [1, 3, 32, 32]), taps)["block2"].abs().sum([0, 2, 3]).data<float>().ToArray();
        int[] order = [.. Enumerable.Range(0, sums.Length).OrderByDescending(unit => sums[unit])];
        Assert.Equal(order[..3], ranking.Top.Select(unit => unit.Unit));
        Assert.Equal(sums[order[0]], ranking.Top[0].Magnitude, 1e-2);
        Assert.Equal(sums.Min(), ranking.Least[0].Magnitude, 1e-3);
        Assert.Equal(sums.Length, ranking.Units);
    }

    [Fact]
    public void Among_silent_latents_a_seeded_draw_decides_and_only_eligible_ones_take_part()
    {
        var group = UnitGroup.Neurons("layer");
        double[] magnitudes = [5, 0, 0, 0, 3, 0, 0, 5, 0, 0];
        var first = ImageComparison.Rank(group, magnitudes, 2, 3, seed: 1, _ => true);
        Assert.Equal([0, 7], first.Top.Select(unit => unit.Unit));
        Assert.Equal(3, first.Active);
        Assert.All(first.Least, unit => Assert.Equal(0, unit.Magnitude));
        Assert.Equal(first.Least, ImageComparison.Rank(group, magnitudes, 2, 3, seed: 1, _ => true).Least);
        Assert.Contains(
            Enumerable.Range(2, 20),
                seed => !first.Least.SequenceEqual(ImageComparison.Rank(group, magnitudes, 2, 3, (ulong)seed, _ => true).Least));
        Assert.Equal(
            [9, 4, 7], ImageComparison.Rank(group, magnitudes, 2, 3, seed: 1, unit => unit is 4 or 7 or 9).Least.Select(unit => unit.Unit));
    }

    private static ImageModel Make()
    {
        ImageModel network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        return network;
    }
}
