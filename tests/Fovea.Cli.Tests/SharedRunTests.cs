using System.Diagnostics;
using System.Text.Json.Nodes;
using Fovea.IO;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Several processes on one run, some of them killed, and the same bytes as one makes.</summary>
[Collection(SharedRuns.Name)]
public sealed class SharedRunTests(SharedRuns runs, ITestOutputHelper output)
{
    [Fact]
    public async Task Three_processes_one_of_them_killed_give_the_bytes_of_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "kills by signal");
        string reference = runs.Reference;
        // The network first, so that all three meet in the harvest.
        SharedRuns.Run(runs.Command("--part", "1/1", "--until", "train"));
        Task<(int ExitCode, int Changes, string Error)> killed = Task.Run(
            () => SelfKillingProcess.Run(runs.Command("--part", "1/3"), change: 12), TestContext.Current.CancellationToken);
        // It has a shard, and dies of it, or of the next.
        Assert.True(SpinWait.SpinUntil(
            () => Directory.Exists(Path.Combine(runs.RunFolder, "scratch", "activations")) || killed.IsCompleted, TimeSpan.FromMinutes(2)));
        Process[] others = [.. Enumerable.Range(2, 2).Select(i => SharedRuns.Start(runs.Command("--part", $"{i}/3", "--json")))];
        Assert.Equal(SelfKillingProcess.Killed, (await killed).ExitCode);
        int made = 0;
        foreach (Process process in others)
        {
            var (code, text, error) = SharedRuns.End(process);
            Assert.True(code == 0, error);
            made += JsonNode.Parse(text)!["made"]!.AsArray().Sum(one => one!["parts"]!.GetValue<int>());
        }
        // What it left is taken over: by those two, or by the run that ends it all.
        SharedRuns.Run(runs.Command());
        var different = FolderCopies.Differences(reference, runs.RunFolder);
        Assert.True(different.Count == 0, string.Join(", ", different));
        Assert.False(Directory.Exists(Path.Combine(runs.RunFolder, "scratch")));
        output.WriteLine($"{made} parts by the two that lived; {FolderCopies.Files(reference).Length} files alike");
        JsonNode status = JsonNode.Parse(SharedRuns.Run(["status", runs.RunFolder, "--json"]))!;
        Assert.True(status["complete"]!.GetValue<bool>());
        Assert.True(status["stages"]!.AsArray().Single(stage => stage!["name"]!.GetValue<string>() == "harvest")!["parts"]!.GetValue<int>() >= 3);
        Directory.Delete(runs.RunFolder, recursive: true);
    }

    /// <summary>The pictures of one layer, its evidence and its results are shared like anything else.</summary>
    [Fact]
    public void Three_processes_share_the_features_of_one_layer_one_of_them_killed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "kills by signal");
        string reference = runs.Reference, scratch = Path.Combine(runs.RunFolder, "scratch", "features");
        SharedRuns.Run(runs.Command("--part", "1/1", "--until", "sweep"));
        SharedRuns.Run(runs.Command("--part", "1/1", "--until", "dictionary"));
        // Four sources of units: it dies when it has found something of some of them.
        Assert.Equal(SelfKillingProcess.Killed, SelfKillingProcess.Run(runs.Command("--part", "3/3"), change: 40).ExitCode);
        int done = Directory.GetFiles(scratch, "*.done").Length;
        Assert.InRange(done, 1, 17);
        Process[] others = [.. Enumerable.Range(1, 2).Select(i => SharedRuns.Start(runs.Command("--part", $"{i}/3", "--json")))];
        int[] made = [.. others.Select(process =>
        {
            var (code, text, error) = SharedRuns.End(process);
            Assert.True(code == 0, error);
            return JsonNode.Parse(text)!["made"]!.AsArray().Sum(one => one!["parts"]!.GetValue<int>());
        })];
        JsonNode features = JsonNode.Parse(SharedRuns.Run(["status", runs.RunFolder, "--json"]))!["stages"]!.AsArray()
            .Single(stage => stage!["name"]!.GetValue<string>() == "features")!;
        Assert.Equal("complete", features["state"]!.GetValue<string>());
        // Evidence of four, the truth, pictures of each in two parts, results of four, comparisons, classes: each made once.
        Assert.Equal((19, 19), (features["parts"]!.GetValue<int>(), done + made.Sum()));
        SharedRuns.Run(runs.Command());
        var different = FolderCopies.Differences(reference, runs.RunFolder);
        Assert.True(different.Count == 0, string.Join(", ", different));
        output.WriteLine($"{done} and {string.Join(" and ", made)} parts, {FolderCopies.Files(reference).Length} files alike");
        Directory.Delete(runs.RunFolder, recursive: true);
    }

    [Fact]
    public void Time_nearly_up_saves_and_leaves_and_the_status_says_so()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends a signal");
        string folder = Path.Combine(runs.Folder, "signalled");
        string[] command = ["run", SharedRuns.Recipe, "--out", folder, "--threads", "1", "--part", "1/2", .. SharedRuns.Sets,
            "--set", "train.epochs=500"];
        using Process process = SharedRuns.Start(command);
        // In the middle of the training.
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("train:", StringComparison.Ordinal)) { }
        JsonNode running = JsonNode.Parse(SharedRuns.Run(["status", folder, "--json"]))!["stages"]![0]!;
        Assert.Equal("running", running["state"]!.GetValue<string>());
        Assert.Equal(process.Id, running["running"]![0]!["process"]!.GetValue<int>());
        ProcessSignal.Send(process.Id, "USR1");
        var (code, _, error) = SharedRuns.End(process);
        Assert.Equal(143, code);
        Assert.Contains("Time is nearly up", error, StringComparison.Ordinal);
        JsonNode left = JsonNode.Parse(SharedRuns.Run(["status", folder, "--json"]))!["stages"]![0]!;
        Assert.Equal("interrupted", left["state"]!.GetValue<string>());
        Assert.Contains("interrupted   train: 0 of 1 parts done", SharedRuns.Run(["status", folder]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_of_another_machine_is_shown_and_its_part_left_alone()
    {
        string folder = Path.Combine(runs.Folder, "foreign");
        string[] command = ["run", SharedRuns.Recipe, "--out", folder, "--threads", "1", .. SharedRuns.Sets];
        SharedRuns.Run([.. command, "--part", "1/1", "--until", "train"]);
        // Begun by a process that was killed; another machine has one of the shards.
        SelfKillingProcess.Run([.. command, "--part", "1/1", "--until", "harvest", "--quiet"], change: 12);
        string harvest = Path.Combine(folder, "scratch", "activations", "shard-00003.claim");
        DocumentFile.Write(harvest, new ClaimRecord(new ProcessIdentity("n17", 4711, "then")) { Since = DateTime.UtcNow });
        string said = SharedRuns.Run([.. command, "--part", "1/1", "--until", "harvest"]);
        Assert.Contains("'shard-00003' by process 4711 on n17", said, StringComparison.Ordinal);
        Assert.Matches("made +[0-9]+ parts of harvest", said);
        string status = SharedRuns.Run(["status", folder]);
        Assert.Matches("running +shard-00003: process 4711 on n17, since .* UTC, sign of life", status);
        Assert.Contains("parts an hour", status, StringComparison.Ordinal);
        File.SetLastWriteTimeUtc(harvest, DateTime.UtcNow.AddHours(-1));
        Assert.Matches("joined +harvest", SharedRuns.Run([.. command, "--part", "1/1", "--until", "harvest"]));
    }
}
