using System.Globalization;
using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Models;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Each kind of image source through <c>fovea data inspect</c>, a short run to its end, and <c>fovea model eval</c>.</summary>
public sealed class ImageKindRunTests
{
    private const string Recipe = """
        schema = 1
        name = "kind"
        seed = 3

        [data]
        source = "SOURCE"
        crop = 32

        [model]
        architecture = "small_cnn"
        weights = "w.safetensors"
        MODEL

        [harvest]
        layers = ["block3"]
        filters = ["magnitude", "gradcam"]
        batch_size = 8

        [[dictionary]]
        name = "topk"
        layer = "block3"
        architecture = "topk"
        filter = "gradcam"
        expansion = 2
        sparsity = 2
        epochs = 1

        [features]
        pictures = 2
        steps = 2
        side_by_side = 1
        compare_units = 2
        examples = 2
        class_pictures = 2
        """;

    [Theory]
    [InlineData("flat", "unlabelled")]
    [InlineData("shards without classes", "unlabelled")]
    [InlineData("own classes", "folders")]
    public void A_network_looks_at_images_that_are_not_of_its_classes_and_uses_its_own_words(string kind, string layout)
    {
        using var fixture = new CommandLineFixture();
        Weights(fixture, 7);
        string source = fixture.Path_("photos");
        bool labelled = kind == "own classes";
        if (kind == "shards without classes")
        {
            ImageKinds.Tar(fixture.Path_("photos/000.tar"), Enumerable.Range(0, 12).SelectMany(i => ImageKinds.Sample(i, ".txt", "a picture")));
            ImageKinds.Tar(fixture.Path_("photos/001.tar"), Enumerable.Range(12, 12).SelectMany(i => ImageKinds.Sample(i, ".txt", "a picture")));
        }
        else RealRun.Pictures(source, labelled ? ["cat", "dog", "fox"] : [], labelled ? 8 : 24, 40);
        string words = "[\"one\", \"two\", \"three\", \"four\", \"five\", \"six\", \"seven\"]";
        fixture.Write("words.json", words);
        string recipe = Write(fixture, "photos", "classes = \"other\"\nclass_list = \"words.json\""), run = fixture.Path_("run");

        (int code, string output, string error) = RealRun.Of(recipe, run, "--dry-run", "--json");
        Assert.True(code == 0, error);
        string[] leftOut = [.. JsonNode.Parse(output)!["leftOut"]!.AsArray().Select(one => (string)one!)];
        Assert.Contains(leftOut, one => one.Contains("not those of the images", StringComparison.Ordinal));
        Assert.Contains(leftOut, one => one.Contains(labelled ? "serve evidence alone" : "have no labels", StringComparison.Ordinal));
        Assert.Contains(leftOut, one => one.Contains("gradcam are maps of the class that the network predicts", StringComparison.Ordinal));
        (code, output, error) = RealRun.Of(recipe, run, "--json");
        Assert.True(code == 0, error);
        Assert.Null(JsonNode.Parse(output)!["model"]!["top1"]);
        Assert.All(leftOut, sentence => Assert.Contains(sentence, RealRun.Log(run), StringComparison.Ordinal));
        Assert.Equal(layout, (string)JsonNode.Parse(File.ReadAllText(Path.Combine(run, "data.json")))!["data"]!["layout"]!);

        // The network's classes have its own words, and units stand for the images' classes where there are some.
        using (ImageModel kept = ModelFile.Load(Path.Combine(run, "model")))
            Assert.Equal(["one", "two", "three", "four", "five", "six", "seven"], kept.Classes!.Select(one => one.Name));
        var classes = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "features", "classes.json")))!["classes"]!.AsArray();
        Assert.Equal(2, classes.Count);
        Assert.All(classes, one => Assert.Contains((string)one!["name"]!, words, StringComparison.Ordinal));
        var rows = TableFile.Read<FeatureRow>(Path.Combine(run, "features", "block3", "topk", "features.parquet"));
        Assert.Equal(labelled, rows.Any(row => row.TopClass is not null));
        Assert.All(rows, row => Assert.InRange(row.TopClass ?? 0, 0, 2));
        Assert.True(File.Exists(Path.Combine(run, "dictionaries", "block3", "topk", "faithfulness.json")));
        Assert.False(File.Exists(Path.Combine(run, "dictionaries", "block3", "topk", "splice.json")));
        string page = System.Net.WebUtility.HtmlDecode(File.ReadAllText(Path.Combine(run, "report", "index.html")));
        Assert.Contains("not those of the images", page, StringComparison.Ordinal);

        // Commands on the run: maps of the predicted class, not of a true one.
        Assert.True(fixture.Run("cam", "--run", run, "--layer", "block3", "--class", "predicted", "--json") == 0, fixture.Error);
        Assert.Null(fixture.Json["report"]!["top1"]);
        Assert.Equal(2, fixture.Run("cam", "--run", run, "--layer", "block3", "--class", "true"));
        Assert.Equal(0, fixture.Run("sae", "eval", "--run", run, "--splice", "--json"));
        Assert.NotNull(fixture.Json["dictionaries"]![0]!["faithfulness"]);
        Assert.Equal(0, fixture.Run("visualize", "--run", run, "--logits", "six", "--steps", "2"));
        Assert.Equal(3, Eval(fixture, source, 7));
        Assert.Contains(labelled ? "3 classes" : kind == "flat" ? "in no class folder" : "no .cls", fixture.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_image_is_enough_for_reading_a_network()
    {
        using var fixture = new CommandLineFixture();
        Weights(fixture, 7);
        RealRun.Pictures(fixture.Path_("photos"), [], 1, 40);
        Assert.Equal(0, fixture.Run("data", "inspect", fixture.Path_("photos/0.png"), "--layout", "unlabelled", "--json"));
        Assert.Equal(("image", 1), ((string)fixture.Json["kind"]!, (int)fixture.Json["images"]!));
        string recipe = Write(fixture, "photos/0.png", "classes = \"other\"");
        string text = File.ReadAllText(recipe);
        int from = text.IndexOf("[[dictionary]]", StringComparison.Ordinal), to = text.IndexOf("[features]", StringComparison.Ordinal);
        recipe = fixture.Write("one.toml", text[..from] + text[to..]);
        (int code, _, string error) = RealRun.Of(recipe, fixture.Path_("run"));
        Assert.True(code == 0, error);
        using ImageModel kept = ModelFile.Load(fixture.Path_("run/model"));
        Assert.Equal("class 6", kept.Classes![6].Name);
    }

    [Theory]
    [InlineData("imagenet", "imagenet", 3)]
    [InlineData("webdataset", "webdataset", 3)]
    [InlineData("parquet", "parquet", 3)]
    public void Labelled_kinds_are_inspected_evaluated_and_run_with_training(string kind, string layout, int classes)
    {
        using var fixture = new CommandLineFixture();
        Weights(fixture, classes);
        if (kind == "imagenet") ImageKinds.ImageNet(fixture.Path_("photos"));
        else if (kind == "webdataset")
        {
            ImageKinds.Tar(fixture.Path_("photos/train-000.tar"), Enumerable.Range(0, 15).SelectMany(i => ImageKinds.Sample(i, ".cls", Number(i % 3))));
            ImageKinds.Tar(fixture.Path_("photos/train-001.tar"), Enumerable.Range(15, 15).SelectMany(i => ImageKinds.Sample(i, ".cls", Number(i % 3))));
            ImageKinds.Tar(fixture.Path_("photos/val-000.tar"), Enumerable.Range(30, 12).SelectMany(i => ImageKinds.Sample(i, ".cls", Number(i % 3))));
        }
        else
        {
            ImageKinds.Parquet(fixture.Path_("photos/data/train-00000-of-00001.parquet"), 0, 30);
            ImageKinds.Parquet(fixture.Path_("photos/data/validation-00000-of-00001.parquet"), 30, 12);
        }
        string source = fixture.Path_("photos");
        Assert.True(fixture.Run("data", "inspect", source, "--decode", "--json") == 0, fixture.Error);
        JsonNode seen = fixture.Json;
        Assert.Equal((layout, classes), ((string)seen["layout"]!, seen["classes"]!.AsArray().Count));
        Assert.Equal(["train 30", "val 12"], seen["splits"]!.AsArray().Select(split => $"{split!["name"]} {split["labelled"]}"));
        Assert.Equal((42, 0), ((int)seen["inspection"]!["formats"]!["PNG"]!, seen["inspection"]!["damaged"]!.AsArray().Count));
        Assert.All(seen["classes"]!.AsArray(), one => Assert.Equal([10, 4], one!["images"]!.AsArray().Select(count => (int)count!)));

        Assert.True(Eval(fixture, source, classes) == 0, fixture.Error);
        double top1 = (double)fixture.Json["top1"]!;
        Assert.Equal(12, (int)fixture.Json["images"]!);

        string recipe = Write(fixture, "photos", "\n[train]\nepochs = 1\nbatch_size = 10\naugment = false"), run = fixture.Path_("run");
        (int code, string output, string error) = RealRun.Of(recipe, run, "--json");
        Assert.True(code == 0, error);
        var rows = DocumentFile.Read<EvaluationTable>(Path.Combine(run, "model", EvaluationTable.FileName)).Rows;
        Assert.Equal(top1, rows[0].Top1, 1e-9);
        Assert.Equal(12, rows[^1].Images);

        // The same images in class folders: the same scores to the last digit, so the same images have the same labels.
        for (int i = 0; i < 42; i++)
        {
            string path = fixture.Path_($"folders/{(i < 30 ? "train" : "val")}/{ImageKinds.Ids[i % 3]}/{i:D4}.png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, ImageKinds.Picture(i));
        }
        Assert.True(Eval(fixture, fixture.Path_("folders"), classes) == 0, fixture.Error);
        Assert.Equal(top1, (double)fixture.Json["top1"]!, 1e-12);
    }

    [Fact]
    public void What_is_named_for_other_classes_is_checked_before_anything_is_made()
    {
        using var fixture = new CommandLineFixture();
        Weights(fixture, 7);
        RealRun.Pictures(fixture.Path_("photos"), [], 6, 40);
        fixture.Write("two.json", "[\"one\", \"two\"]");
        (string Model, int Code, string Said)[] wrong =
        [
            ("classes = \"other\"\nclass_list = \"two.json\"", 2, "names 2 classes, and the network answers with 7 numbers"),
            ("classes = \"other\"\nclass_list = \"none.json\"", 3, "none.json"),
            ("class_list = \"two.json\"", 2, "is for classes = \"other\""),
            ("classes = \"other\"\n[train]\nepochs = 1", 2, "[train] needs the images' classes"),
        ];
        foreach ((string model, int expected, string said) in wrong)
        {
            (int code, _, string error) = RealRun.Of(Write(fixture, "photos", model), fixture.Path_("run"));
            Assert.True(code == expected, error);
            Assert.Contains(said, error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(fixture.Path_("run/model")));
        }
    }

    private static string Write(CommandLineFixture fixture, string source, string model) => fixture.Write(
        "recipe.toml", Recipe.Replace("SOURCE", source, StringComparison.Ordinal).Replace("MODEL", model, StringComparison.Ordinal));

    private static int Eval(CommandLineFixture fixture, string source, int classes) => fixture.Run(
        "model", "eval", "--arch", "small_cnn", "--weights", fixture.Path_("w.safetensors"), "--data", source, "--input-size", "32",
            "--num-classes", Number(classes), "--json");

    private static void Weights(CommandLineFixture fixture, int classes)
    {
        using ImageModel trained = ImageModel.Create("small_cnn", classes, seed: 2);
        using var state = StateDict.Of(trained.State);
        state.Save(fixture.Path_("w.safetensors"));
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
