using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Interventions;
using Fovea.Interventions.Effects;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Interpretation;
using Fovea.Training;
using Xunit;
using static Fovea.Tests.FastPathRuns;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Effects;

/// <summary>Effects of many changes against whole passes with a hook, one change at a time.</summary>
[Collection(TensorCounts.Name)]
public sealed class EffectEvaluatorTests : IDisposable
{
    private const double Near = 1e-5;
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-effects-").FullName;

    public static TheoryData<string, string> Layers => new()
    {
        { "resnet18", "layer4" }, { "resnet18", "layer3" }, { "resnet18", "layer2.0.conv1" }, { "resnet18", "avgpool" },
        { "mobilenet_v2", "features.18" }, { "mobilenet_v2", "features.3.conv.0" },
        { "small_cnn", "block3" }, { "pt2", "relu" }, { "pt2", "bn" },
    };

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [MemberData(nameof(Layers))]
    public void Each_unit_alone_does_what_a_whole_pass_with_a_hook_does(string network, string layer)
    {
        using ImageModel model = EffectNetworks.Make(network, _root, network == "pt2" ? null : GradientFlow.Modified);
        using var source = new NoisePictures(EffectNetworks.Images);
        int channels = model.Layers.First(one => one.Name == layer).Shape[0];
        using var topk = new TopKAutoencoder(channels, 12, 3);
        topk.Initialize(2);
        using var scaled = Samples.Create("topk", channels, 9, ScalarType.Float32);
        scaled.Normalization = InputNormalization.LayerNorm;
        using var random = new RandomDirections(channels, 6, 3, k: 2);
        float[] first = Direction(channels, 1), second = Direction(channels, 2);
        (EffectUnits Units, int[] Some)[] kinds =
        [
            (EffectUnits.Neurons(layer), [0, 3, 5]),
            (EffectUnits.Latents(layer, topk, DictionaryError.Kept), [0, 4, 7, 11]),
            (EffectUnits.Latents(layer, topk, DictionaryError.Dropped), [0, 4, 7, 11]),
            (EffectUnits.Latents(layer, scaled, DictionaryError.Kept), [1, 8]),
            (EffectUnits.Latents(layer, scaled, DictionaryError.Dropped), [1, 8]),
            (EffectUnits.Latents(layer, random, DictionaryError.Kept), [2, 5]),
            (EffectUnits.Directions(layer, first, second), [0, 1]),
        ];
        float size = EffectNetworks.Size(model, source, layer);
        int turn = Layers.TakeWhile(row => row.Data.Item2 != layer).Count();
        foreach (var (units, some) in kinds)
        {
            turn++;
            float[] means = [.. Enumerable.Range(0, units.Count(channels)).Select(i => (0.2f * (i % 5) - 0.3f) * size)];
            UnitOperation[] operations = [UnitOperation.Zero, UnitOperation.Scale(-1.5), UnitOperation.Add(0.7 * size), UnitOperation.Mean(means)];
            // Two of them in turn: over the layers each kind of unit has each.
            foreach (UnitOperation operation in (UnitOperation[])[operations[turn % 4], operations[(turn + 1) % 4]])
            {
                var outcomes = Run(model, units, operation, source, [.. some.Select(unit => (int[])[unit])]);
                for (int i = 0; i < some.Length; i++)
                {
                    UnitOperation own = operation is UnitOperation.Replacing ? UnitOperation.Mean(means[some[i]]) : operation;
                    Agree(model, source, layer, units, units.Change(own, some[i]), outcomes[i]);
                }
            }
        }
    }

    [Theory]
    [InlineData("resnet18", "layer4")]
    [InlineData("resnet18", "layer3")]
    [InlineData("pt2", "bn")]
    public void Units_that_are_changed_together_do_what_a_whole_pass_does(string network, string layer)
    {
        using ImageModel model = EffectNetworks.Make(network, _root);
        using var source = new NoisePictures(EffectNetworks.Images);
        int channels = model.Layers.First(one => one.Name == layer).Shape[0];
        using var topk = new TopKAutoencoder(channels, 300, 4);
        topk.Initialize(2);
        // More than one piece's units, one alone, all of them, and none.
        int[][] sets = [[.. Enumerable.Range(0, 280)], [5], [.. Enumerable.Range(0, 300).Where(i => i % 2 == 0)], [.. Enumerable.Range(0, 300)]];
        foreach (DictionaryError error in Enum.GetValues<DictionaryError>())
        {
            EffectUnits units = EffectUnits.Latents(layer, topk, error);
            var outcomes = Run(model, units, UnitOperation.Scale(0.25), source, [.. sets, []]);
            for (int i = 0; i < sets.Length; i++)
                Agree(model, source, layer, units, units.Change(UnitOperation.Scale(0.25), sets[i]), outcomes[i]);
            Assert.All(outcomes[^1], one => Assert.True(one is { Silent: true, LogitChange: 0, ProbabilityChange: 0, Top1Change: 0 }));
        }
        // Codes that no kernel made, in more than one piece.
        using var random = new RandomDirections(channels, 300, 3, k: 4);
        EffectUnits directions = EffectUnits.Latents(layer, random, DictionaryError.Kept);
        var drawn = Run(model, directions, UnitOperation.Zero, source, [[.. Enumerable.Range(0, 200)], [.. Enumerable.Range(100, 200)]]);
        Agree(model, source, layer, directions, directions.Change(UnitOperation.Zero, [.. Enumerable.Range(100, 200)]), drawn[1]);
        EffectUnits neurons = EffectUnits.Neurons(layer);
        int[] half = [.. Enumerable.Range(0, channels / 2)];
        Agree(model, source, layer, neurons, neurons.Change(UnitOperation.Zero, half), Run(model, neurons, UnitOperation.Zero, source, [half])[0]);
    }

    [Fact]
    public void Before_a_pooled_head_no_pass_is_made_for_a_change_and_a_silent_unit_costs_none_anywhere()
    {
        using ImageModel model = EffectNetworks.Make("resnet18", _root);
        model.Engine = EngineChoice.Torch;
        using var source = new NoisePictures(EffectNetworks.Images);
        var options = new EffectOptions { BatchSize = EffectNetworks.BatchSize, PassSize = 8, Predict = false };
        void Evaluate(EffectUnits units) => EffectEvaluator.Evaluate(
            model, units, UnitOperation.Zero, source, options, cancellationToken: TestContext.Current.CancellationToken);
        // Two batches: the pass from the layer on that gives the answers without a change.
        Assert.Equal(2, TimesRun(FastPath.SharedPass, () => Evaluate(EffectUnits.Neurons("layer4"))));
        Assert.Equal(4, TimesRun(FastPath.PooledAblation, () => Evaluate(EffectUnits.Neurons("layer4"))));

        int channels = model.Layers.First(one => one.Name == "layer3").Shape[0];
        using var topk = new TopKAutoencoder(channels, 512, 1);
        topk.Initialize(2);
        EffectUnits latents = EffectUnits.Latents("layer3", topk, DictionaryError.Kept);
        int active = 0, asked = 0;
        long passes = TimesRun(FastPath.SharedPass, () => EffectEvaluator.Evaluate(model, latents, UnitOperation.Zero, source, options, one =>
        {
            asked++;
            if (!one.Silent) active++;
        }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(512 * EffectNetworks.Images, asked);
        // Four positions with one latent each.
        Assert.InRange(active, 1, 4 * EffectNetworks.Images);
        Assert.InRange(passes, 2, 2 + 2 * 2 * Math.Ceiling(active / 8.0));
        Assert.True(TimesRun(FastPath.SilentChange, () => Evaluate(latents)) > 0);
    }

    [Fact]
    public void Results_sum_up_the_outcomes_whatever_the_batches()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", _root);
        using var source = new NoisePictures(40);
        EffectUnits units = EffectUnits.Neurons("block3");
        int[][] sets = [[1], [2, 3], []];
        List<EffectOutcome>[] outcomes = [[], [], []];
        EffectOptions Options(int batch) => new() { Sets = sets, BatchSize = batch, PassSize = batch + 1 };
        var results = EffectEvaluator.Evaluate(
            model, units, UnitOperation.Zero, source, Options(16), one => outcomes[one.Set].Add(one));
        var again = EffectEvaluator.Evaluate(model, units, UnitOperation.Zero, source, Options(7));
        for (int i = 0; i < sets.Length; i++)
        {
            Assert.Equal(40, results[i].Images);
            Assert.Equal(outcomes[i].Count(one => !one.Silent), results[i].Active);
            Assert.Equal(outcomes[i].Average(one => one.LogitChange), results[i].Logit.Mean, 1e-9);
            Assert.Equal(outcomes[i].Average(one => one.ProbabilityChange), results[i].Probability.Mean, 1e-9);
            Assert.Equal(outcomes[i].Average(one => (double)one.Top1Change), results[i].Accuracy.Mean, 1e-9);
            Assert.Equal(outcomes[i].Average(one => one.Original.Top1 ? 1.0 : 0), results[i].Top1, 1e-9);
            Assert.Equal(results[i].Logit.Mean, again[i].Logit.Mean, 1e-5);
            Assert.Equal(results[i].Logit.Lower, again[i].Logit.Lower, 1e-5);
            Assert.InRange(results[i].Logit.Mean, results[i].Logit.Lower, results[i].Logit.Upper);
        }
        Assert.Equal((0.0, 0.0, 0.0), (results[2].Logit.Mean, results[2].Logit.Lower, results[2].Logit.Upper));
        // The mean change of all logits, against whole passes.
        using var scope = NewDisposeScope();
        Tensor plain = EffectNetworks.Hooked(model, source, "block3", output => output);
        Tensor hooked = EffectNetworks.Hooked(
            model, source, "block3", output => units.Change(UnitOperation.Zero, 2, 3).Apply(output));
        float[] expected = [.. (hooked - plain).mean([0L]).data<float>()];
        for (int c = 0; c < 5; c++) Assert.Equal(expected[c], results[1].Logits[c], 1e-5);
    }

    [Fact]
    public void Changes_are_made_on_the_images_that_are_asked_for()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", _root);
        using var source = new NoisePictures(12);
        List<(int, int)> seen = [];
        var results = EffectEvaluator.Evaluate(model, EffectUnits.Neurons("block3"), UnitOperation.Zero, source, new EffectOptions
        {
            Sets = [[1], [2]],
            Images = [1, 2, 3, 8, 9],
            Where = (set, image) => image % 2 == set,
        }, one => seen.Add((one.Set, one.Image)));
        Assert.Equal([(0, 2), (0, 8), (1, 1), (1, 3), (1, 9)], seen.Order());
        Assert.Equal([2, 3], results.Select(result => result.Images));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using ImageModel model = EffectNetworks.Make("small_cnn", _root);
        using var source = new NoisePictures(2);
        using var other = new NeuronBasis(64);
        void Refused(EffectUnits units, UnitOperation operation, EffectOptions? options = null) => Assert.Equal(
            FailureKind.Configuration,
            Assert.Throws<FoveaException>(() => EffectEvaluator.Evaluate(model, units, operation, source, options)).Kind);
        EffectUnits neurons = EffectUnits.Neurons("block3");
        Refused(EffectUnits.Neurons("block9"), UnitOperation.Zero);
        Refused(neurons, UnitOperation.Resample);
        Refused(neurons, UnitOperation.Mean(1, 2));
        Refused(neurons, UnitOperation.Zero, new EffectOptions { Sets = [[128]] });
        Refused(neurons, UnitOperation.Zero, new EffectOptions { Sets = [[-1]] });
        Refused(neurons, UnitOperation.Zero, new EffectOptions { Sets = [[1, 1]] });
        Refused(EffectUnits.Latents("block3", other, DictionaryError.Kept), UnitOperation.Zero);
        Refused(EffectUnits.Directions("block3", [1f, 2f]), UnitOperation.Zero);
        Assert.Throws<FoveaException>(() => EffectUnits.Directions("block3", [0f, 0f]));
        Assert.Throws<FoveaException>(() => EffectUnits.Directions("block3", [1f, 0f], [1f]));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => EffectEvaluator.Evaluate(
            model, neurons, UnitOperation.Zero, source, new EffectOptions { Images = [] })).Kind);
        Assert.Equal(FailureKind.Numerical, Assert.Throws<FoveaException>(() => EffectEvaluator.Evaluate(
            model, neurons, UnitOperation.Scale(double.MaxValue), source, new EffectOptions { Sets = [[1]] })).Kind);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using ImageModel model = EffectNetworks.Make("resnet18", _root);
        using var source = new NoisePictures(3);
        EffectEvaluator.Evaluate(model, EffectUnits.Neurons("layer4.0"), UnitOperation.Zero, source);
        long before = TensorCounts.Settled();
        EffectEvaluator.Evaluate(model, EffectUnits.Neurons("layer4.0"), UnitOperation.Zero, source);
        EffectEvaluator.Evaluate(model, EffectUnits.Neurons("layer4"), UnitOperation.Zero, source);
        Assert.Equal(before, TensorCounts.Settled());
    }

    private static List<EffectOutcome>[] Run(
        ImageModel model, EffectUnits units, UnitOperation operation, NoisePictures source, IReadOnlyList<int[]> sets)
    {
        List<EffectOutcome>[] outcomes = [.. sets.Select(_ => new List<EffectOutcome>())];
        EffectEvaluator.Evaluate(
            model, units, operation, source,
            new EffectOptions { Sets = sets, BatchSize = EffectNetworks.BatchSize, PassSize = 5, Predict = false },
            one => outcomes[one.Set].Add(one), cancellationToken: TestContext.Current.CancellationToken);
        return [.. outcomes.Select(list => list.OrderBy(one => one.Image).ToList())];
    }

    private static void Agree(
        ImageModel model, NoisePictures source, string layer, EffectUnits units, Intervention change, List<EffectOutcome> outcomes)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor before = EffectNetworks.Hooked(model, source, layer, units.Error == DictionaryError.Dropped
            ? output => new Intervention(layer, new Latents(units.Dictionary!, DictionaryError.Dropped), UnitOperation.Scale(1)).Apply(output)
            : output => output);
        Tensor after = EffectNetworks.Hooked(model, source, layer, output => change.Apply(output));
        int[] labels = [.. Enumerable.Range(0, source.Count).Select(source.Label)];
        LogitScore[] original = Logits.Score(before, labels), edited = Logits.Score(after, labels);
        Assert.Equal(Enumerable.Range(0, source.Count), outcomes.Select(one => one.Image));
        double size = Math.Max(10, after.abs().max().item<float>());
        for (int i = 0; i < source.Count; i++)
        {
            string what = $"{units.Caption} {change.Operation.Caption}, image {i}";
            Close((after - before)[i, labels[i]].item<float>(), outcomes[i].LogitChange, size, what);
            Close(original[i].Loss, outcomes[i].Original.Loss, size, what);
            Close(edited[i].Loss, outcomes[i].Edited.Loss, size, what);
            Close(Math.Exp(-edited[i].Loss) - Math.Exp(-original[i].Loss), outcomes[i].ProbabilityChange, 1, what);
        }
    }

    private static void Close(double expected, double actual, double size, string what) =>
        Assert.True(Math.Abs(expected - actual) <= Near * size, $"{what}: {expected} expected, {actual} found.");

    private static float[] Direction(int channels, int item)
    {
        var random = new CounterRandom(3, "direction", item);
        return [.. Enumerable.Range(0, channels).Select(_ => (float)random.NextGaussian())];
    }
}
