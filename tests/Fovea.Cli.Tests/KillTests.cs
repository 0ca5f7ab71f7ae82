using System.Globalization;
using Fovea.Numerics;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// A small demo in a process of its own, killed (-9) right before changes of its disk that are drawn from a seed
/// (<c>FOVEA_INTERRUPTION_SEED</c>), continued, and compared byte by byte with a run without a break.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-kill-").FullName;

    private string Run => Path.Combine(_folder, "run");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_killed_again_and_again_ends_with_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "kills by signal");
        string reference = Path.Combine(_folder, "reference");
        int changes = End();
        Directory.Move(Run, reference);

        ulong seed = ulong.TryParse(
            Environment.GetEnvironmentVariable("FOVEA_INTERRUPTION_SEED"), CultureInfo.InvariantCulture, out ulong given) ? given : 1;
        var random = new CounterRandom(seed, "kills", 0);
        List<int> kills = [];
        for (int i = 0; i < Kills; i++)
        {
            // Changes that were made before a kill are not made again: on average the kills go all along the run.
            int at = 1 + random.NextInt(2 * changes / (Kills + 1));
            var (code, _, error) = SelfKillingProcess.Run(Command, at);
            if (code == 0) break; // it had come to its end before
            Assert.True(code == SelfKillingProcess.Killed, $"exit code {code}: {error}");
            kills.Add(at);
        }
        End();
        string moments = $"seed {seed}: killed before change {string.Join(", then ", kills)} of {changes}";
        var different = FolderCopies.Differences(reference, Run);
        Assert.True(different.Count == 0, $"{string.Join(", ", different)} ({moments})");
        Assert.True(kills.Count >= 2, moments);
        output.WriteLine(
            $"{moments}; {FolderCopies.Files(reference).Length} files, {FolderCopies.Bytes(reference)} bytes compared, 0 files differ");
    }

    private string[] Command
    {
        get
        {
            string[] small =
            [
                "data.train_images=240", "data.validation_images=96", "train.epochs=2", "train.checkpoint_every_steps=2",
                    "harvest.images=80", "harvest.batch_size=20",
                "dictionary.*.epochs=2", "sweep.*.epochs=2", "sweep.*.baseline_expansion=0.25", "features.steps=4", "features.pictures=2",
                    "features.side_by_side=1",
                "features.compare_units=1", "features.examples=2", "features.batch_size=2",
            ];
            // On two threads, whatever the machine has: most tests have one.
            return ["demo", "--out", Run, "--threads", "2", "--quiet", .. small.SelectMany(assignment => new[] { "--set", assignment })];
        }
    }

    /// <summary>Runs to the end; gives the changes of the disk.</summary>
    private int End()
    {
        var (code, changes, error) = SelfKillingProcess.Run(Command, change: 0);
        Assert.True(code == 0, error);
        // --quiet, also where native code would speak; warnings are said all the same, and so short a training ends at chance.
        Assert.DoesNotContain(error.Split('\n'),
            line => line.Length > 0 && !line.StartsWith("warning: The network is right about", StringComparison.Ordinal));
        return changes;
    }
}
