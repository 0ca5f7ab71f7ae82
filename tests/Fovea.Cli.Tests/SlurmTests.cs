using System.Text.Json.Nodes;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>A run as arrays of jobs on a Slurm cluster of four nodes, which this test starts on this machine.</summary>
[Collection(SharedRuns.Name)]
public sealed class SlurmTests(SharedRuns runs, ITestOutputHelper output) : IDisposable
{
    private readonly SlurmCluster _cluster = new(runs);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void A_recipe_as_arrays_gives_the_bytes_of_one_process()
    {
        _cluster.Start();
        string reference = runs.Reference;
        Require(_cluster.Submit("--parts", "harvest=3,sweep=2,dictionary=2,features=3"));
        Compare(reference);
        output.WriteLine($"{FolderCopies.Files(reference).Length} files alike");
        Directory.Delete(runs.RunFolder, recursive: true);
    }

    [Fact]
    public void Jobs_cancelled_for_what_they_wait_for_are_made_by_the_same_scripts_again()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FOVEA_CLUSTER") == "1", "takes a minute: FOVEA_CLUSTER=1");
        _cluster.Start();
        string reference = runs.Reference;
        JsonNode slurm = _cluster.Submit("--parts", "harvest=2,sweep=2,dictionary=2,features=3");
        // One process of the harvest is killed as soon as it is there: its task fails, and what waits for it is cancelled.
        _cluster.WaitFor("a process of harvest", () => _cluster.Processes("harvest").Length > 0);
        SlurmCluster.Signal("KILL", _cluster.Processes("harvest")[0]);
        Require(slurm);
        string status = SharedRuns.Run(["status", runs.RunFolder]);
        Assert.DoesNotContain("running", status, StringComparison.Ordinal);
        Assert.Matches("(interrupted|complete) +harvest", status);
        // The same scripts again, and this time all sweeps are cancelled in the middle; then a third time.
        slurm = _cluster.Resubmit();
        _cluster.WaitFor("a sweep", () => _cluster.Processes("sweep").Length > 0);
        _cluster.Command("scancel", SlurmCluster.Numbers(slurm)["sweep"]);
        Require(slurm);
        Require(_cluster.Resubmit());
        Compare(reference);
        Directory.Delete(runs.RunFolder, recursive: true);
    }

    private void Require(JsonNode slurm)
    {
        Assert.Equal(["train", "harvest", "dictionary", "sweep", "features", "report"], SlurmCluster.Numbers(slurm).Keys);
        _cluster.WaitForJobs();
    }

    /// <summary>The first page of the report shows the last command line: the one of the other run is given once more.</summary>
    private void Compare(string reference)
    {
        string status = SharedRuns.Run(["status", runs.RunFolder, "--json"]);
        Assert.True(JsonNode.Parse(status)!["complete"]!.GetValue<bool>(), $"{status}\n{_cluster.Logs()}");
        Assert.True(File.Exists(Path.Combine(runs.RunFolder, "report", "index.html")), _cluster.Logs());
        SharedRuns.Run(runs.Command());
        var different = FolderCopies.Differences(reference, runs.RunFolder);
        Assert.True(different.Count == 0, $"{string.Join(", ", different)}\n{_cluster.Logs()}");
    }
}
