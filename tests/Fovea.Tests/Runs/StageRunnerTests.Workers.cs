using Fovea.IO;
using Fovea.Runs;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>Several workers on the stages of one run.</summary>
public sealed partial class StageRunnerTests
{
    [Fact]
    public void A_part_that_somebody_else_makes_is_waited_for_and_taken_over_when_its_lease_is_out()
    {
        Assert.Throws<OperationCanceledException>(() => Do([new NoteStage("a") { OnPart = _ => Stop(true) }]));
        string claim = Path.Combine(Run.Scratch, "notes", "a", "note-0.claim");
        DocumentFile.Write(claim, new ClaimRecord(new ProcessIdentity("another machine", 17, "then")));
        var again = new NoteStage("a");
        using var stop = new CancellationTokenSource();
        var options = new WorkflowOptions
        {
            Log = line =>
            {
                _log.Add(line);
                if (line.Contains("Waiting", StringComparison.Ordinal)) stop.Cancel();
            },
        };
        Assert.Throws<OperationCanceledException>(() => Workflow([again], options).Run(stop.Token));
        Assert.Contains(_log, line => line.Contains("'note-0' by process 17 on another machine", StringComparison.Ordinal));
        Assert.Equal(["1"], again.Made);
        File.SetLastWriteTimeUtc(claim, DateTime.UtcNow.AddHours(-1));
        again = new NoteStage("a");
        Do([again]);
        Assert.Equal(["0 goes on"], again.Made);
        Assert.False(Directory.Exists(Run.Scratch));
        // Of a process of this machine that has ended.
        Assert.Throws<OperationCanceledException>(
            () => Do([new NoteStage("a") { OnPart = _ => Stop(true) }], new WorkflowOptions { Redo = "a" }));
        DocumentFile.Write(claim, new ClaimRecord(ProcessIdentity.Current with { Process = int.MaxValue }));
        again = new NoteStage("a");
        Do([again]);
        Assert.Equal(["0 goes on", "1"], again.Made);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Workers_side_by_side_give_the_bytes_of_one_run_and_make_each_part_once(int workers)
    {
        Do(Wide());
        string alone = Path.Combine(_folder, "alone");
        Directory.Move(Run.Root, alone);
        var made = new System.Collections.Concurrent.ConcurrentBag<string>();
        WorkerResult[] results = new WorkerResult[workers];
        var threads = Enumerable.Range(0, workers).Select(i => new Thread(() =>
        {
            NoteStage[] own = Wide();
            results[i] = Workflow(own, new WorkflowOptions { Worker = new RunWorker(i + 1, workers) }).Work(CancellationToken.None);
            foreach (NoteStage stage in own) foreach (string part in stage.Made) made.Add($"{stage.Name} {part}");
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        // Some may have left while others were at the last parts; one more finds what is left, if anything is.
        NoteStage[] last = Wide();
        WorkerResult rest = Workflow(last, new WorkflowOptions { Worker = new RunWorker(1, 1) }).Work(TestContext.Current.CancellationToken);
        Assert.True(rest.Complete);
        foreach (NoteStage stage in last) foreach (string part in stage.Made) made.Add($"{stage.Name} {part}");
        Assert.Equal(13, made.Count);
        Assert.Equal(13, made.Distinct().Count());
        Assert.Equal(4, results.Append(rest).Sum(result => result.Joined.Count));
        // The run's own record is that of a run: workers leave it to one.
        Assert.False(File.Exists(Run.RunRecord) || File.Exists(Run.Log));
        Do(Wide());
        Assert.Empty(FolderCopies.Differences(alone, Run.Root));
        Assert.False(Directory.Exists(Run.Scratch));
    }

    [Fact]
    public void A_worker_starts_at_its_place_and_leaves_when_nothing_is_free()
    {
        string? inside = null;
        var late = new NoteStage("a") { Count = 6 };
        var first = new NoteStage("a")
        {
            Count = 6,
            OnPart = scratch =>
            {
                if (inside is not null) return;
                inside = Path.GetFileName(scratch);
                WorkerResult other = Workflow([late], new WorkflowOptions { Worker = new RunWorker(1, 3) }).Work(CancellationToken.None);
                Assert.False(other.Complete);
                Assert.Equal([new MadeParts("a", 5)], other.Made);
                Assert.Empty(other.Joined);
                // The owner of what is left is this very process; it is said of other ones.
                Assert.Single(other.Left);
            },
        };
        WorkerResult result = Workflow([first], new WorkflowOptions { Worker = new RunWorker(3, 3) }).Work(TestContext.Current.CancellationToken);
        Assert.Equal("note-4", inside);
        Assert.Equal(["0", "1", "2", "3", "5"], late.Made);
        Assert.Equal((true, "a"), (result.Complete, Assert.Single(result.Joined)));
        Assert.Equal(["4"], first.Made);
    }

    [Fact]
    public void Workers_that_wait_end_with_the_run()
    {
        WorkerResult?[] results = new WorkerResult?[3];
        var threads = Enumerable.Range(0, 3).Select(i => new Thread(() => results[i] = Workflow(
            Wide(), new WorkflowOptions { Worker = new RunWorker(i + 1, 3) { Waits = true } }).Work(CancellationToken.None))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.All(results, result => Assert.True(result!.Complete));
        Assert.Equal(13, results.Sum(result => result!.Made.Sum(made => made.Parts)));
        Assert.False(Directory.Exists(Run.Scratch));
    }

    [Fact]
    public void Workers_go_on_with_other_stages_while_one_is_anothers()
    {
        NoteStage[] stages = Diamond();
        stages[1] = new NoteStage("b left", "a")
        {
            OnPart = scratch =>
            {
                if (!scratch.EndsWith("note-0", StringComparison.Ordinal)) return;
                NoteStage[] others = Diamond();
                WorkerResult other = Workflow(others, new WorkflowOptions { Worker = new RunWorker(1, 2) }).Work(CancellationToken.None);
                Assert.Equal(["b right"], other.Joined);
                Assert.Equal(["1"], others[1].Made);
                Assert.Equal(2, other.Left.Count);
            },
        };
        WorkerResult result = Workflow(stages, new WorkflowOptions { Worker = new RunWorker(1, 2) }).Work(TestContext.Current.CancellationToken);
        Assert.True(result.Complete);
        Assert.Equal(["a", "b left", "c"], result.Joined);
    }

    [Fact]
    public void A_worker_with_other_settings_threads_or_a_redo_is_refused()
    {
        Assert.Throws<OperationCanceledException>(() => Do([new NoteStage("a") { OnPart = _ => Stop(true) }]));
        var worker = new WorkflowOptions { Worker = new RunWorker(1, 2) };
        Assert.Contains("other settings", Refused([new NoteStage("a") { Text = "other" }], worker), StringComparison.Ordinal);
        Assert.Contains("--redo without --part", Refused([new NoteStage("a")], worker with { Redo = "a" }), StringComparison.Ordinal);
        int threads = TorchSharp.torch.get_num_threads();
        TorchSharp.torch.set_num_threads(threads + 1);
        try
        {
            Assert.Contains($"Give --threads {threads}.", Refused([new NoteStage("a")], worker), StringComparison.Ordinal);
            Do([new NoteStage("a")]);
            Assert.Contains(_log, line => line.Contains("its last bits may differ", StringComparison.Ordinal));
        }
        finally
        {
            TorchSharp.torch.set_num_threads(threads);
        }

        string Refused(NoteStage[] stages, WorkflowOptions options)
        {
            var error = Assert.Throws<FoveaException>(() => Workflow(stages, options).Work(TestContext.Current.CancellationToken));
            Assert.Equal(FailureKind.Configuration, error.Kind);
            return error.Message;
        }
    }

    [Fact]
    public void A_part_that_failed_says_why_until_somebody_makes_it()
    {
        var failing = new NoteStage("a")
        {
            OnPart = scratch =>
            {
                if (scratch.EndsWith("note-1", StringComparison.Ordinal)) throw FoveaException.OutOfResource("The disk is full.");
            },
        };
        var worker = new WorkflowOptions { Worker = new RunWorker(1, 1) };
        Assert.Throws<FoveaException>(() => Workflow([failing], worker).Work(TestContext.Current.CancellationToken));
        string record = Path.Combine(Run.Scratch, "notes", "a", "note-1.failed");
        Assert.Equal("The disk is full.", DocumentFile.Read<PartRecord>(record).Error);
        var again = new NoteStage("a");
        Assert.True(Workflow([again], worker).Work(TestContext.Current.CancellationToken).Complete);
        Assert.Equal(["1 goes on"], again.Made);
        Assert.False(Directory.Exists(Run.Scratch));
    }

    [Theory]
    [InlineData("1/1", 1, 1)]
    [InlineData("3/8", 3, 8)]
    [InlineData("0/8", 0, 0)]
    [InlineData("9/8", 0, 0)]
    [InlineData("-1/8", 0, 0)]
    [InlineData("1", 0, 0)]
    [InlineData("1/2/3", 0, 0)]
    [InlineData("one/two", 0, 0)]
    public void A_worker_is_one_of_many(string text, int number, int of) =>
        Assert.Equal(number == 0 ? null : new RunWorker(number, of), RunWorker.Parse(text));

    private static NoteStage[] Wide() =>
        [new NoteStage("a") { Count = 7 }, new NoteStage("b left", "a"), new NoteStage("b right", "a") { Count = 3 },
            new NoteStage("c", "b left", "b right") { Count = 1 }];
}
