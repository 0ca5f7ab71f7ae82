using Fovea.Dictionaries.Sparse;
using Fovea.Interventions;
using Fovea.Interventions.Effects;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Tests.Interpretation;
using Xunit;

namespace Fovea.Tests.Interventions.Effects;

/// <summary>What derivatives predict of effects, where the truth is known.</summary>
[Collection(TensorCounts.Name)]
public sealed class EffectPredictionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-predicted-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("resnet18", "layer4")]
    [InlineData("small_cnn", "avgpool")]
    public void Before_a_pooled_head_they_are_exact(string network, string layer)
    {
        using ImageModel model = EffectNetworks.Make(network, _root);
        using var source = new NoisePictures(EffectNetworks.Images);
        using var topk = new TopKAutoencoder(model.Layers.First(one => one.Name == layer).Shape[0], 20, 4);
        topk.Initialize(2);
        foreach (EffectUnits units in (EffectUnits[])[EffectUnits.Neurons(layer), EffectUnits.Latents(layer, topk, DictionaryError.Dropped)])
        {
            var results = EffectEvaluator.Evaluate(model, units, UnitOperation.Zero, source, each: one =>
            {
                Assert.Equal(one.LogitChange, one.Gradient, 2e-5);
                Assert.Equal(one.LogitChange, one.Integrated, 2e-5);
            });
            Assert.Contains(results, one => Math.Abs(one.Logit.Mean) > 0.01);
            EffectResult large = results.MaxBy(one => Math.Abs(one.Logit.Mean))!;
            Assert.InRange(large.Gradient!.Error, 0, 1e-3);
            Assert.Equal(large.Logit.Mean, large.Gradient.Mean, 1e-5);
        }
    }

    [Theory]
    [InlineData("resnet18", "layer3")]
    [InlineData("mobilenet_v2", "features.10")]
    [InlineData("pt2", "bn")]
    public void The_derivative_is_that_of_a_small_step(string network, string layer)
    {
        using ImageModel model = EffectNetworks.Make(network, _root, network == "pt2" ? null : GradientFlow.Modified);
        using var source = new NoisePictures(EffectNetworks.Images);
        const double Step = 0.01;
        List<(double Measured, double Predicted)> pairs = [];
        EffectEvaluator.Evaluate(model, EffectUnits.Neurons(layer), UnitOperation.Scale(1 - Step), source,
            new EffectOptions { Sets = [[0, 1, 2, 3], [4]], IntegrationSteps = 0 }, one =>
            {
                Assert.True(double.IsNaN(one.Integrated));
                pairs.Add((one.LogitChange, one.Gradient));
            });
        double size = pairs.Max(pair => Math.Abs(pair.Measured));
        Assert.True(size > 1e-4);
        Assert.All(pairs, pair => Assert.True(Math.Abs(pair.Measured - pair.Predicted) < 0.08 * size, $"{pair}"));
    }

    [Theory]
    [InlineData("resnet18", "layer3")]
    [InlineData("pt2", "bn")]
    public void Integrated_gradients_of_all_units_sum_to_what_taking_them_all_away_does(string network, string layer)
    {
        using ImageModel model = EffectNetworks.Make(network, _root, network == "pt2" ? null : GradientFlow.Modified);
        using var source = new NoisePictures(EffectNetworks.Images);
        double Worst(int steps)
        {
            double worst = 0, size = 0;
            EffectEvaluator.Evaluate(model, EffectUnits.Neurons(layer), UnitOperation.Zero, source,
                new EffectOptions { Sets = [[.. Enumerable.Range(0, model.Layers.First(one => one.Name == layer).Shape[0])]], IntegrationSteps = steps },
                one => (worst, size) = (Math.Max(worst, Math.Abs(one.Integrated - one.LogitChange)), Math.Max(size, Math.Abs(one.LogitChange))));
            Assert.True(size > 0.1);
            return worst / size;
        }
        Assert.InRange(Worst(200), 0, 0.02);
    }

    [Fact]
    public void Without_predictions_there_are_none()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", _root);
        using var source = new NoisePictures(3);
        var results = EffectEvaluator.Evaluate(
            model, EffectUnits.Neurons("block2"), UnitOperation.Zero, source, new EffectOptions { Predict = false, Sets = [[1]] },
            one => Assert.True(double.IsNaN(one.Gradient) && double.IsNaN(one.Integrated)));
        Assert.Null(results[0].Gradient);
        Assert.Null(results[0].Integrated);
    }
}
