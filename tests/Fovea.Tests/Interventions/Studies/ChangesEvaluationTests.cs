using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interventions;
using Fovea.Interventions.Studies;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Tests.Shared;
using Fovea.Training;
using Xunit;

namespace Fovea.Tests.Interventions.Studies;

/// <summary>Changes over many images, beside a loop that looks at one image after the other.</summary>
public sealed class ChangesEvaluationTests : IDisposable
{
    private const int Images = 60;

    private readonly StudiedRun _run = new();
    private readonly ImageModel _model;
    private readonly SparseAutoencoder _dictionary;

    public ChangesEvaluationTests()
    {
        _model = ModelFile.Load(Path.Combine(_run.Folder, "model"));
        _dictionary = AutoencoderFile.Load(Path.Combine(_run.Folder, "dictionaries", "block4", "topk"));
    }

    public void Dispose()
    {
        _dictionary.Dispose();
        _model.Dispose();
        _run.Dispose();
    }

    private Intervention Latents(int unit, UnitOperation operation, DictionaryError error = DictionaryError.Kept, params (int, int)[] positions) =>
        new("block4", new Latents(_dictionary, error, unit), operation) { Positions = positions.Length == 0 ? null : positions };

    private static Intervention Neuron(string layer, int unit, UnitOperation operation) => new(layer, EditedUnits.Neurons(unit), operation);

    [Theory]
    [InlineData("one latent")]
    [InlineData("two latents and a neuron")]
    [InlineData("at a position")]
    [InlineData("error dropped")]
    [InlineData("two layers")]
    public void Numbers_are_those_of_a_loop_over_the_images(string which)
    {
        int busy = Busiest();
        Intervention[] changes = which switch
        {
            "one latent" => [Latents(busy, UnitOperation.Scale(-4))],
            "two latents and a neuron" => [Latents(busy, UnitOperation.Add(-10)), Latents((busy + 1) % StudiedRun.Latents, UnitOperation.Set(20)), Neuron("block4", 2, UnitOperation.Scale(15))],
            "at a position" => [Latents(busy, UnitOperation.Set(-400), DictionaryError.Kept, (0, 1))],
            "error dropped" => [Latents(busy, UnitOperation.Scale(-4), DictionaryError.Dropped)],
            _ => [Latents(busy, UnitOperation.Scale(-4)), Neuron("block3", 1, UnitOperation.Scale(30))],
        };
        using var source = new Pictures();
        var progress = new Told();

        ChangesResult found = ChangesEvaluation.Evaluate(_model, changes, source, null, progress, TestContext.Current.CancellationToken);

        var network = new NetworkStudy(_model, "block3", "block4");
        var images = Enumerable.Range(0, Images).Select(i =>
        {
            using ImageStudy study = network.Read(source.Read(i));
            float[] before = [.. study.Answer], after = [.. study.With(changes)];
            int label = source.Label(i);
            return (Label: label, Before: Best(before) == label, After: Best(after) == label, Loss: Loss(after, label) - Loss(before, label),
                Logit: (double)after[label] - before[label], Kl: Divergence(before, after));
        }).ToArray();
        Assert.Equal((Images, Images), (found.Images, progress.Last));
        Assert.Equal(images.Count(one => one.Before && !one.After), found.Lost);
        Assert.Equal(images.Count(one => !one.Before && one.After), found.Won);
        Assert.True(found.Lost + found.Won > 0, "nothing changes: the test says nothing");
        Near(PairedDifference.Of([.. images.Select(one => (one.After ? 1.0 : 0) - (one.Before ? 1 : 0))]), found.Top1Change);
        Near(PairedDifference.Of([.. images.Select(one => one.Loss)]), found.LossChange);
        Near(PairedDifference.Of([.. images.Select(one => one.Logit)]), found.LogitChange);
        Assert.Equal(images.Average(one => one.Kl), found.Kl, 1e-4);
        Assert.Equal(images.Average(one => one.Before ? 1.0 : 0), found.Top1Before, 1e-12);
        Assert.Equal(images.Average(one => one.After ? 1.0 : 0), found.Top1After, 1e-12);
        Assert.Equal(5, found.Classes.Count);
        Assert.Equal(Images, found.Classes.Sum(one => one.Images));
        foreach (ClassEffect one in found.Classes)
        {
            var own = images.Where(image => image.Label == one.Class).ToArray();
            Assert.Equal((own.Length, StudiedRun.Classes[one.Class]), (one.Images, one.Name));
            Assert.Equal(own.Average(image => image.Before ? 1.0 : 0), one.Top1Before, 1e-12);
            Assert.Equal(own.Average(image => image.After ? 1.0 : 0), one.Top1After, 1e-12);
            Near(PairedDifference.Of([.. own.Select(image => (image.After ? 1.0 : 0) - (image.Before ? 1 : 0))]), one.Top1Change);
        }
        Assert.Equal(found.Classes.OrderByDescending(one => Math.Abs(one.Top1Change.Mean)).Select(one => Math.Abs(one.Top1Change.Mean)), found.Classes.Select(one => Math.Abs(one.Top1Change.Mean)));
    }

    /// <summary>Without any neuron of the last block the network always gives the answer that its biases give.</summary>
    [Fact]
    public void A_network_of_which_nothing_is_left_is_right_in_one_class_alone()
    {
        using var source = new Pictures();
        Intervention nothing = new("block4", EditedUnits.Neurons(), UnitOperation.Zero);

        ChangesResult found = ChangesEvaluation.Evaluate(_model, [nothing], source, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(0.2, found.Top1After, 1e-12);
        Assert.Equal([1, 0, 0, 0, 0], found.Classes.Select(one => one.Top1After).OrderDescending());
    }

    [Fact]
    public void What_changes_nothing_changes_nothing_and_some_images_are_judged_where_they_are_named()
    {
        using var source = new Pictures();
        ChangesResult found = ChangesEvaluation.Evaluate(
            _model, [Latents(3, UnitOperation.Scale(1))], source, new InterventionOptions { Images = [4, 9, 14, 2] }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((4, 0, 0, 2), (found.Images, found.Lost, found.Won, found.Classes.Count));
        Assert.Equal(new PairedDifference(0, 0, 0), found.Top1Change);
        Assert.Equal(0, found.LossChange.Mean, 1e-5);
        // Of a class with one image no spread can be told.
        Assert.True(double.IsNaN(found.Classes.Single(one => one.Images == 1).Top1Change.Lower));
    }

    [Fact]
    public void It_ends_when_it_is_told_to_and_refuses_what_it_cannot_do()
    {
        using var source = new Pictures();
        foreach (Intervention[] changes in (Intervention[][])[[Latents(3, UnitOperation.Zero)], [Latents(3, UnitOperation.Zero), Neuron("block3", 0, UnitOperation.Zero)]])
        {
            using var end = new CancellationTokenSource();
            var progress = new Told { Then = end.Cancel };
            Assert.ThrowsAny<OperationCanceledException>(() => ChangesEvaluation.Evaluate(_model, changes, source, new InterventionOptions { BatchSize = 10 }, progress, end.Token));
            Assert.InRange(progress.Last, 1, 20);
        }
        Assert.Throws<FoveaException>(() => ChangesEvaluation.Evaluate(_model, [], source));
        Assert.Throws<FoveaException>(() => ChangesEvaluation.Evaluate(_model, [Latents(3, UnitOperation.Resample)], source));
        Assert.Throws<FoveaException>(() => ChangesEvaluation.Evaluate(_model, [Latents(3, UnitOperation.Zero, DictionaryError.Kept, (99, 0))], source));
        Assert.Throws<FoveaException>(() => ChangesEvaluation.Evaluate(_model, [Neuron("none", 0, UnitOperation.Zero)], source));
    }

    [Fact]
    public void What_the_command_prints_is_read_back_and_anything_else_is_a_sentence()
    {
        using var source = new Pictures();
        ChangesResult found = ChangesEvaluation.Evaluate(
            _model, [Latents(3, UnitOperation.Zero)], source, new InterventionOptions { Images = [4] }, cancellationToken: TestContext.Current.CancellationToken);
        string document = $"{{\"schema\": 1, \"effect\": {System.Text.Json.JsonSerializer.Serialize(found, DocumentJson.Options)}}}";
        ChangesResult read = ChangesResult.OfDocument(document);
        Assert.Equal(found with { Classes = [] }, read with { Classes = [] });
        Assert.Equal(found.Classes, read.Classes);
        foreach (string other in (string[])["", "{}", "[]", "null", "{\"effect\": null}", document[..40]])
            Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => ChangesResult.OfDocument(other)).Kind);
    }

    private int Busiest()
    {
        var network = new NetworkStudy(_model, "block4");
        using ImageStudy study = network.Read(StudiedRun.Picture(0));
        return study.Units(Fovea.Interpretation.UnitGroup.Latents("block4", "topk", _dictionary)).Ranked[0].Unit;
    }

    private static void Near(PairedDifference expected, PairedDifference found)
    {
        Assert.Equal(expected.Mean, found.Mean, 1e-4);
        Assert.Equal(expected.Lower, found.Lower, 1e-4);
        Assert.Equal(expected.Upper, found.Upper, 1e-4);
    }

    private static int Best(float[] logits) => Array.IndexOf(logits, logits.Max());

    private static double Loss(float[] logits, int label) => Math.Log(logits.Sum(one => Math.Exp((double)one - logits[label])));

    private static double Divergence(float[] before, float[] after) => Enumerable.Range(0, before.Length)
        .Sum(i => Math.Exp(-Loss(before, i)) * (Loss(after, i) - Loss(before, i)));

    private sealed class Told : IProgress<EvaluationProgress>
    {
        public int Last { get; private set; }

        public Action? Then { get; init; }

        public void Report(EvaluationProgress value)
        {
            Last = value.Images;
            Then?.Invoke();
        }
    }

    private sealed class Pictures : IImageSource
    {
        public string Description => "pictures";

        public ClassList Classes { get; } = new(StudiedRun.Classes.Select((name, i) => new ClassInfo($"c{i}", name)));

        public int Count => Images;

        public string Fingerprint => "pictures";

        public string Id(int index) => $"val/{index:00000}";

        public int Label(int index) => index % 5;

        public RgbImage Read(int index) => StudiedRun.Picture(index);

        public void Dispose()
        {
        }
    }
}
