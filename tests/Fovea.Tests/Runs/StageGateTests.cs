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
    public void An_interrupted_redo_goes_on_without_being_asked_again()
    {
        string[] folders = [.. new[] { "first", "second", "third" }.Select(name => Path.Combine(_folder, name))];
        string kept = Path.Combine(folders[0], "checkpoint"), left = Path.Combine(folders[1], "left");
        foreach (string folder in folders) new StageGate(null).Pass(Record(1, Path.GetFileName(folder)), folder, () => { });
        File.WriteAllText(left, "");
        Assert.Throws<InvalidOperationException>(() => new StageGate("first", folders).Pass(Record(2, "first"), folders[0], () =>
        {
            File.WriteAllText(kept, "");
            throw new InvalidOperationException("killed");
        }));

        var again = new StageGate(null, folders);
        Assert.False(again.Pass(Record(2, "first"), folders[0], () => Assert.True(File.Exists(kept))));
        Assert.False(again.Pass(Record(2, "second"), folders[1], () => Assert.False(File.Exists(left))));
        Assert.False(again.Pass(Record(1, "third"), folders[2], () => { })); // the same settings, yet made from what was there before
        foreach (string folder in folders) Assert.True(StageRecord.Find(folder) is { Complete: true, Stale: false });
        Assert.Throws<FoveaException>(() => new StageGate(null, folders).Pass(Record(1, "second"), folders[1], () => { }));
    }

    [Fact]
    public void Redo_leaves_what_comes_before_as_it_is()
    {
        string[] folders = [.. new[] { "first", "second" }.Select(name => Path.Combine(_folder, name))];
        foreach (string folder in folders) new StageGate(null).Pass(Record(1, Path.GetFileName(folder)), folder, () => { });
        var redo = new StageGate("second", folders);
        Assert.True(redo.Pass(Record(1, "first"), folders[0], () => { }));
        Assert.False(redo.Pass(Record(2, "second"), folders[1], () => { }));
        Assert.DoesNotContain("stale", File.ReadAllText(Path.Combine(folders[1], StageRecord.FileName)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_writer_is_kept_out()
    {
        var run = new RunFolder(Path.Combine(_folder, "run"));
        using (RunLock.Take(run)) Assert.Equal(FailureKind.Resource, Assert.Throws<FoveaException>(() => RunLock.Take(run)).Kind);
        using (RunLock.Take(run)) { }
        using (RunLock.For(run, Path.Combine(run.Root, "pictures"))) Assert.Throws<FoveaException>(() => RunLock.For(run, run.Root));
        // Who writes elsewhere only reads the run.
        Assert.Null(RunLock.For(run, _folder));
        Assert.Null(RunLock.For(run, run.Root + "-pictures"));
        using RunLock? named = RunLock.For(run, Path.Combine(run.Root, "..pictures"));
        Assert.NotNull(named);
    }

    [Fact]
    public void A_corrected_sentence_makes_nothing_anew()
    {
        static StageRecord Described(string description, int epochs) => StageRecord.Create("sweep", new { seed = 1ul, settings = new { name = "a", description, epochs } });
        new StageGate(null).Pass(Described("ä first \"sentence\"", 1), _folder, () => { });
        Assert.True(new StageGate(null).Pass(Described("a better one", 1), _folder, () => { }));
        Assert.Throws<FoveaException>(() => new StageGate(null).Pass(Described("a better one", 2), _folder, () => { }));
    }

    private static StageRecord Record(int epochs, string stage = "train") => StageRecord.Create(stage, new { settings = new { epochs } });
}
