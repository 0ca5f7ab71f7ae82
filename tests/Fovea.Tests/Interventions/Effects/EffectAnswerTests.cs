using Fovea.Dictionaries.Sparse;
using Fovea.Interventions.Effects;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Tests.Interpretation;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Effects;

/// <summary>Effects on the answer of networks without classes: how much of it is left.</summary>
[Collection(TensorCounts.Name)]
public sealed class EffectAnswerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-answers-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("resnet18", "layer3")]
    [InlineData("resnet18", "layer4")]
    [InlineData("pt2", "relu")]
    public void What_is_left_is_what_a_slow_loop_over_whole_passes_finds(string network, string layer)
    {
        using ImageModel model = EffectNetworks.Make(network, _root);
        using var source = new NoisePictures(EffectNetworks.Images);
        int[] units = [0, 2, 5];
        using Tensor own = EffectNetworks.Hooked(model, source, layer, value => value);
        var outcomes = new Dictionary<(int, int), EffectOutcome>();
        var results = EffectEvaluator.Evaluate(
            model, EffectUnits.Neurons(layer), UnitOperation.Zero, source,
            new EffectOptions { Sets = [.. units.Select(unit => (int[])[unit])], OfAnswer = true, BatchSize = EffectNetworks.BatchSize },
            one => outcomes[(one.Set, one.Image)] = one);
        bool exact = EffectStudy.IsExact(model, layer);
        for (int i = 0; i < units.Length; i++)
        {
            int unit = units[i];
            using Tensor changed = EffectNetworks.Hooked(model, source, layer, value =>
            {
                Tensor copy = value.clone();
                copy.narrow(1, unit, 1).zero_();
                return copy;
            });
            double sum = 0;
            for (int image = 0; image < source.Count; image++)
            {
                double[] before = Numbers(own[image]), after = Numbers(changed[image]);
                double left = before.Zip(after, (a, b) => a * b).Sum() / before.Sum(a => a * a);
                EffectOutcome one = outcomes[(i, image)];
                Assert.Equal(left - 1, one.LogitChange, 1e-5);
                Assert.True(one.Silent || double.IsNaN(one.ProbabilityChange));
                if (exact) Assert.Equal(one.LogitChange, one.Gradient, 1e-5);
                sum += left - 1;
            }
            Assert.Equal(sum / source.Count, results[i].Logit.Mean, 1e-5);
        }
    }

    [Fact]
    public void All_neurons_before_a_pooled_head_without_bias_leave_nothing()
    {
        using ImageModel model = EffectNetworks.Make("resnet18", _root);
        using (var quiet = no_grad()) model.State[model.Graph.Producer(model.Graph.Output)!.Inputs[2]].zero_();
        using var source = new NoisePictures(EffectNetworks.Images);
        int channels = model.Layers.First(one => one.Name == "layer4").Shape[0];
        EffectResult result = Assert.Single(EffectEvaluator.Evaluate(
            model, EffectUnits.Neurons("layer4"), UnitOperation.Zero, source,
            new EffectOptions { Sets = [[.. Enumerable.Range(0, channels)]], OfAnswer = true }));
        Assert.Equal(-1, result.Logit.Mean, 1e-5);
        Assert.Equal(-1, result.Integrated!.Mean, 1e-4);
    }

    [Fact]
    public void A_study_has_no_probability_and_says_whose_number_it_is()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", _root);
        using var source = new NoisePictures(20);
        int channels = model.Layers.First(one => one.Name == "block3").Shape[0];
        using var topk = new TopKAutoencoder(channels, 20, 4);
        topk.Initialize(2);
        var (document, rows) = EffectStudy.Measure(
            model, "block3", "topk", topk, source, new EffectStudyOptions { Units = 6, IntegrationSteps = 2, OfAnswer = true });
        Assert.True(document.OfAnswer);
        Assert.Equal(12, rows.Count);
        Assert.All(rows, row => Assert.True(row is { Probability: null, Accuracy: null, AccuracyLower: null }));
        Assert.Contains(rows, row => row.Logit != 0);
        // The direction of an answer is lost, not its size alone: one class's number moves most.
        Assert.All(rows.Where(row => row.Active > 0), row => Assert.InRange(row.TopClass!.Value, 0, model.Outputs - 1));
    }

    private static double[] Numbers(Tensor values) => [.. values.to(float64).contiguous().data<double>()];
}
