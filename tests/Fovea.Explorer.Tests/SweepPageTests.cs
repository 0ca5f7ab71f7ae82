using System.Net;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>The page of a sweep.</summary>
public sealed class SweepPageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_sweep_went_on_without_is_listed_with_its_reason()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        Write(run, "whole", null);
        Write(run, "partial",
            [new SweepFailure("wild", false, "The loss of <wild> is not a finite number."),
                new SweepFailure("nmf", true, "NMF needs other vectors.")]);

        string partial = await PageAsync(run, "l/block3/w/partial"), list = WebUtility.HtmlDecode(
            partial.Split("id=\"failed\"")[1].Split("</ul>")[0]);

        Assert.Contains("<code>wild</code>: The loss of <wild> is not a finite number.", list);
        Assert.Contains("<code>nmf</code>: NMF needs other vectors.", list);
        Assert.DoesNotContain("<wild>", partial);
        Assert.DoesNotContain("id=\"failed\"", await File.ReadAllTextAsync(run.PathOf("report/l/block3/w/whole/index.html"), Stop));
    }

    [Fact]
    public async Task Measures_are_means_over_the_folds_that_have_them()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        Write(run, "folds", null, Scores(0.2, 8, 0.9), Scores(0.4, 10, double.NaN));

        string page = WebUtility.HtmlDecode(await PageAsync(run, "l/block3/w/folds"));

        Assert.Contains("<td class=\"num\">9</td>", page);
        Assert.Contains("<td class=\"num\">0.3</td>", page);
        Assert.Contains("<td class=\"num\">0.9</td>", page);
    }

    private static void Write(RunFolderFixture run, string name, IReadOnlyList<SweepFailure>? failed, params DictionaryScores[] folds)
    {
        if (folds.Length == 0) folds = [Scores(0.2, 8, 0.9)];
        DocumentFile.Write(run.PathOf(RunLayout.Sweep("block3", name)), new SweepDocument
        {
            Name = name,
            Layer = "block3",
            Description = "",
            Folds = folds.Length,
            Validate = ["magnitude"],
            Stability = [],
            Points =
            [
                new SweepPoint
                {
                    Id = "topk", Label = "topk", Architecture = "topk", Baseline = false, Filter = "magnitude", Sparsity = 8, DIn = 48,
                        DSae = 192,
                    Measures = new Dictionary<string, IReadOnlyList<DictionaryScores>> { ["magnitude"] = folds },
                },
            ],
            Failed = failed,
        });
    }

    private static DictionaryScores Scores(double fvu, double l0, double bias) =>
        new(new AutoencoderScores { Fvu = fvu, L0 = l0, Shrinkage = new ShrinkageScores(1, 1, bias) },
            new DirectionCoherence(0.5, 0.4, 0.1));

    private static async Task<string> PageAsync(RunFolderFixture run, string page)
    {
        await ReportBuilder.BuildAsync(run.Folder, Stop);
        return await File.ReadAllTextAsync(run.PathOf($"report/{page}/index.html"), Stop);
    }
}
