using Fovea.Dictionaries;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Tests.Interpretation;
using Fovea.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions;

/// <summary>Every kind of units and every operation against a slow pass with loops over positions and components.</summary>
[Collection(TensorCounts.Name)]
public sealed class InterventionTests
{
    private const int Images = 5, BatchSize = 3;
    private static readonly Preprocessing Input = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);

    public static TheoryData<string, string> Layers => new()
    {
        { "resnet18", "layer1.0.conv1" }, { "resnet18", "layer2" }, { "resnet18", "layer4.1.bn2" },
        { "mobilenet_v2", "features.3.conv.0" }, { "mobilenet_v2", "features.18" },
        { "small_cnn", "block2.conv" }, { "small_cnn", "block3" }, { "small_cnn", "avgpool" },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void Each_does_what_a_slow_full_pass_does(string architecture, string layer)
    {
        using var model = ImageModel.Create(architecture, 5, GradientFlow.Modified, Input, seed: 4);
        Spread(model);
        using var source = new NoisePictures(Images);
        int channels = model.Layers.Single(one => one.Name == layer).Shape[0];
        bool grid = model.Layers.Single(one => one.Name == layer).Shape[1] > 1;
        using var topk = new TopKAutoencoder(channels, 12, 3);
        topk.Initialize(2);
        using var plain = new NeuronBasis(channels, 4);
        var random = new CounterRandom(3, "direction", channels);
        float[] direction = [.. Enumerable.Range(0, channels).Select(_ => (float)random.NextGaussian())];
        (string Name, EditedUnits Units, int Count, Func<float[], float[], Func<double[], double[]>, float[]> Slow)[] kinds =
        [
            ("neurons", EditedUnits.Neurons(1, 4, 2), 3, (x, _, edit) => Put(x, [1, 4, 2], edit)),
            ("all neurons", EditedUnits.Neurons(), channels,
                (x, _, edit) => [.. edit([.. x.Select(value => (double)value)]).Select(value => (float)value)]),
            ("direction", EditedUnits.Direction(direction), 1, (x, _, edit) => Along(x, direction, edit)),
            ("latents, error kept", new Latents(topk, DictionaryError.Kept, 3, 0), 2,
                (x, _, edit) => Coded(topk, x, [3, 0], edit, keep: true)),
            ("latents, error dropped", new Latents(topk, DictionaryError.Dropped, 3, 0), 2,
                (x, _, edit) => Coded(topk, x, [3, 0], edit, keep: false)),
            ("all latents, dropped", new Latents(topk, DictionaryError.Dropped), 12,
                (x, _, edit) => Coded(topk, x, [.. Enumerable.Range(0, 12)], edit, keep: false)),
            ("plain, kept", new Latents(plain, DictionaryError.Kept, 1), 1, (x, _, edit) => Coded(plain, x, [1], edit, keep: true)),
            ("plain, dropped", new Latents(plain, DictionaryError.Dropped, 1), 1, (x, _, edit) => Coded(plain, x, [1], edit, keep: false)),
        ];
        // Drawn weights make values of any size: changes are of the layer's own, or the answers were in millions and their digits used up.
        float size = Size(model, source, layer);
        float[] Means(int count) => [.. Enumerable.Range(0, count).Select(i => (0.3f * i - 0.5f) * size)];
        List<Intervention> list = [];
        List<Func<float[], float[]>> slow = [];
        foreach (var (_, units, count, how) in kinds)
        {
            (UnitOperation Operation, Func<double[], double[]> Edit)[] operations =
            [
                (UnitOperation.Zero, values => new double[values.Length]),
                (UnitOperation.Mean(Means(count)), values => [.. Means(count).Select(value => (double)value)]),
                (UnitOperation.Scale(-1.5), values => [.. values.Select(value => -1.5 * value)]),
                (UnitOperation.Add(0.7 * size), values => [.. values.Select(value => value + 0.7 * size)]),
            ];
            foreach (var (operation, edit) in operations)
            {
                list.Add(new Intervention(layer, units, operation));
                slow.Add(x => how(x, x, edit));
            }
        }
        (int Y, int X)[]? some = grid ? [(0, 1), (1, 0)] : null;
        int everywhere = list.Count;
        if (grid)
        {
            list.AddRange(list.Take(everywhere).Where((_, i) => i % 4 == 2).ToArray().Select(one => one with { Positions = some }));
            slow.AddRange(slow.Take(everywhere).Where((_, i) => i % 4 == 2).ToArray());
        }

        List<InterventionOutcome>[] outcomes = [.. list.Select(_ => new List<InterventionOutcome>())];
        var results = InterventionEvaluator.Evaluate(
            model, list, source, new InterventionOptions { BatchSize = BatchSize }, one => outcomes[one.Intervention].Add(one),
            cancellationToken: TestContext.Current.CancellationToken);
        using var quiet = no_grad();
        for (int i = 0; i < list.Count; i++)
        {
            using var scope = NewDisposeScope();
            int number = i;
            // In the evaluator's batches: libtorch's convolutions round by batch size, and fifty layers of drawn weights carry that into
            // the fifth digit.
            Tensor[] batches =
                [.. Enumerable.Range(0, Images).Chunk(BatchSize).Select(images => cat([.. images.Select(image => Pixels(source, image))]))];
            Tensor before = cat([.. batches.Select(input => model.Forward(input))]);
            Tensor after = cat(
                [.. batches.Select(
                    input => model.Forward(
                        input, new Probe().With(layer, output => Loop(output, slow[number], number < everywhere ? null : some))).Logits)]);
            var scores = Logits.Score(after, [.. Enumerable.Range(0, Images).Select(source.Label)]);
            double[] kl = Logits.Divergence(before, after);
            Assert.Equal(Enumerable.Range(0, Images), outcomes[i].Select(one => one.Image));
            for (int image = 0; image < Images; image++)
            {
                Near(scores[image].Loss, outcomes[i][image].Edited.Loss, list[i].Caption);
                Near(kl[image], outcomes[i][image].Kl, list[i].Caption);
                Near((after - before)[image, source.Label(image)].item<float>(), outcomes[i][image].LogitChange, list[i].Caption);
            }
            Assert.Equal(Images, results[i].Images);
            Near(scores.Average(score => score.Loss), results[i].Edited.Loss, list[i].Caption);
            Near(outcomes[i].Average(one => one.Edited.Loss - one.Original.Loss), results[i].LossAdded.Mean, list[i].Caption);
            Near(outcomes[i].Average(one => (one.Original.Top1 ? 1.0 : 0) - (one.Edited.Top1 ? 1 : 0)), results[i].Top1Lost.Mean,
                list[i].Caption);
        }
        // Something was changed at all, everywhere.
        Assert.All(outcomes.Take(4), one => Assert.True(one.Max(outcome => Math.Abs(outcome.LogitChange)) > 1e-4));
    }

    [Fact]
    public void Resampling_takes_the_values_of_another_image_drawn_by_seed()
    {
        using var model = ImageModel.Create("small_cnn", 5, GradientFlow.Modified, Input, seed: 4);
        Spread(model);
        using var source = new NoisePictures(Images);
        Intervention one = new("block3", EditedUnits.Neurons(1, 4, 2), UnitOperation.Resample), all = new(
            "block3", EditedUnits.Neurons(), UnitOperation.Resample);
        List<InterventionOutcome>[] Run(ulong seed, int batch)
        {
            List<InterventionOutcome>[] outcomes = [[], []];
            InterventionEvaluator.Evaluate(
                model, [one, all], source, new InterventionOptions { BatchSize = batch, Seed = seed },
                    outcome => outcomes[outcome.Intervention].Add(outcome));
            return outcomes;
        }
        var (first, again, other) = (Run(1, 2), Run(1, 5), Run(2, 5));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor input = cat([.. Enumerable.Range(0, Images).Select(image => Pixels(source, image))]);
        Tensor output = model.Forward(input, new Probe("block3"))["block3"], plain = model.Forward(input);
        for (int image = 0; image < Images; image++)
        {
            Assert.Equal(first[0][image].LogitChange, again[0][image].LogitChange, 1e-5);
            // With everything from another image the answer is that image's: which it is shows in the answer.
            double[] candidates =
                [.. Enumerable.Range(0, Images)
                    .Select(partner => (plain[partner, source.Label(image)] - plain[image, source.Label(image)]).item<float>())
                        .Select(value => (double)value)];
            int partner = Enumerable.Range(0, Images).MinBy(i => Math.Abs(candidates[i] - first[1][image].LogitChange));
            Assert.NotEqual(image, partner);
            Assert.Equal(candidates[partner], first[1][image].LogitChange, 1e-4);
            Tensor mixed = output[image].clone();
            foreach (int channel in (int[])[1, 4, 2]) mixed[channel] = output[partner, channel];
            Assert.Equal(
                (model.ContinueAfter("block3", mixed.unsqueeze(0)) - plain[image])[0, source.Label(image)].item<float>(),
                    first[0][image].LogitChange, 1e-4);
        }
        Assert.NotEqual(
            first[1].Select(outcome => Math.Round(outcome.LogitChange, 3)), other[1].Select(outcome => Math.Round(outcome.LogitChange, 3)));
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() =>
            InterventionEvaluator.Evaluate(model, [one], source, new InterventionOptions { Images = [2] })).Kind);
    }

    [Fact]
    public void What_does_not_fit_the_layer_is_refused()
    {
        using var model = ImageModel.Create("small_cnn", 5, preprocessing: Input);
        using var source = new NoisePictures(2);
        using var dictionary = new NeuronBasis(64);
        foreach (Intervention bad in (Intervention[])
        [
            new("block9", EditedUnits.Neurons(1), UnitOperation.Zero),
            new("block3", EditedUnits.Neurons(128), UnitOperation.Zero),
            new("block3", EditedUnits.Neurons(1, 2), UnitOperation.Mean(1)),
            new("block3", EditedUnits.Direction(1, 2, 3), UnitOperation.Zero),
            new("block3", new Latents(dictionary, DictionaryError.Kept, 1), UnitOperation.Zero),
            new("fc", EditedUnits.Neurons(1), UnitOperation.Zero) { Positions = [(0, 0)] },
            new("block3", EditedUnits.Neurons(1), UnitOperation.Zero) { Positions = [(0, 99)] },
        ])
        {
            Assert.Equal(
                FailureKind.Configuration, Assert.Throws<FoveaException>(() => InterventionEvaluator.Evaluate(model, [bad], source)).Kind);
        }
        Assert.Throws<FoveaException>(() => EditedUnits.Neurons(1, 1));
        Assert.Throws<FoveaException>(() => EditedUnits.Neurons(-1));
        Assert.Throws<FoveaException>(() => EditedUnits.Direction(0, 0));
        Assert.Throws<FoveaException>(() => UnitOperation.Scale(double.NaN));
        Assert.Throws<FoveaException>(() => new Latents(dictionary, DictionaryError.Kept, 64));
    }

    [Fact]
    public void No_tensor_is_left_behind_however_long_the_list()
    {
        using var model = ImageModel.Create("resnet18", 5, preprocessing: Input);
        using var source = new NoisePictures(3);
        Intervention[] list =
            [.. Enumerable.Range(0, 20).Select(i => new Intervention("layer3.0.conv1", EditedUnits.Neurons(i), UnitOperation.Resample))];
        InterventionEvaluator.Evaluate(model, list, source);
        long before = TensorCounts.Settled();
        InterventionEvaluator.Evaluate(model, list, source);
        Assert.Equal(before, TensorCounts.Settled());
    }

    private static float[] Put(float[] x, int[] at, Func<double[], double[]> edit)
    {
        double[] changed = edit([.. at.Select(i => (double)x[i])]);
        float[] result = [.. x];
        for (int i = 0; i < at.Length; i++) result[at[i]] = (float)changed[i];
        return result;
    }

    private static float[] Along(float[] x, float[] direction, Func<double[], double[]> edit)
    {
        double length = Math.Sqrt(direction.Sum(value => (double)value * value)), c = x.Zip(direction, (a, b) => a * b / length).Sum();
        double step = edit([c])[0] - c;
        return [.. x.Zip(direction, (a, b) => (float)(a + step * b / length))];
    }

    private static float[] Coded(IFeatureDictionary dictionary, float[] x, int[] latents, Func<double[], double[]> edit, bool keep)
    {
        using var scope = NewDisposeScope();
        Tensor vector = tensor(x, [1, x.Length]);
        using SparseCodes codes = dictionary.Encode(vector);
        Tensor dense = codes.ToDense();
        float[] edited = Put(dense.data<float>().ToArray(), latents, edit);
        using SparseCodes changed = SparseCodes.FromDense(tensor(edited, [1, edited.Length]));
        Tensor decoded = dictionary.Decode(changed);
        return (keep ? vector - dictionary.Decode(codes) + decoded : decoded).contiguous().data<float>().ToArray();
    }

    /// <summary>A function of vectors, position by position.</summary>
    private static Tensor Loop(Tensor output, Func<float[], float[]> edit, (int Y, int X)[]? positions)
    {
        Tensor result = output.clone();
        for (int n = 0; n < output.shape[0]; n++)
        {
            for (int y = 0; y < output.shape[2]; y++)
            {
                for (int x = 0; x < output.shape[3]; x++)
                {
                    if (positions is not null && !positions.Contains((y, x))) continue;
                    float[] vector = output[n, .., y, x].contiguous().data<float>().ToArray();
                    result[n, .., y, x] = tensor(edit(vector));
                }
            }
        }
        return result;
    }

    /// <summary>Makes answers differ between images, so that differences are seen.</summary>
    private static void Spread(ImageModel model)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor head = model.State[model.Graph.Producer(model.Graph.Output)!.Inputs[1]];
        using var source = new NoisePictures(Images);
        Tensor input = cat([.. Enumerable.Range(0, Images).Select(image => Pixels(source, image))]);
        head.mul_(2 / model.Forward(input).std());
    }

    private static Tensor Pixels(NoisePictures source, int image)
    {
        var pixels = new float[3 * 32 * 32];
        Input.Apply(source.Read(image), 0, pixels);
        return tensor(pixels, [1, 3, 32, 32]);
    }

    private static float Size(ImageModel model, NoisePictures source, string layer)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return model.Forward(cat([.. Enumerable.Range(0, Images).Select(image => Pixels(source, image))]), new Probe(layer))[layer].std()
            .item<float>();
    }

    private static void Near(double expected, double actual, string what) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-5 * Math.Max(10, Math.Abs(expected)),
            $"{what}: {expected} expected, {actual} found.");
}
