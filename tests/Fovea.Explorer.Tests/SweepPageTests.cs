using System.Net;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>The page of a sweep, and the curves of a dictionary.</summary>
public sealed class SweepPageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_sweep_went_on_without_is_listed_with_its_reason()
    {
        using RunFolderFixture run = await RunFolderFixture.SmallAsync();
        run.WriteText("sweeps/block3/whole/sweep.json", Sweep("whole", ""));
        run.WriteText("sweeps/block3/partial/sweep.json", Sweep("partial",
            """, "failed": [{ "id": "wild", "baseline": false, "reason": "The loss of <wild> is not a finite number." }, { "id": "nmf", "baseline": true, "reason": "NMF needs other vectors." }]"""));

        string partial = await PageAsync(run, "w/block3/partial"), list = WebUtility.HtmlDecode(partial.Split("id=\"failed\"")[1].Split("</ul>")[0]);

        Assert.Contains("<code>wild</code>: The loss of <wild> is not a finite number.", list);
        Assert.Contains("<code>nmf</code>: NMF needs other vectors.", list);
        Assert.DoesNotContain("<wild>", partial);
        Assert.DoesNotContain("id=\"failed\"", await File.ReadAllTextAsync(run.PathOf("report/w/block3/whole/index.html"), Stop));
    }

    [Fact]
    public async Task Training_and_validation_are_compared_by_what_they_have_alike()
    {
        using RunFolderFixture run = await RunFolderFixture.SmallAsync();
        Assert.Contains("<h4>Loss</h4>", await PageAsync(run, "s/block3/topk"));
        run.WriteText("dictionaries/block3/topk/history.jsonl", """
            {"step": 1, "vectors": 9, "split": "train", "loss": 3.5, "reconstruction": 3, "fvu": 0.5, "l0": 4, "deadFraction": 0}
            {"step": 1, "vectors": 9, "split": "validation", "loss": 2, "reconstruction": 2, "fvu": 0.4, "l0": 4, "deadFraction": 0}
            {"step": 2, "vectors": 18, "split": "train", "loss": 2.5, "reconstruction": 2, "fvu": 0.3, "l0": 4, "deadFraction": 0}
            {"step": 2, "vectors": 18, "split": "validation", "loss": 1, "reconstruction": 1, "fvu": 0.2, "l0": 4, "deadFraction": 0}

            """);
        string html = await PageAsync(run, "s/block3/topk");
        Assert.Contains("<h4>Reconstruction: squared error", html);
        Assert.DoesNotContain("<h4>Loss</h4>", html);
    }

    private static string Sweep(string name, string more) => $$"""
        { "format": 1, "name": "{{name}}", "layer": "block3", "description": "", "folds": 1, "validate": ["magnitude"], "stability": [], "points": [
          { "id": "topk", "label": "topk", "architecture": "topk", "baseline": false, "filter": "magnitude", "sparsity": 8, "seed": 0, "dIn": 48, "dSae": 192,
            "measures": { "magnitude": [{ "scores": { "fvu": 0.2, "l0": 8, "deadFraction": 0 } }] } }]{{more}} }
        """;

    private static async Task<string> PageAsync(RunFolderFixture run, string page)
    {
        await ReportBuilder.BuildAsync(run.Folder, Stop);
        return await File.ReadAllTextAsync(run.PathOf($"report/{page}/index.html"), Stop);
    }
}
