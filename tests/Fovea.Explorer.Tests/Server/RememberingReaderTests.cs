using Fovea.Explorer.Contents;
using Fovea.Interpretation;
using Fovea.Runs;
using Xunit;

namespace Fovea.Explorer.Tests.Server;

/// <summary>Tables and documents are read once as long as their files are the same, and never taken for what they were.</summary>
public sealed class RememberingReaderTests : IDisposable
{
    private readonly RunFolderFixture _run = RunFolderFixture.Evidenced();

    private string Table => _run.PathOf($"{RunLayout.Units("block3", "topk")}/{FeatureTables.FeaturesName}");

    public void Dispose() => _run.Dispose();

    [Fact]
    public void What_is_the_same_is_not_read_again()
    {
        var reader = new RememberingReader(new RunFolderReader(_run.Folder));
        Assert.Same(reader.Features("block3", "topk"), reader.Features("block3", "topk"));
        Assert.Same(reader.ExampleIndex("block3", "topk"), reader.ExampleIndex("block3", "topk"));
        Assert.Same(reader.Find<RunRecord>(RunLayout.Run), reader.Find<RunRecord>(RunLayout.Run));
        Assert.NotSame(reader.Features("block3", "topk"), reader.Features("block3", "neurons"));
    }

    [Fact]
    public void What_is_written_anew_is_read_anew_and_what_is_gone_is_gone()
    {
        var reader = new RememberingReader(new RunFolderReader(_run.Folder));
        IReadOnlyList<FeatureRow> before = reader.Features("block3", "topk")!;
        FeatureRow[] other = [.. before.Select(row => row with { Max = 1234 })];
        TableFile.Write(Table, other);
        // Of the same length and within a moment: the time of the last change tells.
        Assert.Equal(other, reader.Features("block3", "topk"));
        File.WriteAllText(Table, "damaged");
        Assert.Throws<FoveaException>(() => reader.Features("block3", "topk"));
        File.Delete(Table);
        Assert.Null(reader.Features("block3", "topk"));
        TableFile.Write(Table, before);
        Assert.Equal(before, reader.Features("block3", "topk"));
    }

    [Fact]
    public void After_a_round_nothing_is_kept_that_it_did_not_ask_for()
    {
        var reader = new RememberingReader(new RunFolderReader(_run.Folder));
        IReadOnlyList<FeatureRow> rows = reader.Features("block3", "topk")!;
        IReadOnlyList<FeatureRow> neurons = reader.Features("block3", "neurons")!;
        reader.Round(() => reader.Features("block3", "topk"));
        Assert.Same(rows, reader.Features("block3", "topk"));
        Assert.NotSame(neurons, reader.Features("block3", "neurons"));
    }

    [Fact]
    public async Task Pages_show_a_table_that_a_stage_wrote_anew()
    {
        await using ServedRun served = await ServedRun.EvidencedAsync();
        FeatureRow[] rows = [.. TableFile.Read<FeatureRow>(served.Run.PathOf($"{RunLayout.Units("block3", "topk")}/{FeatureTables.FeaturesName}"))];
        Assert.DoesNotContain("4,321", await served.PageAsync("/l/block3/s/topk/f/48"), StringComparison.Ordinal);

        string folder = served.Run.PathOf(RunLayout.Units("block3", "topk"));
        TableFile.Write(Path.Combine(folder, FeatureTables.FeaturesName), [.. rows.Select(row => row with { Max = 4321 })]);
        StageRecord.Create("features block3/topk", new MadeUp(7)).Write(folder);
        await Task.Delay(400, TestContext.Current.CancellationToken);

        Assert.Contains("4,321", await served.PageAsync("/l/block3/s/topk/f/48"), StringComparison.Ordinal);
    }

    private sealed record MadeUp(int Number) : StageInputs(1, 0);
}
