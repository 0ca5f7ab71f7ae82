using Fovea.Runs;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>Parts of a stage that are made after others of it.</summary>
public sealed partial class StageRunnerTests
{
    [Fact]
    public void A_part_is_not_begun_before_those_that_it_is_made_after_are_done()
    {
        var alone = InOrder();
        Do([alone]);
        Assert.Equal(["0", "1", "2", "3", "4"], alone.Made);
        Directory.Delete(Run.Root, recursive: true);
        // It starts at note-3, which waits for 0 and 1, as does 4; the first that is free is 0.
        var last = InOrder();
        Assert.True(Workflow([last], new WorkflowOptions { Worker = new RunWorker(3, 3) }).Work(TestContext.Current.CancellationToken).Complete);
        Assert.Equal(["0", "1", "2", "3", "4"], last.Made.Order());
        Assert.True(last.Made.IndexOf("3") > Math.Max(last.Made.IndexOf("0"), last.Made.IndexOf("1")));
        Assert.True(last.Made.IndexOf("4") > last.Made.IndexOf("3"));
        // Interrupted in between, it goes on with those that are ready.
        Directory.Delete(Run.Root, recursive: true);
        Assert.Throws<OperationCanceledException>(
            () => Do([InOrder(scratch => Stop(scratch.EndsWith("note-1", StringComparison.Ordinal)))]));
        var again = InOrder();
        Do([again]);
        Assert.Equal(["1 goes on", "2", "3", "4"], again.Made);
    }

    [Fact]
    public void A_worker_does_not_leave_while_parts_will_become_free()
    {
        using var held = new ManualResetEventSlim();
        using var begun = new CountdownEvent(1);
        var first = InOrder(scratch =>
        {
            if (!scratch.EndsWith("note-0", StringComparison.Ordinal)) return;
            begun.Signal();
            held.Wait();
        });
        var second = InOrder();
        var one = new Thread(() => Workflow([first], new WorkflowOptions { Worker = new RunWorker(1, 2) }).Work(CancellationToken.None));
        one.Start();
        begun.Wait(TestContext.Current.CancellationToken);
        var other = new Thread(() => Workflow([second], new WorkflowOptions { Worker = new RunWorker(2, 2) }).Work(CancellationToken.None));
        other.Start();
        // Nothing is free for it after these, and it is there for what comes.
        Assert.True(SpinWait.SpinUntil(() => second.Made.Count == 2, TimeSpan.FromSeconds(30)));
        Assert.False(other.Join(TimeSpan.FromMilliseconds(300)));
        held.Set();
        other.Join();
        one.Join();
        Assert.Equal(["0", "1", "2", "3", "4"], first.Made.Concat(second.Made).Order());
        Do([InOrder()]);
        Assert.Equal("text 0\ntext 1\ntext 2\ntext 3\ntext 4\n", File.ReadAllText(Path.Combine(Run.Root, "notes", "a", "all.txt")));
    }

    [Fact]
    public void A_part_that_is_made_after_a_later_one_is_a_mistake() => Assert.Contains(
        "'note-0' is made after 'note-1', which does not stand before it",
        Assert.Throws<ArgumentException>(() => Do([new NoteStage("a") { Needs = i => i == 0 ? [1] : [] }])).Message, StringComparison.Ordinal);

    /// <summary>A file that another machine's cache, or somebody, made another one.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_part_whose_file_is_not_what_was_written_is_made_again(bool missing)
    {
        string note = Path.Combine(Run.Root, "notes", "a", "1.txt");
        Assert.Throws<OperationCanceledException>(() => Do([InOrder(scratch => Stop(scratch.EndsWith("note-4", StringComparison.Ordinal)))]));
        if (missing) File.Delete(note);
        else File.WriteAllText(note, "text 1 \n");
        var error = Assert.Throws<FoveaException>(() => Do([InOrder()]));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Equal($"{note} is missing, or is not what was written there. The same command, given again, makes it again.", error.Message);
        var again = InOrder();
        Do([again]);
        Assert.Equal(["1 goes on"], again.Made);
        Assert.Equal("text 0\ntext 1\ntext 2\ntext 3\ntext 4\n", File.ReadAllText(Path.Combine(Run.Root, "notes", "a", "all.txt")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    public void A_part_whose_record_cannot_be_read_is_made_again(string record)
    {
        Assert.Throws<OperationCanceledException>(() => Do([InOrder(scratch => Stop(scratch.EndsWith("note-4", StringComparison.Ordinal)))]));
        string done = Directory.EnumerateFiles(Run.Scratch, "note-1.done", SearchOption.AllDirectories).Single();
        File.WriteAllText(done, record);
        var error = Assert.Throws<FoveaException>(() => Do([InOrder()]));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.EndsWith("The same command, given again, makes that part again.", error.Message, StringComparison.Ordinal);
        var again = InOrder();
        Do([again]);
        Assert.Equal(["1 goes on"], again.Made);
        Assert.Equal("text 0\ntext 1\ntext 2\ntext 3\ntext 4\n", File.ReadAllText(Path.Combine(Run.Root, "notes", "a", "all.txt")));
    }

    /// <summary>0, 1 and 2 at any time, 3 after 0 and 1, 4 after 3.</summary>
    private static NoteStage InOrder(Action<string>? onPart = null) =>
        new("a") { Count = 5, Needs = i => i == 3 ? [0, 1] : i == 4 ? [3] : [], OnPart = onPart };
}
