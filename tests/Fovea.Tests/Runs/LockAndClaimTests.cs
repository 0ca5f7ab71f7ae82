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

    private static string StartOf(int process) => ProcessIdentity.Of(process)!.Started;
}
