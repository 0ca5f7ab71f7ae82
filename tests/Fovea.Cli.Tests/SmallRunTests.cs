using System.Text.Json.Nodes;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Interpretation;
using Xunit;
using Checkout = Fovea.Tests.Shared.Checkout;

namespace Fovea.Cli.Tests;

/// <summary>Every recipe of the project, run in a small form through the real workflow and the real report.</summary>
public sealed class SmallRunTests : IDisposable
{
    private static readonly string Root = Checkout.Root;

    // Of 64 pixels: layer4 has still 2 x 2 positions.
    private static readonly string[] Smaller = ["data.resize=40", "data.crop=40"];
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-small-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Demo()
    {
        var result = Run(
            "demo", "data.train_images=240", "data.validation_images=96", "train.epochs=1", "harvest.images=60", "harvest.batch_size=20");
        Assert.Equal(3, result["dictionaries"]!.AsArray().Count);
        // The program drew these images: units stand against the truth, random directions beside them.
        JsonArray truth = Json("demo", "features", "block4", "truth.json")["groups"]!.AsArray();
        Assert.Equal(["neurons", "topk", "l1", "jumprelu", "random-128", "random-256"], truth.Select(group => (string)group!["name"]!));
        Assert.All(truth, group => Assert.InRange((double)group!["meanBestF1"]!, (double)group["floorF1"]! - 1e-6, 1));
        Assert.Contains(Rows("demo", "block4", "neurons"), row => row.BestFactor is not null && row.BestF1 > 0);
        // Pictures lie in sheets: there were 3,528 files in features and 2,304 in the report.
        int Files(string folder) =>
            Directory.EnumerateFiles(Path.Combine(_folder, "demo", folder), "*", SearchOption.AllDirectories).Count();
        Assert.InRange(Files("features"), 20, 70);
        Assert.InRange(Files("report"), 30, 150);
        Assert.InRange(Files(""), 80, 400);
        // The same command again: every stage is finished.
        string log = File.ReadAllText(Path.Combine(_folder, "demo", "log.txt"));
        Run("demo", "data.train_images=240", "data.validation_images=96", "train.epochs=1", "harvest.images=60", "harvest.batch_size=20");
        string again = File.ReadAllText(Path.Combine(_folder, "demo", "log.txt"))[log.Length..];
        Assert.Equal(7, again.Split('\n').Count(line => line.Contains("skipped", StringComparison.Ordinal)));
        // Other settings are refused, and nothing of the run changes.
        var (code, _, error) = Invoke(
            "demo", ["data.train_images=240", "data.validation_images=96", "train.epochs=2", "harvest.images=60", "harvest.batch_size=20"]);
        Assert.Equal(2, code);
        Assert.Contains("train.epochs: 1 → 2", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Imagenet_sample_mobilenetv2()
    {
        Need("imagenet-sample.tar", "imagenet_classes.tsv", "mobilenet_v2-imagenet.pth", "resnet18-tiny-imagenet.pth");
        var result = Run(
            "imagenet-sample-mobilenetv2", "data.resize=112", "data.crop=96", "data.validation_images=24", "harvest.batch_size=8", "features.size=64",
                "features.measured_images=20",
            "features.judge.images=20", "dictionary.*.expansion=0.5", "features.batch_size=4");
        Assert.Equal(1280, (int)result["dictionaries"]![0]!["dIn"]!);
        Assert.Contains(
            Rows("imagenet-sample-mobilenetv2", "features.18", "topk"), row => row.Monosemanticity is not null
                && row.MonosemanticityShuffled is not null);
    }

    [Fact]
    public void Tiny_imagenet_resnet18()
    {
        Need("tiny-imagenet-200.tar", "resnet18-tiny-imagenet.pth", "mobilenet_v2-imagenet.pth");
        // Five images of each class: of fewer no class is compared.
        var result = Run(
            "tiny-imagenet-resnet18", [.. Smaller, "data.train_images=1000", "data.validation_images=100", "train.epochs=1",
                "features.measured_images=20",
            "features.judge.images=40", "features.flow=1", "features.flow_steps=[2, 4]", "features.class_pictures=3", "features.views=2",
            "dictionary.*.expansion=1", "train.statistics_images=100", "features.batch_size=8"]);
        Assert.Equal(4, result["dictionaries"]!.AsArray().Count);
        Has_the_evidence_beside_the_pictures();
    }

    private void Has_the_evidence_beside_the_pictures()
    {
        const string Recipe = "tiny-imagenet-resnet18";
        var rows = Rows(Recipe, "layer4", "neurons");
        var pictured = rows.Where(row => row.Picture is not null).ToArray();
        Assert.Equal(
            ["lucid", "lucid, seed 2", "maco", "maco, seed 2", "naive", "naive, seed 2", "paper", "paper, seed 2"],
                pictured.Select(row => row.Preset).Distinct().Order(StringComparer.Ordinal));
        Assert.All(pictured.Where(row => row.Preset == "paper, seed 2"), row => Assert.InRange(row.SeedAgreement!.Value, -1, 1.0001));
        Assert.Equal(pictured.Count(row => row.Preset == "naive"), pictured.Count(row => row.Preset == "naive, seed 2"));
        Assert.All(pictured.Where(row => row.Preset is "naive" or "naive, seed 2"),
            row => Assert.InRange(row.SeedAgreement!.Value, -1, 1.0001));
        Assert.Contains(pictured, row => row.OtherEvidence is > 0 and < 1 && row.OtherBaseline is > 0 and < 1 && row.Rank >= 1);
        Assert.All(rows,
            row => Assert.True(
                row.P999 is not null && row.Purity is not null && row.Uniqueness is not null && row.UniquenessRandom is not null
                    && row.Monosemanticity is not null));
        Assert.Equal(2, rows.Where(row => row.Preset == "paper, seed 2").Select(row => row.Unit).Distinct().Count());

        JsonNode flow = Json(Recipe, "features", "layer4", "flow.json")["units"]!.AsArray().Single()!;
        Assert.Equal(["standard", "modified"], flow["networks"]!.AsArray().Select(network => (string)network!["name"]!));
        Assert.All(flow["networks"]!.AsArray(), network =>
        {
            Assert.Equal(4, network!["curve"]!.AsArray().Count);
            Assert.Equal([2, 4], network["snapshots"]!.AsArray().Select(one => (int)one!["step"]!));
            Assert.All(network["snapshots"]!.AsArray(),
                one => Assert.True(File.Exists(Path.Combine(_folder, Recipe, "features", "layer4", (string)one!["picture"]!["file"]!))));
        });
        JsonArray classes = Json(Recipe, "features", "classes.json")["classes"]!.AsArray();
        Assert.Equal(3, classes.Select(one => (int)one!["index"]!).Distinct().Count());
        Assert.All(classes, one => Assert.True(File.Exists(Path.Combine(_folder, Recipe, "features", (string)one!["picture"]!["file"]!))));
        var records = DocumentFile.ReadLines<PictureRecord>(Path.Combine(_folder, Recipe, RunLayout.Pictures("layer4", "neurons")));
        Assert.Equal(pictured.Length, records.Count);
        Assert.All(records, record => Assert.Equal(2, record.Views));

        JsonNode top = Json(Recipe, "features", "layer4", "comparison-0.json")["model"]!["top20"]!;
        Assert.InRange((int)top["related"]!, (int)top["distinct"]!, 20);
        Assert.True(File.Exists(Path.Combine(_folder, Recipe, "features", "colours.json"))
            && File.Exists(Path.Combine(_folder, Recipe, "features", "spectrum.json")));
    }

    private JsonNode Json(params string[] path) => JsonNode.Parse(File.ReadAllText(Path.Combine([_folder, .. path])))!;

    private IReadOnlyList<FeatureRow> Rows(string recipe, string layer, string source) =>
        TableFile.Read<FeatureRow>(Path.Combine(_folder, recipe, "features", layer, source, FeatureTables.FeaturesName));

    [Fact]
    public void Tiny_imagenet_figure4()
    {
        Need("tiny-imagenet-200.tar", "resnet18-tiny-imagenet.pth");
        Run("tiny-imagenet-figure4", [.. Smaller, "data.train_images=100", "data.validation_images=50", "train.epochs=1",
            "train.compare.0.epochs=1", "train.compare.1.epochs=1", "train.compare.2.epochs=1"]);
        Assert.Equal(
            3, Directory.EnumerateFiles(
                Path.Combine(_folder, "tiny-imagenet-figure4", "model", "comparisons"), "history.jsonl", SearchOption.AllDirectories)
                    .Count());
    }

    [Fact]
    public void Tiny_imagenet_experiments()
    {
        Need("tiny-imagenet-200.tar", "resnet18-tiny-imagenet.pth");
        Run("tiny-imagenet-experiments", [.. Smaller, "data.train_images=150", "data.validation_images=20", "train.epochs=1",
            "train.statistics_images=50", "harvest.batch_size=20",
            "sweep.*.epochs=1", "sweep.convergence.dictionary.*.epochs=2", "sweep.*.dictionary.*.expansion=1",
                "sweep.*.baselines=pca,kmeans", "sweep.*.baseline_expansion=0.25", "sweep.*.images="]);
        string folder = Path.Combine(_folder, "tiny-imagenet-experiments");
        var pareto = JsonNode.Parse(
            File.ReadAllText(Path.Combine(folder, "sweeps", "layer4", "pareto", "sweep.json")))!["points"]!.AsArray();
        // 34 autoencoders, PCA at three k, k-means at its own.
        Assert.Equal(34 + 3 + 1, pareto.Count);
        Assert.All(pareto, point => Assert.InRange((double)point!["splice"]!["kl"]!, 0, 100));
        var clips = JsonNode.Parse(
            File.ReadAllText(Path.Combine(folder, "sweeps", "layer4", "latents-and-clip", "sweep.json")))!["points"]!.AsArray();
        Assert.Equal(4 * 4, clips.Count(point => !(bool)point!["baseline"]!));
        Assert.Contains(
            "Pareto frontiers", File.ReadAllText(Path.Combine(folder, "report", "l", "layer4", "w", "pareto", "index.html")),
                StringComparison.Ordinal);
    }

    [Fact]
    public void Tiny_imagenet_stability()
    {
        Need("tiny-imagenet-200.tar", "resnet18-tiny-imagenet.pth");
        Run("tiny-imagenet-stability", [.. Smaller, "data.train_images=100", "data.validation_images=20", "harvest.images=60", "harvest.batch_size=20",
            "sweep.*.epochs=1", "sweep.*.expansion=0.1", "sweep.*.baselines=pca", "sweep.*.baseline_k=[4]"]);
        string folder = Path.Combine(_folder, "tiny-imagenet-stability");
        var sweep = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "sweeps", "layer4", "stability", "sweep.json")))!;
        // Nine settings with several seeds each: what the seeds agree on.
        Assert.Equal(9, sweep["stability"]!.AsArray().Count);
        Assert.All(sweep["stability"]!.AsArray(), one => Assert.InRange((double)one!["matchedCosine"]!, -1, 1 + 1e-9));
        string page = File.ReadAllText(Path.Combine(folder, "report", "l", "layer4", "w", "stability", "index.html"));
        foreach (string name in (string[])["archetypal-16", "matchingpursuit-8"]) Assert.Contains(name, page, StringComparison.Ordinal);
    }

    [Fact]
    public void Imagenet_sample_experiments()
    {
        Need("imagenet-sample.tar", "imagenet_classes.tsv", "mobilenet_v2-imagenet.pth");
        Run("imagenet-sample-experiments", "data.resize=112", "data.crop=96", "data.validation_images=20", "harvest.batch_size=10", "harvest.sample_images=1",
            "sweep.*.epochs=1", "sweep.*.dictionary.*.epochs=1",
            "sweep.*.expansion=0.25", "sweep.*.baselines=pca", "sweep.*.baseline_expansion=0.05", "sweep.*.images=10",
            // Its latents begin as centres of vectors, and there are few.
            "sweep.pareto.dictionary.6.expansion=0.02", "sweep.pareto.dictionary.6.sparsities=[8]");
        var faithful = JsonNode.Parse(
            File.ReadAllText(Path.Combine(_folder, "imagenet-sample-experiments", "sweeps", "features.18", "faithful", "sweep.json")))!;
        Assert.All(faithful["points"]!.AsArray(),
            point => Assert.Equal((10, 5), ((int)point!["splice"]!["images"]!, point["measures"]!["magnitude"]!.AsArray().Count)));
    }

    /// <summary>The paper's own recipe, on Tiny ImageNet in place of ImageNet: whoever has ImageNet runs the same code.</summary>
    [Fact]
    public void Imagenet_resnet18()
    {
        Need("tiny-imagenet-200.tar", "resnet18-tiny-imagenet.pth");
        string shared = SharedFolder()!;
        Run("imagenet-resnet18", [$"data.source={shared}/data/tiny-imagenet-200.tar",
            $"model.weights={shared}/data/resnet18-tiny-imagenet.pth",
            .. Smaller, "data.train_images=100", "data.validation_images=60", "train.epochs=1", "harvest.images=40"]);
    }

    /// <summary>An ONNX network without a classifier: what needs classes is left out with the reason.</summary>
    [Fact]
    public void Imagenet_sample_nuget_resnet18()
    {
        Need("imagenet-sample.tar", "imagenet_classes.tsv");
        string packages = Path.Combine(Root, "recipes", "nuget-resnet18", "packages");
        Assert.SkipUnless(Directory.Exists(packages), "needs the package that dotnet restore recipes/nuget-resnet18 brings");
        var result = Run("imagenet-sample-nuget-resnet18", "data.validation_images=20", "harvest.batch_size=10", "harvest.sample_images=1",
            "sweep.*.epochs=1", "sweep.*.expansion=0.25", "sweep.*.baselines=pca", "sweep.*.baseline_k=[8]", "features.measured_images=20");
        Assert.Contains("classes", result["leftOut"]!.ToJsonString());
    }

    private JsonNode Run(string recipe, params string[] small)
    {
        var (code, output, error) = Invoke(recipe, small);
        Assert.True(code == 0, error);
        var result = JsonNode.Parse(output)!;
        string report = (string)result["report"]!;
        Assert.True(File.Exists(report), report);
        return result;
    }

    private (int Code, string Output, string Error) Invoke(string recipe, string[] small)
    {
        string path = Path.Combine(Root, "recipes", recipe + ".toml");
        List<string> arguments = ["run", path, "--out", Path.Combine(_folder, recipe), "--json", "--quiet"];
        string[] shared =
            ["features.steps=3", "features.pictures=2", "features.side_by_side=1", "features.compare_units=2", "features.examples=2",
                "features.compare=[]"];
        bool features = File.ReadAllText(path).Contains("[features]", StringComparison.Ordinal);
        string[] names =
            [.. File.ReadLines(path).Where(line => line.StartsWith("[[dictionary]]", StringComparison.Ordinal))
                .Select((_, i) => $"dictionary.{i}.epochs=1")];
        foreach (string assignment in small.Concat(features ? shared : []).Concat(names)) arguments.AddRange(["--set", assignment]);
        using StringWriter output = new(), error = new();
        using var interruption = Interruption.Manual();
        var console = new CommandConsole(output, error, errorIsTerminal: false, colour: false);
        var app = new AppEnvironment(
            console, new WorkflowRunner(interruption), interruption, ShellLine.Of(["fovea", .. arguments]), TimeProvider.System);
        int code = new FoveaApplication(app).Run([.. arguments]);
        return (code, output.ToString(), error.ToString());
    }

    private static void Need(params string[] files)
    {
        string? shared = SharedFolder();
        foreach (string file in files)
            Assert.SkipUnless(
                shared is not null && File.Exists(Path.Combine(shared, "data", file)), $"needs shared/data/{file} beside the checkout");
    }

    /// <summary>The recipes name it relative to themselves.</summary>
    private static string? SharedFolder()
    {
        string shared = Path.GetFullPath(Path.Combine(Root, "..", "shared"));
        return Directory.Exists(shared) ? shared : null;
    }
}
