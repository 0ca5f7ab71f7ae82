using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>What is absent, damaged or hostile.</summary>
public sealed partial class ReportBuilderTests
{
    [Fact]
    public async Task An_empty_folder_gives_a_page_that_says_little()
    {
        using var run = new RunFolderFixture();

        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);

        Assert.Contains("What the network has learned", html);
        Assert.DoesNotContain("<section id=\"model\"", html);
        Assert.Contains("<section id=\"provenance\"", html);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("activations")]
    [InlineData("dictionaries")]
    [InlineData("features")]
    [InlineData("model/errors.json")]
    [InlineData("dictionaries/block3/topk/cfg.json")]
    [InlineData("features/block3/topk/features.parquet")]
    [InlineData("features/block3/topk/examples.parquet")]
    [InlineData("features/block3/topk/images")]
    [InlineData("run.json")]
    [InlineData("recipe.toml")]
    public async Task A_part_that_is_absent_is_left_out(string part)
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        if (Directory.Exists(run.PathOf(part))) Directory.Delete(run.PathOf(part), recursive: true);
        else File.Delete(run.PathOf(part));

        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);

        Assert.DoesNotContain("Not everything could be read", html);
    }

    [Theory]
    [InlineData("model/errors.json", "{ \"least\": [")]
    [InlineData("model/history.jsonl", "{\"epoch\": 1}\n{\"epo")]
    [InlineData("features/block3/topk/features.parquet", "PAR1 but no more")]
    [InlineData("recipe.toml", "name = ")]
    public async Task A_damaged_file_is_named_and_the_rest_is_shown(string part, string content)
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        run.WriteText(part, content);

        List<string> unreadable = [];
        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop, unreadable.Add), Stop);

        Assert.Contains($"RUN/{part}", Assert.Single(unreadable), StringComparison.Ordinal);
        Assert.Contains("Not everything could be read", html);
        Assert.Contains($"RUN/{part}", html);
        Assert.DoesNotContain(run.Folder, html);
        Assert.Contains("<section id=\"dictionaries\"", html);
    }

    [Fact]
    public async Task Numbers_that_are_not_known_are_shown_as_such()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        DocumentFile.Write(
            run.PathOf(RunLayout.Evaluation), new EvaluationTable([new EvaluationRow("odd", double.NaN, double.NaN, double.NaN, 10)]));

        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);

        Assert.Contains(
            "<th scope=\"row\">odd</th><td class=\"num\">–</td><td class=\"num\">–</td><td class=\"num\">–</td><td class=\"num\">10</td>",
                html);
        Assert.DoesNotContain("NaN", html);
    }

    [Theory]
    [InlineData(RunLayout.Run)]
    [InlineData(RunLayout.Model)]
    [InlineData(RunLayout.Evaluation)]
    [InlineData("activations/block3/manifest.json")]
    [InlineData("dictionaries/block3/topk/metrics.json")]
    [InlineData("dictionaries/block3/topk/history.jsonl")]
    [InlineData("features/block3/comparison-0.json")]
    public async Task A_document_of_another_schema_is_named_with_what_to_do(string part)
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        run.WriteText(
            part, File.ReadAllText(run.PathOf(part)).Replace("\"schema\": 1", "\"schema\": 99", StringComparison.Ordinal)
                .Replace("\"schema\":1", "\"schema\":99", StringComparison.Ordinal));

        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);

        Assert.Contains($"RUN/{part}", html);
        Assert.Contains("schema 99", html);
        Assert.Contains("make it again", html);
        Assert.Contains("<section id=\"provenance\"", html);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_refused_as_bad_data()
    {
        var error = await Assert.ThrowsAsync<FoveaException>(
            () => ReportBuilder.BuildAsync(Path.Combine(Path.GetTempPath(), "no-such-run"), Stop));

        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("fovea run", error.Message);
    }

    [Fact]
    public async Task Text_of_the_run_cannot_become_markup()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        run.WriteText("recipe.toml", "name = \"<script>alert(1)</script>\"\ndescription = \"\\\"><img src=x onerror=alert(1)>\"");

        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);

        Assert.DoesNotContain("<script>", html);
        Assert.All(Script().Matches(html).Select(match => match.Value), script => Assert.StartsWith("<script src=\"assets/", script));
        Assert.DoesNotContain("<img src=x", html);
    }
}
