using System.Collections.Concurrent;
using System.Diagnostics;
using Fovea.IO;
using Fovea.Runs.Graph;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class LockAndClaimTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-claims-").FullName;

    private string Claim => Path.Combine(_folder, "part.claim");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_second_writer_is_kept_out()
    {
        string run = Path.Combine(_folder, "run");
        using (FolderLock.Take(run)) Assert.Equal(FailureKind.Resource, Assert.Throws<FoveaException>(() => FolderLock.Take(run)).Kind);
        using (FolderLock.Take(run)) { }
        using (FolderLock.TakeFor(run, Path.Combine(run, "pictures"))) Assert.Throws<FoveaException>(() => FolderLock.TakeFor(run, run));
        // Who writes elsewhere only reads the run.
        Assert.Null(FolderLock.TakeFor(run, _folder));
        Assert.Null(FolderLock.TakeFor(run, run + "-pictures"));
        using FolderLock? named = FolderLock.TakeFor(run, Path.Combine(run, "..pictures"));
        Assert.NotNull(named);
    }

    /// <summary>The operating system's own tool holds the lock in a process of its own, and is killed.</summary>
    [Fact]
    public void Another_process_keeps_the_lock_until_it_ends_however_it_ends()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/flock"), "needs flock");
        using (FolderLock.Take(_folder)) { }
        using var other = Process.Start(
            new ProcessStartInfo(
                "/usr/bin/flock",
                    ["-x", Path.Combine(_folder, FolderLock.FileName), "sh", "-c", "echo held; exec sleep 600"])
            {
                RedirectStandardOutput =
                        true
            })!;
        Assert.Equal("held", other.StandardOutput.ReadLine());
        Assert.Throws<FoveaException>(() => FolderLock.Take(_folder));
        // flock's child inherits the open file: both must be gone.
        other.Kill(entireProcessTree: true);
        other.WaitForExit();
        // The child is nobody's to wait for: it is gone a moment later.
        FolderLock? mine = null;
        Assert.True(SpinWait.SpinUntil(() => (mine = Free()) is not null, TimeSpan.FromSeconds(20)));
        mine!.Dispose();

        FolderLock? Free()
        {
            try
            {
                return FolderLock.Take(_folder);
            }
            catch (FoveaException)
            {
                return null;
            }
        }
    }

    [Fact]
    public void One_of_many_gets_a_claim()
    {
        var got = new ConcurrentBag<ClaimFile>();
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            if (ClaimFile.TryTake(Claim, out var owner) is { } claim) got.Add(claim);
            else Assert.Equal(ProcessIdentity.Current, owner);
        });
        Assert.Single(got).Dispose();
        Assert.False(File.Exists(Claim));
        using var again = ClaimFile.TryTake(Claim, out _);
        Assert.NotNull(again);
    }

    [Fact]
    public void A_claim_whose_owner_has_ended_is_taken_over_by_one()
    {
        using var ended = Process.Start(
            new ProcessStartInfo(
                OperatingSystem.IsWindows() ? "cmd" : "sleep", OperatingSystem.IsWindows()
                    ? ["/c", "pause"] : ["600"])
            { RedirectStandardInput = true })!;
        var owner = new ProcessIdentity(Environment.MachineName, ended.Id, StartOf(ended.Id));
        DocumentFile.Write(Claim, new ClaimRecord(owner));
        Assert.False(owner.HasEnded);
        Assert.Null(ClaimFile.TryTake(Claim, out var found));
        Assert.Equal(owner, found);
        ended.Kill();
        ended.WaitForExit();
        Assert.True(owner.HasEnded);
        int taken = 0;
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            if (ClaimFile.TryTake(Claim, out var _) is not null) Interlocked.Increment(ref taken);
        });
        Assert.Equal(1, taken);
    }

    [Fact]
    public void A_number_that_another_process_has_now_is_no_owner()
    {
        DocumentFile.Write(Claim, new ClaimRecord(ProcessIdentity.Current with { Started = "before" }));
        using var mine = ClaimFile.TryTake(Claim, out _);
        Assert.NotNull(mine);
    }

    [Fact]
    public void Of_another_machine_nobody_knows_whether_it_has_ended()
    {
        DocumentFile.Write(Claim, new ClaimRecord(new ProcessIdentity("elsewhere", 1, "then")));
        Assert.Null(ClaimFile.TryTake(Claim, out var owner));
        Assert.Equal("elsewhere", owner!.Host);
    }

    [Fact]
    public void A_damaged_claim_is_nobodys()
    {
        File.WriteAllText(Claim, "{");
        using var mine = ClaimFile.TryTake(Claim, out _);
        Assert.NotNull(mine);
    }

    [Fact]
    public void A_claim_of_another_version_is_not_taken_over()
    {
        File.WriteAllText(Claim, """{"schema": 2, "who": "someone"}""");
        FoveaException error = Assert.Throws<FoveaException>(() => ClaimFile.TryTake(Claim, out _));
        Assert.Equal(FailureKind.Resource, error.Kind);
        Assert.Contains("schema 2", error.Message);
        Assert.True(File.Exists(Claim));
    }

    [Fact]
    public void A_claim_is_a_document_with_a_schema_number()
    {
        using var mine = ClaimFile.TryTake(Claim, out _);
        ClaimRecord read = DocumentFile.Read<ClaimRecord>(Claim);
        Assert.Equal((ClaimRecord.CurrentSchema, ProcessIdentity.Current), (read.Schema, read.Owner));
    }

    [Fact]
    public void Of_another_machine_a_claim_holds_until_its_lease_is_out()
    {
        DocumentFile.Write(Claim, new ClaimRecord(new ProcessIdentity("elsewhere", 1, "then")) { LeaseSeconds = 100 });
        File.SetLastWriteTimeUtc(Claim, DateTime.UtcNow.AddSeconds(-90));
        Assert.Null(ClaimFile.TryTake(Claim, out var owner));
        Assert.Equal("elsewhere", owner!.Host);
        File.SetLastWriteTimeUtc(Claim, DateTime.UtcNow.AddSeconds(-110));
        using ClaimFile? mine = ClaimFile.TryTake(Claim, out _);
        Assert.NotNull(mine);
        // What was taken over stays until the new owner is done, so that nobody takes it over a second time.
        Assert.True(File.Exists(Claim));
        Assert.Equal(ProcessIdentity.Current, ClaimFile.Holder(Claim, DateTime.UtcNow)!.Value.Record.Owner);
        mine.Dispose();
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }

    /// <summary>The clock was set back since the claim was last renewed: its lease begins when somebody looks at it.</summary>
    [Fact]
    public void A_claim_of_a_time_to_come_does_not_hold_until_then()
    {
        DocumentFile.Write(Claim, new ClaimRecord(new ProcessIdentity("elsewhere", 1, "then")) { LeaseSeconds = 0.3 });
        File.SetLastWriteTimeUtc(Claim, DateTime.UtcNow.AddDays(400));
        Assert.Null(ClaimFile.TryTake(Claim, out var owner));
        Assert.Equal("elsewhere", owner!.Host);
        ClaimFile? mine = null;
        Assert.True(SpinWait.SpinUntil(() => (mine = ClaimFile.TryTake(Claim, out _)) is not null, TimeSpan.FromSeconds(30)));
        mine!.Dispose();
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }

    [Fact]
    public void A_lease_out_is_taken_over_by_one_of_many()
    {
        for (int round = 0; round < 20; round++)
        {
            DocumentFile.Write(Claim, new ClaimRecord(new ProcessIdentity("elsewhere", round, "then")) { LeaseSeconds = 1 });
            File.SetLastWriteTimeUtc(Claim, DateTime.UtcNow.AddMinutes(-1));
            // Threads of one process would be told apart by a list in memory: the names on the disk are to decide.
            int taken = 0;
            Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            {
                string next = Path.Combine(_folder, "part~2.claim");
                if (ExclusiveFile.TryCreate(next, BitConverter.GetBytes(i))) Interlocked.Increment(ref taken);
            });
            Assert.Equal(1, taken);
            foreach (string file in Directory.GetFiles(_folder)) File.Delete(file);
        }
    }

    [Fact]
    public void An_owner_that_was_stopped_for_too_long_notices()
    {
        using ClaimFile? mine = ClaimFile.TryTake(Claim, out _, TimeSpan.FromMinutes(1));
        Assert.False(mine!.IsLost);
        DocumentFile.Write(Path.Combine(_folder, "part~2.claim"), new ClaimRecord(new ProcessIdentity("elsewhere", 1, "then")));
        Assert.True(mine.IsLost);
        mine.Dispose();
        Assert.Equal("elsewhere", ClaimFile.Holder(Claim, DateTime.UtcNow)!.Value.Record.Owner.Host);
        Assert.Null(ClaimFile.TryTake(Claim, out var owner));
        Assert.Equal("elsewhere", owner!.Host);
    }

    [Fact]
    public void A_living_owner_renews_its_lease()
    {
        using ClaimFile? mine = ClaimFile.TryTake(Claim, out _, TimeSpan.FromSeconds(0.5));
        File.SetLastWriteTimeUtc(Claim, DateTime.UtcNow.AddHours(-1));
        Assert.True(SpinWait.SpinUntil(
            () => File.GetLastWriteTimeUtc(Claim) > DateTime.UtcNow.AddMinutes(-1), TimeSpan.FromSeconds(30)));
        Assert.Equal(ProcessIdentity.Current, DocumentFile.Read<ClaimRecord>(Claim).Owner);
    }

    [Fact]
    public void A_name_that_is_taken_is_refused_and_keeps_its_content()
    {
        string path = Path.Combine(_folder, "name");
        Assert.True(ExclusiveFile.TryCreate(path, [1]));
        Assert.False(ExclusiveFile.TryCreate(path, [2]));
        // An answer that was lost on the way: the same call again is the one that succeeded.
        Assert.True(ExclusiveFile.TryCreate(path, [1]));
        Assert.Equal(1, Assert.Single(File.ReadAllBytes(path)));
        Assert.Equal([path], Directory.EnumerateFiles(_folder));
    }

    [Fact]
    public void Files_that_another_process_writes_are_not_removed()
    {
        var run = new Fovea.Runs.RunFolder(_folder);
        string machine = Path.GetFileName(AtomicFile.TemporaryOf("a")).Split('.')[1].Split('-')[0];
        string own = AtomicFile.TemporaryOf(Path.Combine(_folder, "a")), ended = Path.Combine(_folder, $"b.{machine}-999999999-1.partial");
        string living = Path.Combine(_folder, $"c.{machine}-1-1.partial"), old = Path.Combine(_folder, "d.elsewhere-1-1.partial");
        string young = Path.Combine(_folder, "e.elsewhere-1-1.partial"), nameless = Path.Combine(_folder, "f.partial");
        foreach (string file in (string[])[own, ended, living, old, young, nameless]) File.WriteAllText(file, "");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        run.RemovePartialFiles();
        string[] left = OperatingSystem.IsLinux() ? [living, young] : [young];
        Assert.Equal(left, Directory.EnumerateFiles(_folder).Order());
    }

    private static string StartOf(int process) => ProcessIdentity.Of(process)!.Started;
}
