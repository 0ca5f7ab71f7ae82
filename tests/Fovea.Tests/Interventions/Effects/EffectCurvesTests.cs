using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Interventions.Effects;
using Fovea.Models;
using Fovea.Tests.Interpretation;
using Xunit;

namespace Fovea.Tests.Interventions.Effects;

/// <summary>Curves of keeping and taking away, where their ends and slopes are known.</summary>
[Collection(TensorCounts.Name)]
public sealed class EffectCurvesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-curves-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("small_cnn", "block4")]
    [InlineData("resnet18", "layer3")]
    public void Their_ends_are_the_network_and_nothing(string network, string layer)
    {
        using ImageModel model = EffectNetworks.Make(network, _root);
        using var source = new NoisePictures(60);
        int channels = model.Layers.First(one => one.Name == layer).Shape[0];
        using var basis = new NeuronBasis(channels);
        using var topk = new TopKAutoencoder(channels, 20, 4);
        topk.Initialize(2);
        CurvesDocument document = EffectCurves.Measure(
            model, layer, [new("neurons", null), new("basis", basis, IsBaseline: true), new("topk", topk)], source,
            options: new CurveOptions { Classes = 3, Images = 36, IntegrationSteps = 2 });
        Assert.Equal((3, 18, 18), (document.Classes.Count, document.RankedOn, document.Images));
        Assert.Equal(["neurons", "basis", "topk"], document.Curves.Select(curve => curve.Name));
        UnitCurve neurons = document.Curves[0];
        Assert.Equal([0, 1, 2, 4, 8, 16, 20], document.Curves[2].Points.Select(point => point.Count));
        Assert.Equal(channels, neurons.Points[^1].Count);
        foreach (UnitCurve curve in document.Curves)
        {
            CurvePoint none = curve.Points[0], all = curve.Points[^1];
            // Nothing is taken away: the network itself.
            Close(document.Probability.Mean, none.RemovedProbability.Mean);
            Close(document.Accuracy.Mean, none.RemovedAccuracy.Mean);
            Close(0, none.Necessity);
            Assert.All(curve.Points, point =>
            {
                Assert.InRange(point.KeptProbability.Mean, point.KeptProbability.Lower - 1e-6, point.KeptProbability.Upper + 1e-6);
                Close(point.KeptProbability.Mean / document.Probability.Mean, point.Sufficiency);
                Close(1 - point.RemovedProbability.Mean / document.Probability.Mean, point.Necessity);
            });
            if (curve.Name == "topk") continue;
            // All neurons are the layer.
            Close(document.Probability.Mean, all.KeptProbability.Mean);
            Close(1, all.Sufficiency);
        }
        // Zeros in the layer's place, kept or left.
        Close(neurons.Points[0].KeptProbability.Mean, neurons.Points[^1].RemovedProbability.Mean);
        // The basis of neurons is the neurons.
        Assert.Equal(neurons.KeptArea, document.Curves[1].KeptArea, 1e-5);
        Assert.Equal(neurons.RemovedArea, document.Curves[1].RemovedArea, 1e-5);
    }

    [Fact]
    public void Before_a_pooled_head_each_first_unit_takes_the_most_from_the_logit()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", _root);
        using var source = new NoisePictures(40);
        int[] images = [.. Enumerable.Range(0, 40).Where(i => i % 5 == 1)];
        EffectUnits units = EffectUnits.Neurons("block4");
        double[] mean = UnitAttributions.Of(
            model, units, source, new EffectOptions { Images = images, IntegrationSteps = 0 }, TestContext.Current.CancellationToken).Mean;
        var alone = EffectEvaluator.Evaluate(model, units, Fovea.Models.Edits.UnitOperation.Zero, source, new EffectOptions { Images = images });
        for (int unit = 0; unit < mean.Length; unit++) Assert.Equal(-alone[unit].Logit.Mean, mean[unit], 1e-5);
    }

    [Theory]
    [InlineData(new double[] { 0, 1, 1, 1 }, 1 - 0.5 / 3)]
    [InlineData(new double[] { 0, 0, 0, 0 }, 0)]
    [InlineData(new double[] { 1, 1, 1, 1 }, 1)]
    [InlineData(new double[] { 0, 1, 2, 3 }, 1.5)]
    public void Areas_are_over_the_logarithm(double[] values, double expected) =>
        Assert.Equal(expected, EffectCurves.Area([0, 1, 3, 7], values), 1e-12);

    [Fact]
    public void Images_to_rank_on_are_not_judged_and_damage_is_of_other_classes()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", _root);
        using var source = new NoisePictures(60);
        var drawn = CurveImages.Draw(
            model, source, [.. Enumerable.Range(0, 60)], new CurveOptions { Classes = 4, Images = 32 }, TestContext.Current.CancellationToken);
        Assert.Equal(4, drawn.Count);
        foreach (CurveImages one in drawn)
        {
            Assert.Equal((4, 4, 4), (one.Ranked.Count, one.Judged.Count, one.Others.Count));
            Assert.Empty(one.Ranked.Intersect(one.Judged));
            Assert.All(one.Ranked.Concat(one.Judged), image => Assert.Equal(one.Class, source.Label(image)));
            Assert.All(one.Others, image => Assert.NotEqual(one.Class, source.Label(image)));
        }
        using var single = new NoisePictures(6);
        Assert.False(EffectCurves.HasImages(model, single, [0, 5]));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(
            () => EffectCurves.Measure(model, "block3", [new("neurons", null)], single, [0, 5])).Kind);
    }

    [Fact]
    public void Where_no_class_has_four_images_each_is_ranked_and_judged_by_itself()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", _root);
        using var source = new NoisePictures(13);
        int[] images = [.. Enumerable.Range(0, 13)];
        var drawn = CurveImages.Draw(model, source, images, new CurveOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(images, drawn.Select(one => Assert.Single(one.Judged)));
        Assert.All(drawn, one => Assert.Equal(one.Judged, one.Ranked));
        Assert.All(drawn, one => Assert.NotEqual(one.Class, source.Label(Assert.Single(one.Others))));
        CurvesDocument document = EffectCurves.Measure(model, "block4", [new("neurons", null)], source);
        Assert.True(document.OfImages);
        Assert.Equal((5, 13, 13), (document.Classes.Count, document.RankedOn, document.Images));
        UnitCurve neurons = document.Curves[0];
        Close(document.Probability.Mean, neurons.Points[^1].KeptProbability.Mean);
        // Before a pooled head what is ranked by is exact: an image's first unit is the one whose absence takes most from its class.
        var lost = new Dictionary<int, (double Logit, double Probability)>();
        EffectEvaluator.Evaluate(
            model, EffectUnits.Neurons("block4"), Fovea.Models.Edits.UnitOperation.Zero, source, new EffectOptions { Predict = false },
            one => lost[one.Image] = !lost.TryGetValue(one.Image, out var most) || one.LogitChange < most.Logit
                ? (one.LogitChange, one.ProbabilityChange) : most);
        Close(document.Probability.Mean + lost.Values.Average(one => one.Probability), neurons.Points[1].RemovedProbability.Mean);
    }

    private static void Close(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) < 2e-5, $"{expected} expected, {actual} found.");
}
