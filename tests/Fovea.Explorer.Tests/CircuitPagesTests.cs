using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>Circuits: on the first page, on a layer's, and drawn on a page of their own.</summary>
public sealed partial class CircuitPagesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_circuit_is_drawn_with_links_names_and_its_test()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        int unit = TableFile.Read<FeatureRow>(run.PathOf($"{RunLayout.Units("block3", "topk")}/features.parquet")).First(row => row.Picture is not null).Unit;
        Write(run, "class-ring", unit, []);
        Write(run, "odd &amp b", unit, [CircuitFindings.Unfaithful, CircuitFindings.Random]);
        string index = await ReportBuilder.BuildAsync(run.Folder, Stop), folder = Path.GetDirectoryName(index)!;
        string first = Text(await File.ReadAllTextAsync(index, Stop));
        Assert.Contains("Circuits", first);
        Assert.Contains("survives", first);
        Assert.Contains("fails", first);
        Assert.Contains("id=\"circuits\"", await File.ReadAllTextAsync(Path.Combine(folder, "l", "block3", "index.html"), Stop));

        string html = await File.ReadAllTextAsync(Path.Combine(folder, "l", "block3", "c", "class-ring", "index.html"), Stop);
        Assert.Contains("It survives the test.", html);
        // Both ends of each edge, once as a line and once beside each node it touches; those that take away are dashed.
        Assert.Equal(3 + 4, Lines().Count(html));
        Assert.Contains("stroke-dasharray=\"7 4\"", html);
        Assert.Matches($"<a class=\"node\" href=\"[./]*l/block3/s/topk/f/{unit}/index.html\" aria-label=\"Latent {unit} of block3: adds 0.75 \\(0.5 to 1\\), confirmed", html);
        Assert.Contains("What topk leaves of block3: adds −0.25", WebUtility.HtmlDecode(html));
        Assert.Contains("tabindex=\"0\" role=\"img\"", html);
        Assert.Contains("<image href=", html);
        string text = Text(html);
        Assert.Contains("Edges, each cut alone.", text);
        Assert.Contains("as many neurons", text);
        Assert.Contains("opposite", text);
        Assert.DoesNotContain("<script>", html[html.IndexOf("<svg class=\"circuit\"", StringComparison.Ordinal)..html.IndexOf("Edges, each cut", StringComparison.Ordinal)]);

        string other = await File.ReadAllTextAsync(Path.Combine(folder, "l", "block3", "c", "odd &amp b", "index.html"), Stop);
        Assert.Contains("It fails the test.", other);
        Assert.Contains("Graphs of random nodes come as near", other);
        Assert.DoesNotContain("odd &amp b", other);
    }

    [Fact]
    public async Task A_damaged_circuit_is_told_of_and_a_run_without_any_says_nothing()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        string index = await ReportBuilder.BuildAsync(run.Folder, Stop);
        Assert.DoesNotContain("id=\"circuits\"", await File.ReadAllTextAsync(index, Stop), StringComparison.Ordinal);
        Write(run, "class-ring", 3, []);
        string path = run.PathOf(RunLayout.Circuit("block3", "class-ring"));
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Stop)).Replace("\"from\": 0", "\"from\": 77", StringComparison.Ordinal), Stop);
        List<string> problems = [];
        await ReportBuilder.BuildAsync(run.Folder, Stop, problems.Add);
        Assert.Contains(problems, problem => problem.Contains("an edge ends at no node", StringComparison.Ordinal));
    }

    private static void Write(RunFolderFixture run, string name, int unit, string[] findings)
    {
        EffectEstimate At(double value) => new(value, value - 0.25, value + 0.25);
        CircuitCurveRecord Curve(string one, double kept) =>
            new(one, [new CircuitPoint(1, At(kept / 2), At(0.9)), new CircuitPoint(3, At(kept), At(0.2))]);
        string path = run.PathOf(RunLayout.Circuit("block3", name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        DocumentFile.Write(path, new CircuitDocument
        {
            Target = new CircuitTargetRecord("class", name, 3, null, null, null),
            From = new CircuitLayerRecord("block2", "neurons", 32),
            To = new CircuitLayerRecord("block3", "topk", RunFolderFixture.Latents),
            Baseline = "mean",
            Ranking = "gradient",
            IntegrationSteps = 8,
            ChosenOn = 20,
            Images = 20,
            HeldOut = true,
            Seed = 1,
            RandomGraphs = 5,
            Whole = At(3),
            Nothing = At(0.5),
            Nodes =
            [
                new("block2", 7, 0.5, 0.5, At(0.5), CircuitVerdicts.Confirmed),
                new("block3", unit, 0.8, 0.7, At(0.75), CircuitVerdicts.Confirmed),
                new("block3", null, 0.1, 0.1, At(-0.25), CircuitVerdicts.Opposite),
            ],
            Edges =
            [
                new(0, 1, 0.4, 0.4, At(0.5), CircuitVerdicts.Confirmed), new(1, null, 0.8, 0.7, At(0.75), CircuitVerdicts.Confirmed),
                new(2, null, 0.1, 0.1, At(-0.25), CircuitVerdicts.Opposite),
            ],
            Curves = [Curve("circuit", 0.8), Curve("neurons", 0.5), Curve("random", 0.1)],
            EdgeFaithfulness = At(0.7),
            Findings = findings,
        });
    }

    private static string Text(string html) =>
        Whitespace().Replace(WebUtility.HtmlDecode(Tags().Replace(html, " ")), " ");

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();

    [GeneratedRegex("<path class=\"edge")]
    private static partial Regex Lines();
}
