using System.Globalization;
using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Runs;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Cli.Tests;

/// <summary>A small run whose recipe asks what units do, and <c>fovea intervene</c> on it.</summary>
public sealed class EffectRunTests : IClassFixture<EffectRunTests.WholeRun>
{
    private const string More = """
        [[dictionary]]
        name = "topk-2"
        layer = "block3"
        architecture = "topk"
        expansion = 1
        epochs = 1
        seed = 6

        [proof]
        images = 20
        units = 5
        firing = 2
        integration_steps = 2
        curve_classes = 3
        curve_images = 18
        """;

    private readonly WholeRun _whole;

    public EffectRunTests(WholeRun whole) => _whole = whole;

    [Fact]
    public void Its_documents_say_what_each_unit_does()
    {
        var run = new RunFolderReader(_whole.Run);
        foreach (string layer in (string[])["block3", "block4"])
        {
            foreach (string source in (string[])["neurons", "topk"])
            {
                EffectsDocument document = run.Find<EffectsDocument>(RunLayout.Effects(layer, source))!;
                IReadOnlyList<EffectRow> rows = run.Effects(layer, source)!;
                bool exact = layer == "block4";
                Assert.Equal((exact, 20, exact ? document.Units : 5), (document.Exact, document.Images, document.Measured));
                Assert.Equal(exact, document.Between.Count == 0);
                Assert.Equal(document.Measured * (source == "topk" ? 2 : 1), rows.Count);
                Assert.Equal(source == "topk" ? ["kept", "dropped"] : [null], document.Agreement.Select(one => one.Error));
                Assert.All(rows, row => Assert.Equal(20, row.Images));
                Assert.All(rows.Where(row => row.Active > 0), row =>
                {
                    Assert.InRange(row.Logit, row.LogitLower, row.LogitUpper);
                    if (exact) Assert.Equal(row.Logit, row.Gradient!.Value, 1e-4);
                });
                Assert.Contains(rows, row => row.Active > 0 && row.Logit != 0);
            }
            foreach (string source in (string[])["neurons", "topk"])
            {
                FiringDocument firing = run.Find<FiringDocument>(RunLayout.Firing(layer, source))!;
                Assert.InRange(firing.Units.Count, 1, 2);
                Assert.All(firing.Units, one => Assert.NotNull(run.Picture($"proof/{layer}/{source}/{one.Picture.File}")));
            }
            CurvesDocument curves = run.Find<CurvesDocument>(RunLayout.Curves(layer))!;
            Assert.Equal(
                ["neurons", "topk", .. layer == "block3" ? (string[])["topk-2"] : [], "pca", "random"], curves.Curves.Select(one => one.Name));
            Assert.Equal((3, 9, 9), (curves.Classes.Count, curves.RankedOn, curves.Images));
            foreach (UnitCurve curve in curves.Curves)
            {
                Assert.Equal(curves.Probability.Mean, curve.Points[0].RemovedProbability.Mean, 1e-5);
                // All principal components, all directions and all neurons are the layer.
                if (!curve.Name.StartsWith("topk", StringComparison.Ordinal)) Assert.Equal(curves.Probability.Mean, curve.Points[^1].KeptProbability.Mean, 1e-3);
            }
        }
        // Two of block3 differ by their seed alone.
        Assert.Null(run.Find<ReplicationDocument>(RunLayout.Replication("block4")));
        EffectReplication replication = Assert.Single(run.Find<ReplicationDocument>(RunLayout.Replication("block3"))!.Pairs);
        Assert.Equal(("topk", "topk-2", 128), (replication.A, replication.B, replication.Matched));
        Assert.InRange(replication.Live, 1, 5);
        string page = File.ReadAllText(Path.Combine(_whole.Run, "report", "index.html"));
        Assert.Contains("id=\"effects\"", page, StringComparison.Ordinal);
        Assert.Contains("id=\"layers-beside\"", page, StringComparison.Ordinal);
        string layerPage = File.ReadAllText(Path.Combine(_whole.Run, "report", "l", "block3", "index.html"));
        Assert.Contains("Effects of matched latents", layerPage, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_are_put_side_by_side()
    {
        CommandLineFixture cli = _whole.Fixture;
        string csv = cli.Path_("layers.csv"), document = cli.Path_("layers.json");
        Assert.True(0 == cli.Run("layers", _whole.Run, _whole.Run, "--csv", csv, "--out", document, "--json"), cli.Error);
        JsonNode?[] rows = [.. cli.Json["rows"]!.AsArray()];
        Assert.Equal(10, rows.Length);
        string[] places = [.. rows.Take(5).Select(row => $"{row!["layer"]}/{row["source"]}")];
        Assert.Equal(["block3/neurons", "block3/topk", "block3/topk-2", "block4/neurons", "block4/topk"], places);
        var run = new RunFolderReader(_whole.Run);
        foreach (JsonNode? row in rows)
        {
            string layer = (string)row!["layer"]!, source = (string)row["source"]!;
            EffectAgreement effects = run.Find<EffectsDocument>(RunLayout.Effects(layer, source))!.Agreement[0];
            Assert.Equal((effects.Units, effects.Clear), ((int)row["measured"]!, (int)row["clear"]!));
            if (source == "neurons") continue;
            AutoencoderReport report = run.Find<AutoencoderReport>(RunLayout.Metrics(layer, source))!;
            Assert.Equal((report.DSae, report.Validation!.Fvu), ((int)row["units"]!, (double)row["fvu"]!));
            SpliceDocument splice = run.Find<SpliceDocument>(RunLayout.Splice(layer, source))!;
            Assert.Equal((splice.Top1Lost.Mean, splice.Top1Lost.Upper), ((double)row["top1Lost"]!["mean"]!, (double)row["top1Lost"]!["upper"]!));
            Assert.Equal(layer == "block3", row["seedCosine"] is not null);
        }
        Assert.Equal(11, File.ReadAllLines(csv).Length);
        Assert.Equal(10, DocumentFile.Read<LayersDocument>(document).Rows.Count);
        Assert.Equal(0, cli.Run("layers", _whole.Run));
        string[] lines = cli.Output.TrimEnd().Split('\n');
        Assert.Equal(7, lines.Length);
        Assert.Single(lines.Select(line => line.Count(one => one == '|')).Distinct());
        Assert.DoesNotContain("cosine of the answer", lines[0], StringComparison.Ordinal);
        Assert.Equal(3, cli.Run("layers", cli.Path_("nowhere")));
        Directory.CreateDirectory(cli.Path_("empty"));
        Assert.Equal(3, cli.Run("layers", cli.Path_("empty")));
        Assert.Contains("fovea run", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Interrupted_in_the_stage_and_continued_it_gives_the_same_bytes()
    {
        string folder = _whole.Fixture.Path_("broken");
        for (int at = 1; at <= 3; at++) Assert.Throws<OperationCanceledException>(() => Start(folder, interruptAt: 2 * at));
        Start(folder, interruptAt: int.MaxValue);
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(folder, "proof"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)];
        Assert.Equal(19 + Pictures(files), files.Length);
        foreach (string file in files)
            Assert.True(File.ReadAllBytes(Path.Combine(_whole.Run, file)).SequenceEqual(File.ReadAllBytes(Path.Combine(folder, file))), file);
        Assert.False(Directory.Exists(Path.Combine(folder, "scratch")));
        // Once more: all is there.
        int reports = 0;
        Start(folder, interruptAt: int.MaxValue, () => reports++);
        Assert.Equal(0, reports);
    }

    [Fact]
    public void A_dictionary_that_is_trained_later_is_not_asked_for_in_what_was_proved()
    {
        string folder = _whole.Fixture.Path_("later");
        Start(folder, interruptAt: int.MaxValue);
        var recipe = Fovea.Cli.Recipes.Recipe.Read(_whole.RecipeFile, []);
        var settings = recipe.Settings with { Dictionary = [.. recipe.Settings.Dictionary, recipe.Settings.Dictionary[0] with { Name = "later" }] };
        using var interruption = Interruption.Manual();
        // As "fovea sae train --name later" does it.
        WorkflowOutcome outcome = new WorkflowRunner(interruption).Run(
            new WorkflowRequest(settings, recipe.Folder, folder, recipe.Resolved, "fovea sae train", "cpu", null, Until: "dictionary"),
            new Watcher(_ => { }), _ => { }, interruption.Token);
        Assert.Contains(outcome.Dictionaries, one => one.Name == "later");
    }

    [Fact]
    public void Intervene_measures_what_the_stage_did()
    {
        CommandLineFixture cli = _whole.Fixture;
        string csv = cli.Path_("effects.csv");
        Assert.True(0 == cli.Run(
            "intervene", "--run", _whole.Run, "--layer", "block4", "--source", "topk", "--images", "20", "--units", "0-7,11", "--csv", csv,
            "--json"), cli.Error);
        JsonNode json = cli.Json;
        Assert.Equal(("block4", "topk", "zero", "true", 20, true),
            ((string)json["layer"]!, (string)json["source"]!, (string)json["operation"]!, (string)json["class"]!, (int)json["images"]!,
                (bool)json["exact"]!));
        JsonNode?[] effects = [.. json["effects"]!.AsArray()];
        Assert.Equal(18, effects.Length);
        IReadOnlyList<EffectRow> rows = new RunFolderReader(_whole.Run).Effects("block4", "topk")!;
        foreach (JsonNode? one in effects)
        {
            EffectRow row = rows.Single(row => row.Unit == (int)one!["units"]![0]! && row.Error == (string)one["error"]!);
            Assert.Equal(row.Active, (int)one!["active"]!);
            Assert.Equal(row.Logit, (double)one["logit"]!["mean"]!, 1e-6);
            Assert.Equal(row.LogitLower, (double)one["logit"]!["lower"]!, 1e-6);
            Assert.Equal(row.AccuracyUpper!.Value, (double)one["accuracy"]!["upper"]!, 1e-6);
        }
        string[] lines = File.ReadAllLines(csv);
        Assert.Equal(19, lines.Length);
        Assert.All(lines, line => Assert.Equal(22, line.Split(',').Length));
        Assert.Equal((double)effects[3]!["logit"]!["mean"]!, double.Parse(lines[4].Split(',')[5], CultureInfo.InvariantCulture), 1e-12);
    }

    [Fact]
    public void Intervene_takes_operations_directions_and_sets()
    {
        CommandLineFixture cli = _whole.Fixture;
        double Logit(params string[] more)
        {
            Assert.True(0 == cli.Run(["intervene", "--run", _whole.Run, "--layer", "block4", "--images", "12", "--json", .. more]), cli.Error);
            return (double)cli.Json["effects"]![0]!["logit"]!["mean"]!;
        }
        double zero = Logit("--units", "4"), half = Logit("--units", "4", "--operation", "scale=0.5"), twice = Logit(
            "--units", "4", "--operation", "scale=2");
        // Before pooling and a linear head effects are linear.
        Assert.Equal(zero / 2, half, 1e-5);
        Assert.Equal(-zero, twice, 1e-5);
        Assert.Equal(Logit("--units", "4") + Logit("--units", "9"), Logit("--units", "4,9", "--together"), 1e-5);
        string file = cli.Path_("direction.npy");
        var axis = new float[128];
        axis[4] = 2;
        using (Tensor direction = tensor(axis)) NumpyFile.Write(file, direction);
        Assert.Equal(zero, Logit("--direction", file), 1e-5);
        Assert.Equal("directions", (string)cli.Json["source"]!);
        Assert.NotEqual(0, Logit("--units", "4", "--operation", "mean"));
        Assert.NotEqual(0, Logit("--source", "topk", "--error", "kept", "--operation", "mean", "--together"));
        Assert.Single(cli.Json["effects"]!.AsArray());
        Assert.Equal(0, cli.Run("intervene", "--run", _whole.Run, "--images", "6", "--units", "1-3"));
        Assert.Contains("95 % interval", cli.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--layer", "block9")]
    [InlineData(2, "--source", "nobody")]
    [InlineData(2, "--units", "500")]
    [InlineData(2, "--units", "3-1")]
    [InlineData(2, "--units", "x")]
    [InlineData(2, "--operation", "explode")]
    [InlineData(2, "--operation", "scale=NaN")]
    [InlineData(2, "--error", "half")]
    [InlineData(3, "--direction", "nowhere.npy")]
    public void Intervene_refuses_what_does_not_fit(int code, params string[] more)
    {
        CommandLineFixture cli = _whole.Fixture;
        Assert.Equal(code, cli.Run(["intervene", "--run", _whole.Run, "--images", "4", .. more]));
        Assert.NotEmpty(cli.Error);
    }

    [Fact]
    public void A_recipe_that_cannot_be_measured_is_refused_before_anything_runs()
    {
        CommandLineFixture cli = _whole.Fixture;
        string few = cli.Write("few.toml", File.ReadAllText(_whole.RecipeFile).Replace("\nimages = 20", "\nimages = 1", StringComparison.Ordinal));
        var (code, _, error) = RealRun.Of(few, cli.Path_("few"));
        Assert.Equal(2, code);
        Assert.Contains("proof.images", error, StringComparison.Ordinal);
        string none = cli.Write("none.toml", """
            schema = 1
            name = "none"
            [data]
            source = "shapesworld"
            crop = 64
            [model]
            architecture = "small_cnn"
            [train]
            epochs = 1
            [proof]
            """);
        (code, _, error) = RealRun.Of(none, cli.Path_("none"));
        Assert.Equal(2, code);
        Assert.Contains("[harvest]", error, StringComparison.Ordinal);
    }

    private static int Pictures(string[] files) => files.Count(file => file.EndsWith(".png", StringComparison.Ordinal));

    private void Start(string folder, int interruptAt, Action? told = null)
    {
        var recipe = Fovea.Cli.Recipes.Recipe.Read(_whole.RecipeFile, []);
        using var interruption = Interruption.Manual();
        int seen = 0;
        var progress = new Watcher(value =>
        {
            if (value.Stage != "proof") return;
            told?.Invoke();
            if (++seen == interruptAt) interruption.Raise(130);
        });
        var request = new WorkflowRequest(recipe.Settings, recipe.Folder, folder, recipe.Resolved, "fovea run", "cpu", null, Until: null);
        new WorkflowRunner(interruption).Run(request, progress, _ => { }, interruption.Token);
    }

    private sealed class Watcher(Action<WorkflowProgress> report) : IProgress<WorkflowProgress>
    {
        public void Report(WorkflowProgress value) => report(value);
    }

    public sealed class WholeRun() : TwoLayerRun(validationImages: 144, More);
}
