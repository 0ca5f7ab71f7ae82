using System.Diagnostics;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// The program as its own process where the machine does not do what is asked: the short form. The long one is in <c>tests/faults</c>
/// (docs/reference/attacks.md, "Faults of the machine"), which <see cref="LanguageTests"/> run with <c>FOVEA_FAULTS=1</c>.
/// </summary>
[Collection(SharedRuns.Name)]
public sealed class MachineFaultTests(SharedRuns runs) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-machine-").FullName;
    private readonly List<string> _mounted = [];

    public void Dispose()
    {
        foreach (string place in _mounted) Command("umount", "--lazy", place);
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("version", "--json")]
    [InlineData("--help")]
    [InlineData("model", "list", "--json")]
    public void A_result_that_cannot_be_written_is_said_in_a_sentence(params string[] command)
    {
        var (code, error) = Shell("exec \"$@\" > /dev/full", command);
        Assert.True(code == 5, error);
        Assert.Equal("error: Cannot write the result to stdout: the disk is full (No space left on device). Free some space or choose another folder.", error.Trim());
    }

    [Theory]
    [InlineData(3, "run", "absent.toml")]
    [InlineData(3, "run", "absent.toml", "--json")]
    [InlineData(1, "run")]
    [InlineData(0, "version")]
    public void Notes_that_cannot_be_written_change_no_exit_code(int expected, params string[] command) =>
        Assert.Equal(expected, Shell("exec \"$@\" 2> /dev/full > /dev/null", command).Code);

    [Theory]
    [InlineData("demo", "--out")]
    [InlineData("demo", "--dry-run", "--out")]
    [InlineData("slurm", "demo.toml", "--out")]
    [InlineData("table", "absent.parquet", "--csv")]
    public void A_name_that_no_disk_takes_is_refused_at_once(params string[] command)
    {
        var (code, _, error) = SharedRuns.End(SharedRuns.Start([.. command, Path.Combine(_folder, new string('x', 1000))]));
        Assert.True(code == 2, error);
        Assert.Contains("255 are the most that disks take", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_can_only_be_read_is_not_taken_for_another_process()
    {
        string disk = Mount("size=32m"), run = Path.Combine(disk, "run");
        FolderCopies.Copy(runs.Trained, run);
        File.WriteAllText(Path.Combine(run, ".lock"), "");
        Assert.Equal(0, Command("mount", "-o", "remount,ro", disk).Code);
        foreach (string[] command in (string[][])[["train", "--run", run], ["visualize", "--run", run, "--features", "1"], ["demo", "--out", run, "--dry-run"]])
        {
            var (code, _, error) = SharedRuns.End(SharedRuns.Start(command));
            Assert.True(code == 5, error);
            Assert.Contains("the disk can only be read (Read-only file system)", error, StringComparison.Ordinal);
        }
        Assert.Contains("train", SharedRuns.Run(["status", run]), StringComparison.Ordinal);
        // What is only read need not be writable.
        SharedRuns.Run(["cam", "--run", run, "--layer", "block4", "--images", "2", "--out", Path.Combine(_folder, "cams"), "--quiet"]);
        Assert.False(Directory.Exists(Path.Combine(_folder, "cams", "scratch")), "scratch is left over");
    }

    [Fact]
    public void A_full_disk_in_the_middle_of_a_training_ends_in_exit_code_5_and_the_same_command_goes_on()
    {
        string disk = Mount("size=700k"), run = Path.Combine(disk, "run");
        string[] train = ["run", SharedRuns.Recipe, "--out", run, "--threads", "1", "--quiet", "--until", "train", .. SharedRuns.Sets];
        var (code, _, error) = SharedRuns.End(SharedRuns.Start(train));
        Assert.True(code == 5, error);
        string line = Assert.Single(error.Split('\n'), one => one.StartsWith("error: ", StringComparison.Ordinal));
        Assert.Matches($"Cannot write {run}/.*: the disk is full \\(No space left on device\\)\\. Free some space", line);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(disk, "*.partial", SearchOption.AllDirectories));
        Assert.Equal(0, Command("mount", "-o", "remount,size=64m", disk).Code);
        SharedRuns.Run(train);
        var different = FolderCopies.Differences(Path.Combine(runs.Trained, "model"), Path.Combine(run, "model"));
        Assert.True(different.Count == 0, string.Join(", ", different));
    }

    [Fact]
    public void What_may_not_be_looked_into_is_not_said_to_be_missing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "takes rights from another user: root and setpriv");
        string run = Path.Combine(_folder, "run");
        FolderCopies.Copy(runs.Trained, run);
        Command("chmod", "-R", "a+rX", _folder);
        foreach (string hidden in (string[])[run, Path.Combine(run, "model"), Path.Combine(run, "model", "stage.json")])
        {
            Command("chmod", "go-rwx", hidden);
            var (code, error) = Shell("HOME=/nonexistent exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"", ["status", run]);
            // The second sentence is .NET's own host's.
            Assert.SkipWhen(error.Contains("Permission denied", StringComparison.Ordinal) || error.Contains("Failed to resolve full path", StringComparison.Ordinal), "the program itself lies where others have no right");
            Assert.True(code == 3, error);
            Assert.Contains(File.Exists(hidden) ? $"Cannot read {hidden}: " : $"Cannot look into the folder {hidden}: access is denied", error, StringComparison.Ordinal);
            Command("chmod", "a+rX", hidden);
        }
    }

    /// <summary>A small disk; the test is skipped where none may be mounted.</summary>
    private string Mount(string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mounts a small disk (tmpfs)");
        string place = Directory.CreateDirectory(Path.Combine(_folder, "disk")).FullName;
        Assert.SkipUnless(Command("mount", "-t", "tmpfs", "-o", options, "none", place).Code == 0, "mounts a small disk (tmpfs), which takes root");
        _mounted.Add(place);
        return place;
    }

    private static (int Code, string Output, string Error) Command(string program, params string[] arguments) => SharedRuns.End(
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);

    /// <summary>The program as a shell starts it.</summary>
    private static (int Code, string Error) Shell(string line, string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full");
        var (code, _, error) = Command("bash", ["-c", line, "bash", SharedRuns.Program, .. arguments]);
        return (code, error);
    }
}
