using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Interpretation.Scores;

/// <summary>Pairs that differ in one factor alone, and a score whose ends and middle are known.</summary>
public sealed class AttributePairsTests
{
    private static readonly string[] Factors = ["a", "b", "c"];

    public static TheoryData<string> All => [.. ShapesWorldPairs.Factors];

    [Theory, MemberData(nameof(All))]
    public void Two_images_differ_in_their_factor_and_in_nothing_else(string factor)
    {
        for (int i = 0; i < 60; i++)
        {
            var (first, second) = ShapesWorldPairs.Scenes(factor, i, 3);
            SceneObject one = first.Object, other = second.Object;
            Scene same = second with { Object = one, Background = first.Background, Label = first.Label };
            Assert.Equal(first, same);
            bool ofObject = factor is not ("background" or "background-colour");
            Assert.Equal(ofObject, first.Background == second.Background);
            Assert.Equal(!ofObject, one == other);
            Assert.Equal(factor != "shape", one.Shape == other.Shape);
            Assert.Equal(factor != "texture", one.Surface.Pattern.Texture == other.Surface.Pattern.Texture);
            Assert.Equal(factor != "colour", one.Surface.Body.Colour == other.Surface.Body.Colour);
            Assert.Equal(factor != "size", one.Size == other.Size);
            Assert.Equal(factor != "rotation", one.Rotation == other.Rotation);
            Assert.Equal(factor != "background", first.Background.Pattern.Texture == second.Background.Pattern.Texture);
            Assert.Equal(factor != "background-colour", first.Background.Body.Colour == second.Background.Body.Colour);
            Assert.Equal((one.X, one.Y, one.Rim, one.Surface.Ink), (other.X, other.Y, other.Rim, other.Surface.Ink));
            var (a, b) = ShapesWorldPairs.Render(factor, i, 3);
            Assert.NotEqual(a.Pixels, b.Pixels);
            if (ofObject)
            {
                // Corners beyond the object and its shadow are the same to the last bit of noise.
                Assert.Equal(Corner(a), Corner(b));
            }
        }
        Assert.Contains("Did you mean 'shape'?", Assert.Throws<FoveaException>(() => ShapesWorldPairs.Render("shap", 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Units_that_answer_to_one_factor_each_score_1_and_units_that_do_not_tell_score_0()
    {
        var random = new CounterRandom(1, "pairs", 0);
        var perfect = Changes((f, u) => u % 3 == f ? (float)(1 + random.NextDouble()) : 0, 9);
        AttributeSelectivity score = AttributeSelectivity.Of("d", Factors, perfect);
        Assert.Equal((1.0, 1.0, 1.0), (score.Score, score.Lower, score.Upper));
        Assert.All(score.Factors, one => Assert.Equal((3, 1.0, 0.0), (one.Units, one.Own, one.Others)));
        Assert.Equal(new IntervalEstimate(1, 1, 1), score.Told);
        // Each factor is spread over three units.
        Assert.Equal(1 / 3.0, score.Single.Value, 0.03);
        // However many: what a unit takes on one half says nothing of the other half.
        foreach (int units in (int[])[8, 64, 1024])
        {
            AttributeSelectivity none = AttributeSelectivity.Of("d", Factors, Changes((_, _) => (float)random.NextDouble(), units));
            Assert.InRange(none.Score, -0.03, 0.03);
            Assert.InRange(0, none.Lower - 0.02, none.Upper + 0.02);
            // One unit is chosen of so many, and judged on other pairs.
            Assert.InRange(none.Told.Value, -0.12, 0.12);
            Assert.InRange(0, none.Told.Lower - 0.05, none.Told.Upper + 0.05);
            Assert.InRange(none.Single.Value, -0.02, 0.02);
        }
    }

    [Fact]
    public void Between_them_it_is_the_share_that_is_not_mixed()
    {
        // A third of each pair's change lies in the factor's own unit beyond the common part.
        AttributeSelectivity score = AttributeSelectivity.Of("d", Factors, Changes((f, u) => f == u ? 2 : 1, 3));
        Assert.Equal(2 / 4.0 - 1 / 4.0, score.Score, 1e-12);
        Assert.Equal(1 / 4.0, score.Single.Value, 1e-6);
        Assert.Equal(1, score.Told.Value);
    }

    [Fact]
    public void A_unit_that_moves_with_everything_tells_nothing_and_copies_are_worth_nothing()
    {
        var random = new CounterRandom(2, "pairs", 0);
        // Pairs differ in strength by a factor of ten; all units move alike.
        double none = AttributeSelectivity.Of("d", Factors, Changes((f, _) => (f + 1) * 10, 6)).Told.Value;
        Assert.Equal(0, none);
        // The chance that a unit's own factor moves it further, by counting all pairs of pairs.
        float[][][] noisy = Changes((f, u) => (float)((f == u ? 0.5 : 0) + random.NextDouble()), 3);
        AttributeSelectivity told = AttributeSelectivity.Of("d", Factors, noisy);
        double[][][] shares = [.. noisy.Select(pairs => pairs.Where((_, i) => i % 2 == 1).Select(pair => pair.Select(one => one / (double)pair.Sum()).ToArray()).ToArray())];
        double counted = Enumerable.Range(0, 3).Average(f => Enumerable.Range(0, 3).Where(g => g != f).Average(g => shares[f].Average(
            own => shares[g].Average(other => own[f] > other[f] ? 1 : own[f] < other[f] ? -1.0 : 0))));
        Assert.Equal(counted, told.Told.Value, 1e-3);
        Assert.InRange(told.Told.Value, 0.3, 0.9);
        // Twice the units, each there twice: the same is told.
        float[][][] twice = [.. noisy.Select(pairs => pairs.Select(pair => (float[])[.. pair, .. pair]).ToArray())];
        AttributeSelectivity doubled = AttributeSelectivity.Of("d", Factors, twice);
        Assert.Equal(told.Told.Value, doubled.Told.Value, 1e-6);
        Assert.Equal(told.Single.Value / 2, doubled.Single.Value, 1e-6);
    }

    [Fact]
    public void Silent_units_take_no_part_and_all_silent_score_0()
    {
        AttributeSelectivity score = AttributeSelectivity.Of("d", Factors, Changes((f, u) => u % 6 == f ? 1 : 0, 12));
        Assert.Equal(1, score.Score);
        Assert.Equal(6, score.Factors.Sum(one => one.Units));
        Assert.Equal(0, AttributeSelectivity.Of("d", Factors, Changes((_, _) => 0, 4)).Score);
        Assert.Throws<ArgumentException>(() => AttributeSelectivity.Of("d", ["a"], [[[1f], [1f], [1f], [1f]]]));
    }

    [Fact]
    public void A_network_s_units_are_measured_together_and_the_same_alone()
    {
        using var network = ImageModel.Create("small_cnn", 24, GradientFlow.Standard, Preprocessing.ImageNet(null, 64), seed: 2);
        using var dictionary = new TopKAutoencoder(128, 64, 4);
        dictionary.Initialize(3);
        UnitGroup[] groups = [UnitGroup.Neurons("block4"), UnitGroup.Latents("block4", "d", dictionary)];
        var both = AttributePairs.Measure(network, groups, pairs: 6, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([("neurons", 128), ("d", 64)], both.Select(one => (one.Name, one.Units)));
        AttributeSelectivity alone = AttributePairs.Measure(network, groups[1..], pairs: 6, cancellation: TestContext.Current.CancellationToken)[0];
        Assert.Equal(both[1].Score, alone.Score);
        Assert.Equal(both[1].Factors, alone.Factors);
    }

    private static float[][][] Changes(Func<int, int, float> change, int units) =>
        [.. Enumerable.Range(0, 3).Select(f => Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, units).Select(u => change(f, u)).ToArray()).ToArray())];

    private static byte[] Corner(RgbImage image) => [.. Enumerable.Range(0, 3).SelectMany(y => image.Pixels.AsSpan(3 * 64 * y, 6).ToArray())];
}
