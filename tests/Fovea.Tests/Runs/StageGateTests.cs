using Fovea.Runs;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class StageGateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-gate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_finished_stage_with_the_same_inputs_is_skipped()
    {
        int runs = 0;
        Assert.False(new StageGate(null).Pass(Record(1), _folder, () => runs++));
        Assert.True(new StageGate(null).Pass(Record(1), _folder, () => runs++));
        Assert.Equal(1, runs);
    }

    [Fact]
    public void An_unfinished_stage_is_continued()
    {
        Assert.Throws<InvalidOperationException>(() => new StageGate(null).Pass(Record(1), _folder, () => throw new InvalidOperationException("killed")));
        int runs = 0;
        Assert.False(new StageGate(null).Pass(Record(1), _folder, () => runs++));
        Assert.Equal(1, runs);
    }

    [Fact]
    public void Other_inputs_are_refused_with_the_difference_shown()
    {
        new StageGate(null).Pass(Record(1), _folder, () => { });
        var error = Assert.Throws<FoveaException>(() => new StageGate(null).Pass(Record(2), _folder, () => { }));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("settings.epochs: 1 → 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("--redo", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Redo_replaces_the_stage_and_those_after_it()
    {
        string second = Path.Combine(_folder, "second"), first = Path.Combine(_folder, "first");
        var gate = new StageGate(null);
        gate.Pass(Record(1, "train"), first, () => File.WriteAllText(Path.Combine(first, "old"), ""));
        gate.Pass(Record(1, "harvest"), second, () => { });
        var redo = new StageGate("train");
        Assert.False(redo.Pass(Record(2, "train"), first, () => { }));
        Assert.False(redo.Pass(Record(1, "harvest"), second, () => { }));
        Assert.False(File.Exists(Path.Combine(first, "old")));
    }

    [Fact]
    public void A_second_writer_is_kept_out()
    {
        var run = new RunFolder(Path.Combine(_folder, "run"));
        using (RunLock.Take(run)) Assert.Equal(FailureKind.Resource, Assert.Throws<FoveaException>(() => RunLock.Take(run)).Kind);
        using (RunLock.Take(run)) { }
    }

    private static StageRecord Record(int epochs, string stage = "train") => StageRecord.Create(stage, new { settings = new { epochs } });
}
