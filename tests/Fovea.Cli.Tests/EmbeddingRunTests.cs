using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary><c>[model] classes = "none"</c>: whole runs on networks that are no classifiers.</summary>
public sealed class EmbeddingRunTests
{
    private const string Recipe = """
        schema = 1
        name = "embedding"
        seed = 3

        [data]
        source = "photos"
        crop = 32
        mean = [0.5, 0.5, 0.5]
        std = [0.25, 0.25, 0.25]

        [model]
        MODEL
        classes = "none"
        average_pooling = true
        leaky_slope = 0.01

        [harvest]
        layers = ["LAYER"]
        filters = ["none", "magnitude", "gradcam"]
        batch_size = 8

        [[dictionary]]
        name = "topk"
        layer = "LAYER"
        architecture = "topk"
        filter = "none"
        expansion = 2
        sparsity = 2
        epochs = 1

        [[sweep]]
        name = "sizes"
        layer = "LAYER"
        validate = ["none"]
        folds = 2
        baselines = ["pca"]
        baseline_k = [2]
        epochs = 1

        [[sweep.dictionary]]
        architecture = "topk"
        filter = "none"
        sparsities = [1, 2]

        [features]
        pictures = 2
        steps = 2
        side_by_side = 1
        compare_units = 2
        examples = 2
        class_pictures = 2
        flow = 1
        flow_steps = [1, 2]

        [proof]
        images = 6
        units = 2
        firing = 1
        """;

    [Theory]
    [InlineData("file", true)]
    [InlineData("file", false)]
    [InlineData("checkpoint", false)]
    public void A_whole_run_works_without_classes(string kind, bool labelled)
    {
        using var fixture = new CommandLineFixture();
        RealRun.Pictures(fixture.Path_("photos"), labelled ? ["cat", "dog", "fox"] : [], labelled ? 8 : 24, 40);
        string model = "network = \"mine.pt2\"", layer = "relu";
        if (kind == "file") SmallPrograms.Extractor(32).Save(fixture.Path_("."), "mine");
        else
        {
            using ImageModel trained = ImageModel.Create("small_cnn", 7, seed: 2);
            using var state = StateDict.Of(trained.State);
            state.Save(fixture.Path_("w.safetensors"));
            (model, layer) = ("architecture = \"small_cnn\"\nweights = \"w.safetensors\"", "block3");
        }
        string recipe = fixture.Write("recipe.toml", Recipe.Replace("MODEL", model, StringComparison.Ordinal)
            .Replace("LAYER", layer, StringComparison.Ordinal));
        string run = fixture.Path_("run");

        // The plan says what is left out, and so do summary, log and report.
        (int code, string output, string error) = RealRun.Of(recipe, run, "--dry-run", "--json");
        Assert.True(code == 0, error);
        string[] leftOut = [.. JsonNode.Parse(output)!["leftOut"]!.AsArray().Select(one => (string)one!)];
        Assert.Contains(leftOut, one => one.Contains("no classes", StringComparison.Ordinal));
        Assert.Contains(leftOut, one => one.Contains("gradcam", StringComparison.Ordinal));
        Assert.Contains(leftOut, one => one.Contains("class_pictures", StringComparison.Ordinal));
        Assert.Equal(labelled ? 0 : 1, leftOut.Count(one => one.Contains("no labels", StringComparison.Ordinal)));
        (code, output, error) = RealRun.Of(recipe, run, "--json");
        Assert.True(code == 0, error);
        JsonNode json = JsonNode.Parse(output)!;
        Assert.Equal(leftOut, json["leftOut"]!.AsArray().Select(one => (string)one!));
        Assert.Null(json["model"]!["top1"]);
        Assert.All(leftOut, sentence => Assert.Contains(sentence, RealRun.Log(run), StringComparison.Ordinal));
        string page = System.Net.WebUtility.HtmlDecode(File.ReadAllText(Path.Combine(run, "report", "index.html")));
        Assert.All(leftOut, sentence => Assert.Contains(sentence, page, StringComparison.Ordinal));
        Assert.Contains("Relative error", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Top-1", page, StringComparison.Ordinal);

        using (ImageModel kept = ModelFile.Load(Path.Combine(run, "model")))
        {
            Assert.Null(kept.Classes);
            Assert.Equal(kind == "file" ? 6 : 7, kept.Outputs);
        }
        string folder = Path.Combine(run, "dictionaries", layer, "topk");
        Assert.False(File.Exists(Path.Combine(folder, "splice.json")));
        var faithfulness = DocumentFile.Read<FaithfulnessDocument>(Path.Combine(folder, FaithfulnessDocument.FileName));
        Assert.InRange(faithfulness.Spliced.Cosine.Mean, -1, 1);
        Assert.True(faithfulness.Spliced.RelativeError.Mean > 0);
        Assert.NotNull(faithfulness.MeanAblated);
        string proof = Path.Combine(run, "proof", layer);
        var effects = DocumentFile.Read<EffectsDocument>(Path.Combine(proof, "topk", EffectsDocument.FileName));
        Assert.True(effects is { OfAnswer: true, OfPredictedClass: false });
        Assert.Contains(
            TableFile.Read<EffectRow>(Path.Combine(proof, "topk", EffectRow.FileName)),
            row => row is { Active: > 0, Probability: null, Accuracy: null } && row.Logit != 0);
        Assert.False(File.Exists(Path.Combine(proof, CurvesDocument.FileName)));
        Assert.Contains("what is left of the answer", Pages(run), StringComparison.Ordinal);
        var sweep = DocumentFile.Read<SweepDocument>(Path.Combine(run, "sweeps", layer, "sizes", SweepDocument.FileName));
        Assert.All(sweep.Points, point => Assert.True(point.Splice is null && point.Faithfulness!.Images == 24));
        var rows = TableFile.Read<FeatureRow>(Path.Combine(run, "features", layer, "topk", FeatureTables.FeaturesName));
        Assert.Equal(labelled, rows.Any(row => row.TopClass is not null));
        Assert.Equal(labelled, rows.Any(row => row.Purity is not null));
        Assert.True(File.Exists(Path.Combine(run, "features", layer, FlowDocument.FileName)));
        Assert.False(File.Exists(Path.Combine(run, "features", "classes.json")));

        // Finished: nothing is done again, and commands on the run work, or say what they need.
        (code, _, error) = RealRun.Of(recipe, run);
        Assert.True(code == 0, error);
        Assert.Equal(0, fixture.Run("sae", "eval", "--run", run, "--splice", "--json"));
        Assert.NotNull(fixture.Json["dictionaries"]![0]!["faithfulness"]);
        string image = Path.Combine(fixture.Path_("photos"), labelled ? "cat/0.png" : "0.png");
        Assert.True(fixture.Run("compare", "--run", run, "--layer", layer, "--image", image) == 0, fixture.Error);
        Assert.True(fixture.Run("intervene", "--run", run, "--units", "0,1", "--csv", fixture.Path_("e.csv"), "--json") == 0, fixture.Error);
        Assert.Equal("none", (string?)fixture.Json["class"]);
        Assert.Null(fixture.Json["effects"]![0]!["probability"]);
        Assert.Equal(0, fixture.Run("intervene", "--run", run, "--units", "0,1"));
        Assert.Contains("what is left of the answer", fixture.Output, StringComparison.Ordinal);
        Assert.Equal(2, fixture.Run("intervene", "--run", run, "--class", "predicted"));
        Assert.Equal(2, fixture.Run("cam", "--run", run, "--layer", layer));
        Assert.Contains("classes", fixture.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("classes = \"none\"", "filter = \"none\"", "filter = \"gradcam\"", "no classes (model.classes)")]
    [InlineData("classes = \"none\"", "filters = [\"none\", \"magnitude\", \"gradcam\"]", "filters = [\"gradcam\"]",
        "only maps of one class")]
    [InlineData("classes = \"none\"", "classes = \"none\"", "", "or \"none\" where")]
    public void What_needs_classes_is_refused_before_anything_is_made(string model, string from, string to, string expected)
    {
        using var fixture = new CommandLineFixture();
        RealRun.Pictures(fixture.Path_("photos"), model.Length > 0 && to.Length == 0 ? ["cat", "dog"] : [], 12, 40);
        SmallPrograms.Extractor(32).Save(fixture.Path_("."), "mine");
        string recipe = fixture.Write("recipe.toml", Recipe.Replace("MODEL", "network = \"mine.pt2\"", StringComparison.Ordinal)
            .Replace("LAYER", "relu", StringComparison.Ordinal).Replace(from, to, StringComparison.Ordinal));
        (int code, _, string error) = RealRun.Of(recipe, fixture.Path_("run"));
        Assert.True(code == 2, error);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    /// <summary>Every page of a run's report, as text.</summary>
    private static string Pages(string run) => string.Concat(Directory.EnumerateFiles(
        Path.Combine(run, "report"), "*.html", SearchOption.AllDirectories).Select(file => System.Net.WebUtility.HtmlDecode(File.ReadAllText(file))));

    [Fact]
    public void Images_without_labels_need_the_word()
    {
        using var fixture = new CommandLineFixture();
        RealRun.Pictures(fixture.Path_("photos"), [], 6, 40);
        string text =
            "schema = 1\nname = \"x\"\n[data]\nsource = \"photos\"\nLAYOUT\ncrop = 32\n[model]\narchitecture = "
                + "\"small_cnn\"\n[train]\nepochs = 1\n";
        (int code, _, string error) = RealRun.Of(
            fixture.Write("a.toml", text.Replace("LAYOUT", "", StringComparison.Ordinal)), fixture.Path_("a"));
        Assert.Equal(3, code);
        Assert.Contains("layout unlabelled", error, StringComparison.Ordinal);
        (code, _, error) = RealRun.Of(
            fixture.Write("b.toml", text.Replace("LAYOUT", "layout = \"unlabelled\"", StringComparison.Ordinal)), fixture.Path_("b"));
        Assert.Equal(2, code);
        Assert.Contains("have no labels", error, StringComparison.Ordinal);
    }
}
