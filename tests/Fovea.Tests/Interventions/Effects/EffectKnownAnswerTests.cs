using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interventions;
using Fovea.Interventions.Effects;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Models.Graph;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Effects;

/// <summary>Networks written by hand, of which it is known what each unit does.</summary>
[Collection(TensorCounts.Name)]
public sealed class EffectKnownAnswerTests
{
    private static readonly Preprocessing Plain = new(null, 8, [0, 0, 0], [1, 1, 1]);

    /// <summary>
    /// On ShapesWorld's images: unit 0 tells red and decides the class; unit 1 fires at the same places, twice as strongly, and nobody
    /// reads it; unit 2 tells blue and speaks against the class.
    /// </summary>
    [Fact]
    public void A_unit_that_decides_is_told_from_one_that_only_fires_with_it()
    {
        using ImageModel model = Detectors(new Preprocessing(null, 64, [0, 0, 0], [1, 1, 1]), units: 3,
            detectors: [[1, -0.6f, -0.4f], [2, -1.2f, -0.8f], [-0.4f, -0.6f, 1]], head: [[0, 0, 0], [8, 0, -4]], bias: [0.25f, 0]);
        using var source = new ShapesWorldSource("val", 96, 3);
        List<(int Image, int Class)> before = [];
        var (document, rows) = EffectStudy.Measure(
            model, "units", "neurons", null, source, new EffectStudyOptions { OfPredictedClass = true });
        EffectRow causal = rows[0], correlated = rows[1], against = rows[2];
        Assert.True(document.Exact);
        // Both fire on the same images.
        Assert.Equal(causal.Active, correlated.Active);
        Assert.InRange(causal.Active, 10, 96);
        Assert.Equal((0.0, 0.0, 0.0), (correlated.Logit, correlated.LogitLower, correlated.LogitUpper));
        Assert.Equal((0.0, 0.0), (correlated.Accuracy, correlated.Probability));
        Assert.True(causal.LogitUpper < 0, $"{causal.LogitUpper}");
        Assert.True(causal.AccuracyUpper < 0, $"{causal.AccuracyUpper}");
        Assert.Equal(1, causal.TopClass);
        Assert.True(causal.TopClassLogit < 0);
        Assert.Equal((1, true), (against.TopClass, against.TopClassLogit > 0));
        Assert.Equal(2, document.Agreement[0].Clear);
        Assert.Equal(1, document.Agreement[0].Gradient, 1e-6);

        // Each image that was of class 1 falls to class 0 without unit 0, and none moves without unit 1.
        EffectEvaluator.Evaluate(model, EffectUnits.Neurons("units"), UnitOperation.Zero, source,
            new EffectOptions { OfPredictedClass = true }, one =>
            {
                if (one.Set == 0) before.Add((one.Image, one.Class));
                if (one.Set == 0 && one.Class == 1) Assert.Equal(-1, one.Top1Change);
                if (one.Set == 1) Assert.Equal((0, 0.0), (one.Top1Change, one.LogitChange));
            });
        Assert.InRange(before.Count(one => one.Class == 1), 5, 90);
    }

    /// <summary>Three factors in two dimensions: setting latent i to 0 changes logit c by −f̄ᵢ (w_c · dᵢ), whatever the error.</summary>
    [Fact]
    public void Factors_in_superposition_have_the_effects_of_their_directions()
    {
        float[][] directions = [.. Enumerable.Range(0, 3).Select(i => (float[])[MathF.Cos(2 * MathF.PI * i / 3), MathF.Sin(2 * MathF.PI * i / 3)])];
        // Red, green and blue of a pixel go to these directions.
        float[][] mixed = [.. Enumerable.Range(0, 2).Select(row => (float[])[.. directions.Select(d => d[row])])];
        float[][] head = [directions[0], directions[1], directions[2]];
        using ImageModel model = Detectors(Plain, 2, mixed, head, [0, 0, 0], rectified: false);
        using var dictionary = new TopKAutoencoder(2, 3, 1);
        Fill(dictionary.DecoderWeight, directions);
        Fill(dictionary.EncoderWeight, [.. Enumerable.Range(0, 2).Select(row => (float[])[.. directions.Select(d => d[row])])]);
        dictionary.Parameters[SparseAutoencoder.EncoderBiasName].zero_();
        dictionary.Parameters[SparseAutoencoder.DecoderBiasName].zero_();
        // Each image has one factor, of another strength.
        using var source = new ColourPictures([(200, 0, 0), (100, 0, 0), (0, 160, 0), (0, 40, 0), (0, 0, 255), (0, 0, 90)], [0, 0, 1, 1, 2, 2]);
        foreach (DictionaryError error in Enum.GetValues<DictionaryError>())
        {
            EffectEvaluator.Evaluate(model, EffectUnits.Latents("units", dictionary, error), UnitOperation.Zero, source, each: one =>
            {
                int factor = one.Image / 2;
                Assert.Equal(one.Set != factor, one.Silent);
                // w_c · dᵢ = 1 for the image's own class.
                Assert.Equal(one.Silent ? 0 : -source.Strength(one.Image), one.LogitChange, 1e-5);
                Assert.Equal(one.LogitChange, one.Gradient, 1e-5);
            });
            var results = EffectEvaluator.Evaluate(model, EffectUnits.Latents("units", dictionary, error), UnitOperation.Zero, source);
            // The other classes gain half of it: their directions are 120° away.
            double mean = Enumerable.Range(0, 2).Average(source.Strength) / 3;
            Assert.Equal([-mean, mean / 2, mean / 2], results[0].Logits, (a, b) => Math.Abs(a - b) < 1e-5);
        }
    }

    /// <summary>Behind min(max(x, 0), 6) a unit of value 10 has no derivative, and its absence takes 6 away.</summary>
    [Fact]
    public void Saturation_is_named()
    {
        using ImageModel model = Detectors(Plain, 2, [[20, 0, 0], [0, 1, 0]], [[1, 0], [0, 1]], [0, 0], after: "relu6");
        using var source = new ColourPictures([(128, 90, 0), (140, 10, 0), (150, 20, 0)], [0, 0, 0]);
        var (document, rows) = EffectStudy.Measure(model, "units", "neurons", null, source);
        Assert.False(document.Exact);
        Assert.Contains("relu6", document.Between);
        Assert.Equal(-6, rows[0].Logit, 1e-4);
        Assert.Equal(0, rows[0].Gradient!.Value, 1e-6);
        Assert.Equal(EffectDisagreements.Saturation, rows[0].Disagreement);
        Assert.Equal(1, document.Agreement[0].Disagreements[EffectDisagreements.Saturation]);
        // On the way from 0 the derivative is 1 up to 6: integrated gradients tell most of it.
        Assert.InRange(rows[0].Integrated!.Value, -7.5, -4.5);
        // The other unit does not touch the class.
        Assert.Equal(0, rows[1].Logit, 1e-6);
        Assert.Null(rows[1].Disagreement);
    }

    [Fact]
    public void What_stands_between_is_named()
    {
        using ImageModel resnet = ImageModel.Create("resnet18", 5);
        Assert.Empty(EffectStudy.Between(resnet, "layer4"));
        Assert.Equal(["relu"], EffectStudy.Between(resnet, "layer3"));
        Assert.Equal(["relu", "max_pool2d"], EffectStudy.Between(resnet, "conv1").Order().Reverse());
        using ImageModel modified = ImageModel.Create("resnet18", 5, GradientFlow.Modified);
        Assert.Equal(["leaky_relu"], EffectStudy.Between(modified, "layer3"));
        using ImageModel mobile = ImageModel.Create("mobilenet_v2", 5);
        Assert.Equal(["relu6"], EffectStudy.Between(mobile, "features.10"));
        Assert.True(EffectStudy.IsExact(mobile, "features.18"));
    }

    /// <summary>1 × 1 detectors on pixels, a rectifier or none, pooling, a linear layer.</summary>
    private static ImageModel Detectors(
        Preprocessing input, int units, float[][] detectors, float[][] head, float[] bias, bool rectified = true, string? after = null)
    {
        var graph = new GraphBuilder();
        string x = graph.Conv("raw", graph.Input, 3, units, 1);
        x = rectified ? graph.Relu("units", x) : graph.Block("units", x);
        if (after is not null) x = graph.Relu6(after, x);
        x = graph.AveragePositions("pool", x);
        x = graph.Apply(Operators.Flatten, OperatorAttributes.None, x);
        x = graph.Linear("fc", x, units, head.Length);
        var model = new ImageModel(graph.Build("detectors", x), input);
        using var quiet = no_grad();
        Fill(model.State["raw.weight"], detectors);
        Fill(model.State["fc.weight"], head);
        Fill(model.State["fc.bias"], [bias]);
        return model;
    }

    private static void Fill(Tensor weight, float[][] rows)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        weight.copy_(tensor([.. rows.SelectMany(row => row)], weight.shape));
    }

    /// <summary>Pictures of one colour each.</summary>
    private sealed class ColourPictures((byte R, byte G, byte B)[] colours, int[] labels) : IImageSource
    {
        public string Description => "colours";

        public ClassList Classes { get; } = new([.. Enumerable.Range(0, labels.Max() is 0 ? 2 : labels.Max() + 1).Select(i => new ClassInfo($"{i}", $"{i}"))]);

        public int Count => colours.Length;

        public string Fingerprint => "colours";

        public string Id(int index) => $"colours/{index}";

        public int Label(int index) => labels[index];

        /// <summary>The largest of a colour's numbers, as the network sees it.</summary>
        public double Strength(int index) => Math.Max(colours[index].R, Math.Max(colours[index].G, colours[index].B)) / 255.0;

        public RgbImage Read(int index)
        {
            var pixels = new byte[3 * 64];
            for (int i = 0; i < 64; i++)
                (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = (colours[index].R, colours[index].G, colours[index].B);
            return new RgbImage(8, 8, pixels);
        }

        public void Dispose()
        {
        }
    }
}
