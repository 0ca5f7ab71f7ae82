using Fovea.Cli.Recipes;
using Fovea.Cli.Terminal;
using Fovea.Runs;
using Fovea.Tests.Shared;
using Xunit;
using Interruption = Fovea.Tests.Shared.Interruption;

namespace Fovea.Cli.Tests;

/// <summary>
/// A small recipe on a disk that fails at writes and changes drawn from a seed: each time the error is a lack of a resource (exit code 5),
/// no file is left half written, and once the disk is well again the run goes on to the bytes of a run without a fault.
/// </summary>
public sealed class RecipeFaultTests(ITestOutputHelper output) : IDisposable
{
    private const int Times = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-faults-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_full_disk_and_rights_taken_away_end_in_exit_code_5_and_the_run_goes_on_afterwards()
    {
        Recipe recipe = SmallRecipes.OnGeneratedImages(SmallRecipes.All.Single(one => one.Name == "demo"), _folder);
        var harness = new InterruptionHarness(_folder, (folder, progress, stop) =>
            _ = new Workflow(
                recipe.Settings, recipe.Folder, new RunFolder(folder),
                    new WorkflowOptions { Progress = progress, Recipe = recipe.Resolved }).Run(stop));
        harness.RunReference();
        foreach (var kind in (Interruption[])[Interruption.FullDisk, Interruption.NoPermission])
        {
            var report = harness.Interrupt(1, Times, kind);
            Assert.True(report.Different.Count == 0, report.ToString());
            Assert.True(report.Interruptions >= Times / 2, report.ToString());
            Assert.Equal(report.Interruptions, report.Failures.Count);
            Assert.All(report.Failures, failure => Assert.True(Failure.Of(failure).ExitCode == ExitCode.Resource, failure.ToString()));
            output.WriteLine(
                $"{kind}: {report.Interruptions} faults among {harness.Writes} writes and {harness.Changes} changes; {report.Files} files, {report.Bytes} bytes compared, 0 files differ");
        }
    }
}
