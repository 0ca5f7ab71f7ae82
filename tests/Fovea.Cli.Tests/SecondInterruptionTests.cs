using System.Diagnostics;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Ctrl+C twice in a process of its own, while native code computes.</summary>
public sealed class SecondInterruptionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-twice-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("INT", 130, 0)]
    [InlineData("INT", 130, 150)]
    [InlineData("TERM", 143, 40)]
    public async Task The_second_one_ends_the_process_at_once_without_a_word(string signal, int expected, int milliseconds)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by kill");
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "fovea"))
        { RedirectStandardOutput = true, RedirectStandardError = true };
        // One step takes a second and more: the first signal alone would be answered only after it. Few other images: they are looked at first.
        foreach (string word in (string[])["demo", "--out", Path.Combine(_folder, "run"), "--set", "train.batch_size=400", "--set",
            "data.train_images=400", "--set", "data.validation_images=24", "--set", "train.epochs=200"])
            start.ArgumentList.Add(word);
        using var process = Process.Start(start)!;
        // Where whoever started the tests has SIGINT ignored (nohup), no signal comes: a failure then, not a wait for the end of the run.
        using var limit = new Timer(_ => process.Kill(), null, TimeSpan.FromMinutes(2), Timeout.InfiniteTimeSpan);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            while (process.StandardError.ReadLine() is { } line && !line.StartsWith("train:", StringComparison.Ordinal)) { }
            Send(signal, process);
            while (process.StandardError.ReadLine() is { } line && !line.StartsWith("Interrupted", StringComparison.Ordinal)) { }
            Thread.Sleep(milliseconds);
            Send(signal, process);
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)));
            string rest = process.StandardError.ReadToEnd();
            Assert.DoesNotContain("bug", rest, StringComparison.Ordinal);
            Assert.DoesNotContain("error", rest, StringComparison.Ordinal);
            Assert.Equal((expected, ""), (process.ExitCode, await output));
        }
        finally
        {
            process.Kill();
        }
    }

    private static void Send(string signal, Process process) => ProcessSignal.Send(process.Id, signal);
}
