using System.Diagnostics;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Runs;
using Fovea.Tests.Shared;
using Xunit;
using Interruption = Fovea.Tests.Shared.Interruption;

namespace Fovea.Cli.Tests;

/// <summary>
/// Every recipe of the project in a small form, killed at the boundaries of its stages and stopped at moments drawn from a seed, must end
/// with the bytes of a run without a break. In short: on generated images, with the small network in place of the recipe's own, three of
/// the boundaries and one moment. On the recipe's own images its own network runs.
/// <c>FOVEA_INTERRUPTIONS=N</c>: all boundaries and N moments for each of four seeds, also on the recipe's own images;
/// <c>FOVEA_INTERRUPTION_SEED</c> chooses the first seed.
/// </summary>
public sealed class RecipeInterruptionTests(ITestOutputHelper output) : IDisposable
{
    private const int ShortKills = 3, LongSeeds = 4;

    private readonly string _folder = WorkFolder.Create("fovea-recipes-");

    /// <summary>The recipes.</summary>
    public static TheoryData<string> Names => new(SmallRecipes.All.Select(recipe => recipe.Name));

    private static int Times => Number("FOVEA_INTERRUPTIONS", 0);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void On_generated_images_it_ends_with_the_same_bytes_however_often_it_is_interrupted(string name) =>
        Interrupt(name, "generated images", SmallRecipes.OnGeneratedImages(Find(name), Path.Combine(_folder, "weights")));

    [Theory]
    [MemberData(nameof(Names))]
    public void On_its_own_images_it_ends_with_the_same_bytes_however_often_it_is_interrupted(string name)
    {
        Assert.SkipUnless(Times > 0, "the long form alone: FOVEA_INTERRUPTIONS=10");
        var small = Find(name);
        Assert.SkipWhen(small.Needs.Length == 0, "its own images are generated");
        foreach (string file in small.Needs)
            Assert.SkipUnless(File.Exists(Path.Combine(SmallRecipes.Shared, file)), $"needs shared/data/{file} beside the checkout");
        Interrupt(name, "its own images", SmallRecipes.OnItsOwnImages(small));
    }

    /// <summary>The list is the folder's.</summary>
    [Fact]
    public void Every_recipe_is_in_the_list() =>
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Checkout.Root, "recipes"), "*.toml")
                .Select(file => Path.GetFileNameWithoutExtension(file)).Order(), SmallRecipes.All.Select(recipe => recipe.Name).Order());

    private void Interrupt(string name, string on, Recipe recipe)
    {
        var clock = Stopwatch.StartNew();
        var harness = new InterruptionHarness(_folder, (folder, progress, stop) =>
            _ = new Workflow(
                recipe.Settings, recipe.Folder, new RunFolder(folder),
                    new WorkflowOptions { Progress = progress, Recipe = recipe.Resolved }).Run(stop));
        harness.RunReference();
        double whole = clock.Elapsed.TotalSeconds;
        int first = Number("FOVEA_INTERRUPTION_SEED", 1), drawn = 0, kills = 0;
        InterruptionReport report;
        if (Times == 0)
        {
            report = harness.BreakSparsely((ulong)first, ShortKills);
            (kills, drawn) = (report.Kinds.Count(kind => kind == Interruption.Kill), report.Kinds.Count(kind => kind == Interruption.Cancel));
            Assert.True(report.Different.Count == 0, report.ToString());
        }
        else
        {
            report = harness.KillAtBoundaries(seed: (ulong)first);
            kills = report.Interruptions;
            Assert.True(report.Different.Count == 0, report.ToString());
            for (int seed = first; seed < first + LongSeeds; seed++)
            {
                report = harness.Interrupt((ulong)seed, Times);
                drawn += report.Interruptions;
                Assert.True(report.Different.Count == 0, $"seed {seed}: {report}");
            }
        }
        Assert.True(kills > 0 && drawn > 0, $"{kills} kills at {harness.Boundaries} boundaries, {drawn} interruptions: {report}");
        string line = FormattableString.Invariant(
            $"{name} on {on}: {harness.Events} events; {kills} kills at {harness.Boundaries} boundaries and {drawn} interruptions at drawn moments; ")
            + FormattableString.Invariant(
                $"{report.Files} files, {report.Bytes} bytes compared each time, 0 files differ ({whole:0.0} s without a break, {clock.Elapsed.TotalSeconds:0} s in all)");
        output.WriteLine(line);
        TestContext.Current.SendDiagnosticMessage(line);
    }

    private static SmallRecipe Find(string name) => SmallRecipes.All.Single(recipe => recipe.Name == name);

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number : otherwise;
}
