using System.Net;
using System.Text.RegularExpressions;
using Fovea.Imaging;
using Fovea.IO;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>What units do, on the first page, on a layer's page and on a unit's.</summary>
public sealed partial class EffectPagesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Effects_stand_on_the_first_page_on_the_layers_and_on_the_units()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        int unit = Shown(run);
        Write(run, unit);
        string index = await ReportBuilder.BuildAsync(run.Folder, Stop), folder = Path.GetDirectoryName(index)!;

        string first = Text(await File.ReadAllTextAsync(index, Stop));
        Assert.Contains("Clear effect", first);
        Assert.Contains("Latents of topk, error dropped", first);

        string html = await File.ReadAllTextAsync(Path.Combine(folder, "l", "block3", "index.html"), Stop), layer = Text(html);
        Assert.Contains("Latents of topk, each set to 0.", layer);
        Assert.Contains("Between the layer and the answer: leaky_relu, layer_norm.", layer);
        Assert.Contains("saturation: a flat part of a bounded function", layer);
        // Two seeds.
        Assert.Contains("topk, topk-2 20 0.85 0.9 (0.7 to 0.95) 12 0.97 (0.9 to 0.99) 0.6 (0.1)", layer);
        // Side by side: what was lost is not known here.
        Assert.Contains("Layers side by side", first);
        Assert.Contains("50.0 % of 2 0.9 (0.7 to 0.95)", first);
        Assert.Contains("principal components", layer);
        Assert.Contains("Area kept", layer);
        // The scatter and three plots of curves.
        foreach (string id in (string[])["effects-topk", "curves-kept", "curves-removed", "curves-other"])
            Assert.Contains($"id=\"{id}-", html, StringComparison.Ordinal);

        string page = Text(await File.ReadAllTextAsync(
            Path.Combine(folder, "l", "block3", "s", "topk", "f", $"{unit}", "index.html"), Stop));
        Assert.Contains("What it does", page);
        Assert.Contains("−0.75 (−1 to −0.5)", page);
        Assert.Contains("the derivative's prediction fails: saturation", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("What makes it fire", page);
        Assert.Contains("taken away (area, low is good) 0.25 0.5", page);
        Assert.True(File.Exists(Path.Combine(folder, "media", "proof", "block3", "topk", $"firing-{unit}.png")));
    }

    [Fact]
    public async Task A_run_without_them_says_nothing_and_a_damaged_table_is_told_of()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        string index = await ReportBuilder.BuildAsync(run.Folder, Stop);
        Assert.DoesNotContain("id=\"effects\"", await File.ReadAllTextAsync(index, Stop), StringComparison.Ordinal);

        Write(run, Shown(run));
        await File.WriteAllTextAsync(run.PathOf(RunLayout.EffectTable("block3", "topk")), "no table", Stop);
        List<string> problems = [];
        index = await ReportBuilder.BuildAsync(run.Folder, Stop, problems.Add);
        Assert.Contains(problems, problem => problem.Contains("effects.parquet", StringComparison.Ordinal));
        Assert.DoesNotContain("Latents of topk, error", Text(await File.ReadAllTextAsync(index, Stop)));
    }

    /// <summary>A unit with a page.</summary>
    private static int Shown(RunFolderFixture run) =>
        TableFile.Read<FeatureRow>(run.PathOf($"{RunLayout.Units("block3", "topk")}/features.parquet")).First(row => row.Picture is not null).Unit;

    private static void Write(RunFolderFixture run, int unit)
    {
        EffectRow Row(int number, string error, double logit, string? why) => new()
        {
            Unit = number,
            Error = error,
            Images = 40,
            Active = 10,
            Logit = logit,
            LogitLower = logit - 0.25,
            LogitUpper = logit + 0.25,
            Probability = logit / 10,
            ProbabilityLower = logit / 8,
            ProbabilityUpper = logit / 12,
            Accuracy = -0.05,
            AccuracyLower = -0.1,
            ActiveLogit = 4 * logit,
            TopClass = 3,
            TopClassLogit = logit,
            Gradient = logit / 4,
            GradientCorrelation = 0.5,
            GradientError = 0.75,
            Integrated = logit / 2,
            IntegratedCorrelation = 0.8,
            IntegratedError = 0.5,
            Disagreement = why,
        };
        string[] errors = ["kept", "dropped"];
        EffectRow[] rows =
            [.. errors.SelectMany(error => new[] { Row(unit, error, -0.75, EffectDisagreements.Saturation), Row(unit + 1, error, 0.5, null) })];
        string folder = Path.GetDirectoryName(run.PathOf(RunLayout.EffectTable("block3", "topk")))!;
        Directory.CreateDirectory(folder);
        TableFile.Write(run.PathOf(RunLayout.EffectTable("block3", "topk")), rows);
        DocumentFile.Write(run.PathOf(RunLayout.Effects("block3", "topk")), new EffectsDocument
        {
            Layer = "block3",
            Source = "topk",
            Images = 40,
            OfPredictedClass = false,
            Exact = false,
            Between = ["leaky_relu", "layer_norm"],
            Units = RunFolderFixture.Latents,
            Measured = 2,
            IntegrationSteps = 8,
            Agreement = [.. errors.Select(error => new EffectAgreement(
                error, 2, 0.9, 0.95, 1, EffectDisagreements.All.ToDictionary(one => one, one => one == EffectDisagreements.Saturation ? 1 : 0)))],
        });
        DocumentFile.Write(run.PathOf(RunLayout.Replication("block3")), new ReplicationDocument
        {
            Layer = "block3",
            Images = 40,
            Pairs =
            [
                new EffectReplication
                {
                    A = "topk",
                    B = "topk-2",
                    Matched = 24,
                    Live = 20,
                    Cosine = 0.85,
                    Effect = new IntervalEstimate(0.9, 0.7, 0.95),
                    Near = 12,
                    NearEffect = new IntervalEstimate(0.97, 0.9, 0.99),
                    Classes = new IntervalEstimate(0.6, 0.5, 0.7),
                    ClassesOthers = 0.1,
                },
            ],
        });
        EffectEstimate At(double value) => new(value, value - 0.05, value + 0.05);
        CurvePoint Point(int count, double kept) =>
            new(count, At(kept), At(kept), At(0.8 - kept), At(0.8 - kept), At(0.7), kept / 0.8, kept / 0.8);
        DocumentFile.Write(run.PathOf(RunLayout.Curves("block3")), new CurvesDocument
        {
            Layer = "block3",
            Classes = [1, 3],
            RankedOn = 20,
            Images = 20,
            Accuracy = At(0.8),
            Probability = At(0.8),
            Curves = [.. new[] { ("neurons", false), ("topk", false), ("pca", true) }.Select((one, i) => new UnitCurve
            {
                Name = one.Item1,
                IsBaseline = one.Item2,
                Units = 8,
                Points = [Point(0, 0), Point(1, 0.1 * i), Point(2, 0.2), Point(4, 0.4), Point(8, 0.8)],
                KeptArea = 0.4,
                RemovedArea = 0.6,
            })],
        });
        AtomicFile.WriteBytes(Path.Combine(folder, $"firing-{unit}.png"), ImageCodec.EncodePng(new RgbImage(16, 16, new byte[768])));
        DocumentFile.Write(run.PathOf(RunLayout.Firing("block3", "topk")), new FiringDocument
        {
            Layer = "block3",
            Source = "topk",
            Grid = 2,
            IntegrationSteps = 16,
            RandomOrders = 5,
            Units = [new FiringUnit(unit, "val/7", new StoredPicture($"firing-{unit}.png", 0, 0, 16, 16), 1, 0, 2.5, [[1, 2], [-1, 0.5f]], 0.25, 0.5, 0.75, 0.5)],
        });
    }

    private static string Text(string html) => WebUtility.HtmlDecode(Spaces().Replace(Tags().Replace(html, " "), " ")).Replace('\u00a0', ' ');

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
