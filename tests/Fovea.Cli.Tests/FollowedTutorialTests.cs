using System.Diagnostics;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// The tutorials that need nothing but the command, each from an empty folder, by a shell, as written. What they promise is looked for in
/// what the commands say and leave.
/// </summary>
public sealed class FollowedTutorialTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-followed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void From_a_feature_to_what_it_does()
    {
        string said = Follow("effects.md");
        Assert.Contains("pooling and a linear head follow, so that predictions are exact", said, StringComparison.Ordinal);
        Assert.Equal(257, File.ReadLines(Path.Combine(_folder, "effects.csv")).Count());
        foreach (string words in (string[])["topk, scale=2", "topk, mean", "| `block3` | topk |", "| `block4` | topk |", "dotted star: block3 (topk) to block4 (topk)"])
            Assert.Contains(words, said, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "run", "circuits", "block4", "class-star-dots", CircuitDocument.FileName)));
        Assert.Contains("What it does", Pages("run"), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_and_remove_a_shortcut()
    {
        Follow("shortcut.md");
        var found = DocumentFile.Read<ShortcutsDocument>(Path.Combine(_folder, "marked", "shortcuts", "block4", ShortcutsDocument.FileName));
        ClassShortcuts stars = Assert.Single(found.Classes);
        MutingOutcome before = stars.Outcomes[0], erased = stars.Outcomes.Single(one => one.Name.Contains("LEACE", StringComparison.Ordinal));
        // The mark costs the group that lacks it, and erasing its direction wins that back: what the page says.
        Assert.True(before.Worst.Value < stars.Reference!.Worst.Value - 0.1, $"{before.Worst.Value}, {stars.Reference.Worst.Value}");
        Assert.True(erased.Worst.Value > before.Worst.Value + 0.1, $"{erased.Worst.Value}, {before.Worst.Value}");
        Assert.Contains("LEACE", Pages("marked"), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_processes()
    {
        Assert.SkipWhen(SlurmCluster.Missing.Length == 0, "followed on a cluster, with its part on Slurm (ClusterGuideTests)");
        string said = Follow("cluster.md");
        Assert.Contains("complete", said, StringComparison.Ordinal);
        Assert.DoesNotContain("failed", said, StringComparison.Ordinal);
        string[] different = [.. FolderCopies.Differences(Path.Combine(_folder, "alone", "activations"), Path.Combine(_folder, "shared", "activations"))];
        Assert.True(different.Length == 0, string.Join(", ", different));
    }

    /// <summary>Carries out a page; what the commands printed.</summary>
    private string Follow(string page)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the pages are written for a POSIX shell");
        string said = "";
        foreach (var (kind, name, lines) in TutorialBlocks.Of(page))
        {
            if (kind == "toml") File.WriteAllText(Path.Combine(_folder, name), lines);
            // What needs Slurm is followed on a cluster.
            else if (kind == "sh" && name.Length == 0) said += Shell(lines);
            else Assert.True(kind == "sh" && name is "slurm" or "submit", $"{page} has a block '{kind} {name}'");
        }
        return said;
    }

    private string Shell(string lines)
    {
        var start = new ProcessStartInfo("bash", ["-e", "-c", lines])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(20)), $"{lines} does not end");
        Assert.True(process.ExitCode == 0, $"{lines}: {output.Result}{error.Result}");
        return output.Result;
    }

    private string Pages(string run) => string.Concat(Directory.EnumerateFiles(
        Path.Combine(_folder, run, "report"), "*.html", SearchOption.AllDirectories).Select(File.ReadAllText));
}
