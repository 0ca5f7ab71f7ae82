using System.Diagnostics;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>A small demo in a process of its own, killed (-9) at moments all along, continued, and compared byte by byte.</summary>
public sealed class KillTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-kill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_killed_again_and_again_ends_with_the_same_bytes()
    {
        string run = Path.Combine(_folder, "run"), reference = Path.Combine(_folder, "reference");
        var clock = Stopwatch.StartNew();
        Assert.Equal(0, Run(run, null));
        double whole = clock.Elapsed.TotalSeconds;
        Directory.Move(run, reference);

        var random = new CounterRandom((ulong)Environment.TickCount64, "kills", 0);
        List<double> kills = [];
        for (int i = 0; i < 4; i++)
        {
            kills.Add(0.3 + random.NextDouble() * whole * 0.6);
            Run(run, TimeSpan.FromSeconds(kills[^1]));
        }
        Assert.Equal(0, Run(run, null));

        string moments = $"killed after {string.Join(", ", kills.Select(k => k.ToString("0.00")))} s of {whole:0.0}";
        Assert.Equal(Files(reference), Files(run));
        foreach (string file in Files(reference))
            Assert.True(File.ReadAllBytes(Path.Combine(reference, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(run, file))), $"{file} differs ({moments})");
    }

    private static int Run(string folder, TimeSpan? killAfter)
    {
        string[] small =
        [
            "data.train_images=240", "data.validation_images=96", "train.epochs=2", "train.checkpoint_every_steps=2", "harvest.images=80", "harvest.batch_size=20",
            "dictionary.*.epochs=2", "sweep.*.epochs=2", "sweep.*.baseline_expansion=0.25", "features.steps=4", "features.pictures=2", "features.side_by_side=1", "features.compare_units=1", "features.examples=2", "features.batch_size=2",
        ];
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "fovea")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["demo", "--out", folder, "--quiet", .. small.SelectMany(assignment => new[] { "--set", assignment })]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var error = process.StandardError.ReadToEndAsync();
        if (killAfter is { } moment)
        {
            if (!process.WaitForExit(moment)) process.Kill();
            process.WaitForExit();
            return process.ExitCode;
        }
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
        Assert.Equal("", error.Result); // --quiet, also where native code would speak
        return process.ExitCode;
    }

    /// <summary>Everything but what may hold clocks.</summary>
    private static string[] Files(string root) =>
        [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file))
            .Where(file => file is not ("run.json" or "log.txt" or ".lock")).Order(StringComparer.Ordinal)];
}
