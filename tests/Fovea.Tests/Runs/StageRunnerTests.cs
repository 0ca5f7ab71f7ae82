using Fovea.IO;
using Fovea.Runs;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>
/// What a stage gets from the runner without a word of its own, shown with one that writes notes (<see cref="NoteStage"/>).
/// </summary>
public sealed partial class StageRunnerTests : IDisposable
{
    private static readonly WorkflowSettings Settings =
        new()
        {
            Name = "notes",
            Data = new DataSettings { Source = "shapesworld" },
            Model = new ModelSettings { Architecture = "small_cnn" }
        };

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-stages-").FullName;
    private readonly List<string> _log = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private RunFolder Run => new(Path.Combine(_folder, "run"));

    [Fact]
    public void A_complete_stage_is_skipped_and_says_what_it_is()
    {
        var result = Do([new NoteStage("a")]);
        Assert.Equal([new StageResult("a", true, "text 0\ntext 1")], result.Stages);
        Assert.False(Directory.Exists(Run.Scratch));
        var again = new NoteStage("a");
        Assert.Equal(result.Stages, Do([again]).Stages);
        Assert.Empty(again.Made);
        Assert.Contains("a: finished before, skipped", _log);
    }

    [Fact]
    public void Progress_says_which_part_its_counts_are_of()
    {
        List<WorkflowProgress> seen = [];
        Do([new NoteStage("a") { Count = 3 }], new WorkflowOptions { Progress = new Reporter<WorkflowProgress>(seen.Add) });
        Assert.Equal([(1, 3), (2, 3), (3, 3)], seen.Where(one => one.Stage == "a").Select(one => one.Part!.Value));
    }

    [Fact]
    public void An_interrupted_stage_goes_on_with_the_parts_that_are_left()
    {
        var first = new NoteStage("a") { Count = 3, OnPart = scratch => Stop(scratch.EndsWith("note-1", StringComparison.Ordinal)) };
        Assert.Throws<OperationCanceledException>(() => Do([first]));
        Assert.True(Directory.Exists(Run.Scratch));
        var second = new NoteStage("a") { Count = 3 };
        Do([second]);
        Assert.Equal(["0", "1"], first.Made);
        Assert.Equal(["1 goes on", "2"], second.Made);
        Assert.False(Directory.Exists(Run.Scratch));
        Assert.Equal("text 0\ntext 1\ntext 2\n", File.ReadAllText(Path.Combine(Run.Root, "notes", "a", "all.txt")));
    }

    [Fact]
    public void A_stage_that_stopped_before_it_was_joined_makes_no_part_again()
    {
        Assert.Throws<OperationCanceledException>(() => Do([new NoteStage("a") { OnJoin = () => Stop(true) }]));
        var again = new NoteStage("a");
        Do([again]);
        Assert.Empty(again.Made);
    }

    [Fact]
    public void Scratch_is_there_until_the_record_says_complete()
    {
        string record = Path.Combine(Run.Root, "notes", "a", StageRecord.FileName);
        List<(bool Complete, bool Scratch)> seen = [];
        void Look(string path)
        {
            if (path.StartsWith(Run.Root, StringComparison.Ordinal) && File.Exists(record))
                seen.Add((StageRecord.Find(Path.GetDirectoryName(record)!)!.Complete, Directory.Exists(Run.Scratch)));
        }
        DiskEvents.Changing += Look;
        try { Do([new NoteStage("a")]); }
        finally { DiskEvents.Changing -= Look; }
        Assert.Contains((true, true), seen);
        int complete = seen.FindIndex(one => one.Complete);
        // From the first part on, whatever is not complete has its scratch.
        Assert.All(seen.SkipWhile(one => !one.Scratch).TakeWhile(one => !one.Complete), one => Assert.True(one.Scratch));
        Assert.All(seen.Skip(complete), one => Assert.True(one.Complete));
    }

    [Fact]
    public void Scratch_that_a_kill_left_behind_a_complete_stage_goes_with_the_next_run()
    {
        Do([new NoteStage("a")]);
        string left = Path.Combine(Run.Scratch, "notes", "a", "note-0");
        Directory.CreateDirectory(left);
        Do([new NoteStage("a")]);
        Assert.False(Directory.Exists(Run.Scratch));
    }

    [Fact]
    public void Other_inputs_are_refused_before_anything_is_written()
    {
        Do([new NoteStage("a"), new NoteStage("b", "a")]);
        string log = File.ReadAllText(Run.Log), record = File.ReadAllText(Run.RunRecord);
        var error = Assert.Throws<FoveaException>(() => Do([new NoteStage("a") { Text = "other" }, new NoteStage("b", "a")]));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("text: \"text\" → \"other\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("--redo \"a\"", error.Message, StringComparison.Ordinal);
        Assert.Equal((log, record), (File.ReadAllText(Run.Log), File.ReadAllText(Run.RunRecord)));
        Assert.Equal(
            error.Message,
                Assert.Throws<FoveaException>(() => Plan([new NoteStage("a") { Text = "other" }, new NoteStage("b", "a")])).Message);
    }

    [Fact]
    public void A_stage_that_gave_nothing_may_be_corrected()
    {
        Assert.Throws<InvalidOperationException>(
            () => Do([new NoteStage("a") { Count = 0, OnJoin = () => throw new InvalidOperationException() }]));
        Do([new NoteStage("a") { Text = "corrected" }]);
        Assert.Equal("corrected 0\ncorrected 1\n", File.ReadAllText(Path.Combine(Run.Root, "notes", "a", "all.txt")));
    }

    [Fact]
    public void All_checks_come_before_any_work()
    {
        var first = new NoteStage("a");
        NoteStage[] stages = [first, new NoteStage("b", "a") { Refusal = "there is no such thing" }];
        Assert.Equal("there is no such thing", Assert.Throws<FoveaException>(() => Plan(stages)).Message);
        Assert.False(Directory.Exists(Run.Root));
        Assert.Equal("there is no such thing", Assert.Throws<FoveaException>(() => Do(stages)).Message);
        Assert.Empty(first.Made);
        // What is not asked for is not checked.
        Do(stages, new WorkflowOptions { Until = "a" });
        Assert.Equal(["0", "1"], first.Made);
    }

    [Fact]
    public void A_redo_follows_the_graph()
    {
        Do(Diamond());
        var redone = Diamond();
        Do(redone, new WorkflowOptions { Redo = "b left" });
        Assert.Equal([false, true, false, true], redone.Select(stage => stage.Made.Count > 0));
        redone = Diamond();
        Do(redone, new WorkflowOptions { Redo = "b" });
        Assert.Equal([false, true, true, true], redone.Select(stage => stage.Made.Count > 0));
        redone = Diamond();
        Do(redone, new WorkflowOptions { Redo = "c" });
        Assert.Equal([false, false, false, true], redone.Select(stage => stage.Made.Count > 0));
    }

    [Fact]
    public void An_interrupted_redo_goes_on_without_being_asked_again()
    {
        Do(Diamond());
        string left = Path.Combine(Run.Root, "notes", "c", "left.txt");
        File.WriteAllText(left, "");
        var stopped = Diamond(part => Stop(part.EndsWith("note-1", StringComparison.Ordinal)));
        Assert.Throws<OperationCanceledException>(() => Do(stopped, new WorkflowOptions { Redo = "b left" }));
        var again = Diamond();
        Do(again);
        Assert.Equal(["1 goes on"], again[1].Made);
        Assert.Empty(again[2].Made);
        Assert.Equal(["0", "1"], again[3].Made);
        Assert.False(File.Exists(left));
        Assert.DoesNotContain(
            "stale", File.ReadAllText(Path.Combine(Run.Root, "notes", "c", StageRecord.FileName)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_redo_killed_at_any_change_of_the_disk_leaves_nothing_stale_as_it_is()
    {
        Do(Diamond());
        string kept = Path.Combine(_folder, "kept");
        Copy(Run.Root, kept);
        int changes = Count(() => Do(Diamond(), new WorkflowOptions { Redo = "a" }));
        Assert.True(changes > 20);
        for (int at = 0; at < changes; at++)
        {
            Directory.Delete(Run.Root, recursive: true);
            Copy(kept, Run.Root);
            StopAt(at, () => Do(Diamond(), new WorkflowOptions { Redo = "a" }));
            Do(Diamond());
            Assert.All(Directory.EnumerateFiles(Run.Root, StageRecord.FileName, SearchOption.AllDirectories),
                file => Assert.DoesNotContain("stale", File.ReadAllText(file), StringComparison.Ordinal));
            Assert.False(Directory.Exists(Run.Scratch));
        }
    }

    [Fact]
    public void A_run_killed_before_any_change_of_the_disk_ends_with_the_same_bytes()
    {
        var harness = new InterruptionHarness(
            _folder, (folder, progress, stop) =>
                Workflow(Diamond(), new WorkflowOptions { Progress = progress, Recipe = "recipe" }, new RunFolder(folder)).Run(stop));
        harness.RunReference();
        Assert.True(harness.Changes > 40, $"{harness.Changes} changes");
        for (int change = 0; change < harness.Changes; change++)
        {
            var report = harness.KillAtChange(change);
            Assert.Equal(1, report.Interruptions);
            Assert.True(report.Different.Count == 0, $"{string.Join(", ", report.Different)}: {report.Moments[0]}");
        }
    }

    [Fact]
    public void A_run_interrupted_at_drawn_moments_ends_with_the_same_bytes()
    {
        var harness = new InterruptionHarness(
            _folder, (folder, progress, stop) => Workflow(Diamond(), new WorkflowOptions { Progress = progress }, new RunFolder(folder))
                .Run(stop));
        harness.RunReference();
        int stopped = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var report = harness.Interrupt(seed, 5);
            stopped += report.Interruptions;
            Assert.True(report.Different.Count == 0,
                $"{string.Join(", ", report.Different)} (seed {seed}: {string.Join("; ", report.Moments)})");
        }
        Assert.True(stopped > 60, $"{stopped} interruptions");
        // The same seed stops at the same places.
        Assert.Equal(harness.Interrupt(3, 5).Moments, harness.Interrupt(3, 5).Moments);
    }

    [Fact]
    public void A_run_killed_at_every_boundary_of_a_stage_ends_with_the_same_bytes()
    {
        var harness = new InterruptionHarness(
            _folder, (folder, progress, stop) => Workflow(Diamond(), new WorkflowOptions { Progress = progress }, new RunFolder(folder))
                .Run(stop));
        harness.RunReference();
        var report = harness.KillAtBoundaries();
        Assert.True(report.Different.Count == 0, report.ToString());
        // Four stages of two parts: around the record, around each claim and each part's end, around completion, around the clearing of
        // scratch.
        string[] expected = ["stage.json", "note-0.claim", "note-0.done", "note-1.claim", "note-1.done"];
        foreach (string stage in (string[])["a", "b-left", "b-right", "c"])
        {
            string[] met =
                [.. report.Moments.Where(moment => moment.Contains(Path.DirectorySeparatorChar + stage, StringComparison.Ordinal))];
            Assert.All(expected, name => Assert.Contains(met, moment => moment.EndsWith(name, StringComparison.Ordinal)));
        }
        var some = harness.KillAtBoundaries(0.3, 2);
        Assert.InRange(some.Interruptions, 1, report.Interruptions / 2);
        Assert.Equal(some.Moments, harness.KillAtBoundaries(0.3, 2).Moments);
    }

    [Theory]
    [InlineData(Interruption.FullDisk)]
    [InlineData(Interruption.NoPermission)]
    public void A_fault_of_the_disk_is_a_lack_of_a_resource_and_the_run_goes_on_afterwards(Interruption kind)
    {
        var harness = new InterruptionHarness(
            _folder, (folder, progress, stop) => Workflow(Diamond(), new WorkflowOptions { Progress = progress }, new RunFolder(folder))
                .Run(stop));
        harness.RunReference();
        int faults = 0;
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var report = harness.Interrupt(seed, 5, kind);
            faults += report.Failures.Count;
            Assert.True(report.Different.Count == 0, report.ToString());
            Assert.Equal(report.Interruptions, report.Failures.Count);
            Assert.All(report.Failures, failure => Assert.Equal(FailureKind.Resource, Assert.IsType<FoveaException>(failure).Kind));
        }
        Assert.True(faults > 20, $"{faults} faults");
    }

    [Fact]
    public void A_redo_reaches_stages_that_the_recipe_names_no_more()
    {
        Do(Diamond());
        Do([Diamond()[0]], new WorkflowOptions { Redo = "a" });
        var back = Diamond();
        Do(back);
        Assert.Equal([false, true, true, true], back.Select(stage => stage.Made.Count > 0));
    }

    [Fact]
    public void Until_does_what_is_needed_and_nothing_else()
    {
        var stages = Diamond();
        Do(stages, new WorkflowOptions { Until = "b right" });
        Assert.Equal([true, false, true, false], stages.Select(stage => stage.Made.Count > 0));
        Assert.Contains(
            "There are: a, b, c, b left, b right",
                Assert.Throws<FoveaException>(() => Do(Diamond(), new WorkflowOptions { Until = "d" })).Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => Do(Diamond(), new WorkflowOptions { Redo = "b middle" }));
    }

    [Fact]
    public void A_kind_that_the_recipe_does_not_ask_for_is_no_end()
    {
        NoteStage a = new("a");
        var graph = new StageGraph(
            [new StageKind("a", "A", _ => [a]), new StageKind("b", "B", _ => [])], Settings);
        FoveaException error = Assert.Throws<FoveaException>(() => graph.UpTo("b"));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("asks for no b: its stages are a.", error.Message, StringComparison.Ordinal);
        Assert.Equal([a], graph.UpTo("a"));
    }

    [Fact]
    public void A_plan_adds_up_what_is_left()
    {
        Do(Diamond(), new WorkflowOptions { Until = "b left" });
        var plan = Plan(Diamond());
        Assert.Equal(["a skip", "b left skip", "b right start", "c start"], plan.Stages.Select(stage => $"{stage.Name} {stage.Action}"));
        Assert.Equal((20, 40, 60, 2.0), (plan.Images, plan.Vectors, plan.Bytes, plan.Minutes));
        Assert.Equal(
            ["a replace", "b left replace", "b right replace", "c replace"],
                Plan(Diamond(), new WorkflowOptions { Redo = "a" }).Stages.Select(stage => $"{stage.Name} {stage.Action}"));
    }

    [Fact]
    public void A_stage_made_after_one_that_is_not_asked_for_is_refused() =>
        Assert.Contains(
            "'nothing'", Assert.Throws<FoveaException>(() => Do([new NoteStage("a", "nothing")])).Message, StringComparison.Ordinal);

    private static NoteStage[] Diamond(Action<string>? onPart = null) =>
        [new NoteStage("a") { OnPart = onPart }, new NoteStage("b left", "a") { OnPart = onPart }, new NoteStage("b right", "a"),
            new NoteStage("c", "b left", "b right")];

    private static void Stop(bool now)
    {
        if (now) throw new OperationCanceledException();
    }

    private Workflow Workflow(NoteStage[] stages, WorkflowOptions? options, RunFolder? run = null) =>
        new(Settings, _folder, run ?? Run, options is { Log: not null } ? options : (options ?? new WorkflowOptions()) with { Log = Note },
        [.. stages.Select(stage => stage.Name.Split(' ')[0]).Distinct()
            .Select(word => new StageKind(word, word, _ => stages.Where(stage => stage.Name.Split(' ')[0] == word)))]);

    private void Note(string line)
    {
        lock (_log) _log.Add(line);
    }

    private WorkflowResult Do(NoteStage[] stages, WorkflowOptions? options = null)
    {
        _log.Clear();
        return Workflow(stages, options).Run(TestContext.Current.CancellationToken);
    }

    private WorkflowPlan Plan(NoteStage[] stages, WorkflowOptions? options = null) => Workflow(stages, options).Plan();

    private int Count(Action work)
    {
        int count = 0;
        void Add(string path) => count += path.StartsWith(Run.Root, StringComparison.Ordinal) ? 1 : 0;
        DiskEvents.Changing += Add;
        try { work(); }
        finally { DiskEvents.Changing -= Add; }
        return count;
    }

    private void StopAt(int change, Action work)
    {
        int seen = 0;
        void Look(string path)
        {
            if (path.StartsWith(Run.Root, StringComparison.Ordinal) && seen++ >= change) throw new TimeoutException("stopped");
        }
        DiskEvents.Changing += Look;
        try { Assert.ThrowsAny<Exception>(work); }
        finally { DiskEvents.Changing -= Look; }
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
