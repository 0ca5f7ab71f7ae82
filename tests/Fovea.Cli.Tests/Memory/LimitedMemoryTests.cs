using System.Diagnostics;
using System.Globalization;
using Fovea.Cli.Terminal;
using Fovea.IO;
using Fovea.Runs;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests.Memory;

/// <summary>
/// The program with less memory than a run takes: of the runtime's heap, and of addresses (<c>ulimit -v</c>). It works, or ends with exit
/// code 5 and one sentence; nothing is half written, and the same command without the limit comes to the bytes of a run that had none.
/// </summary>
public sealed class LimitedMemoryTests : IDisposable
{
    // Without it the runtime takes half of the addresses there are, whether it needs them or not.
    private const string RuntimeLimit = "DOTNET_GCHeapHardLimit", OfAddresses = "0x6000000";

    private readonly string _folder = WorkFolder.Create("fovea-memory-");

    private string Run => Path.Combine(_folder, "run");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_heap_that_is_too_small_ends_with_a_sentence_and_the_same_command_goes_on()
    {
        Assert.Equal(ExitCode.Done, SharedRuns.End(SharedRuns.Start(Command("train.epochs=1"))).Code);
        string reference = Path.Combine(_folder, "reference");
        Directory.Move(Run, reference);
        var environment = new Dictionary<string, string> { [RuntimeLimit] = "0x700000" };
        var (code, _, error) = SharedRuns.End(SharedRuns.Start(Command("train.epochs=1"), environment));
        EndsWithASentence(code, error);
        Assert.Equal(ExitCode.Resource, DocumentFile.Read<RunRecord>(new RunFolder(Run).RunRecord).ExitCode);
        Assert.Equal(ExitCode.Done, SharedRuns.End(SharedRuns.Start(Command("train.epochs=1"))).Code);
        Assert.Empty(FolderCopies.Differences(reference, Run));
    }

    [Theory]
    [InlineData(2_000)]
    [InlineData(2_300)]
    public void Where_there_are_too_few_addresses_to_begin_with_nothing_is_begun(int megabytes)
    {
        var (code, error) = WithAddresses(megabytes, Command("train.epochs=1"));
        EndsWithASentence(code, error);
        Assert.Contains("ulimit -v", error, StringComparison.Ordinal);
        Assert.Contains("to begin", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Run));
    }

    [Fact]
    public void Where_addresses_run_out_while_it_works_it_ends_with_a_sentence()
    {
        // A step on all images at once takes more than a gigabyte.
        var (code, error) = WithAddresses(3_200, Command("train.epochs=1", "data.train_images=400", "train.batch_size=400"));
        EndsWithASentence(code, error);
        if (File.Exists(new RunFolder(Run).RunRecord))
            Assert.Equal(ExitCode.Resource, DocumentFile.Read<RunRecord>(new RunFolder(Run).RunRecord).ExitCode);
    }

    private void EndsWithASentence(int code, string error)
    {
        Assert.True(code == ExitCode.Resource, $"exit code {code}: {error}");
        string[] lines = [.. error.Split('\n').Where(line => line.Length > 0 && !line.StartsWith("warning:", StringComparison.Ordinal))];
        Assert.StartsWith("error: ", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder, "*" + AtomicFile.TemporarySuffix, SearchOption.AllDirectories));
    }

    private static (int Code, string Error) WithAddresses(int megabytes, IEnumerable<string> command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits of addresses are in use on Linux");
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        string limited = string.Create(CultureInfo.InvariantCulture, $"ulimit -v {megabytes * 1000} && exec \"$@\"");
        foreach (string word in (string[])["-c", limited, "sh", SharedRuns.Program, .. command]) start.ArgumentList.Add(word);
        start.Environment[RuntimeLimit] = OfAddresses;
        var (code, _, error) = SharedRuns.End(Process.Start(start)!);
        return (code, error);
    }

    private string[] Command(params string[] settings) =>
    [
        "run", SharedRuns.Recipe, "--out", Run, "--until", "train", "--threads", "1", "--quiet",
        .. ((string[])["data.train_images=96", "data.validation_images=24", .. settings]).SelectMany(one => new[] { "--set", one }),
    ];
}
