using System.Diagnostics;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Runs;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// Every recipe of the project in a small form, killed at the boundaries of its stages and stopped at moments drawn from a seed, must end
/// with the bytes of a run without a break. In short: on generated images, a draw of the boundaries and a few moments.
/// <c>FOVEA_INTERRUPTIONS=N</c>: all boundaries and N moments for each of four seeds, also on the recipe's own images;
/// <c>FOVEA_INTERRUPTION_SEED</c> chooses the first seed.
/// </summary>
public sealed class RecipeInterruptionTests(ITestOutputHelper output) : IDisposable
{
    private const int ShortTimes = 2, LongSeeds = 4;
    private const double ShortShare = 0.12;

    /// <summary>Of a long recipe the fewer boundaries, so that each is broken about as often.</summary>
    private const double ShortEvents = 20;

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
        int first = Number("FOVEA_INTERRUPTION_SEED", 1), drawn = 0;
        var boundaries = harness.KillAtBoundaries(Times > 0 ? 1 : Math.Min(ShortShare, ShortEvents / harness.Events), (ulong)first);
        Assert.True(boundaries.Different.Count == 0, boundaries.ToString());
        Assert.True(boundaries.Interruptions > 0, "no boundary was met");
        for (int seed = first; seed < first + (Times > 0 ? LongSeeds : 1); seed++)
        {
            var report = harness.Interrupt((ulong)seed, Times > 0 ? Times : ShortTimes);
            drawn += report.Interruptions;
            Assert.True(report.Different.Count == 0, $"seed {seed}: {report}");
        }
        Assert.True(drawn > 0, "nothing was interrupted");
        string line = FormattableString.Invariant(
            $"{name} on {on}: {harness.Events} events; {boundaries.Interruptions} kills at boundaries and {drawn} interruptions at drawn moments; ")
            + FormattableString.Invariant(
                $"{boundaries.Files} files, {boundaries.Bytes} bytes compared each time, 0 files differ ({whole:0.0} s without a break, {clock.Elapsed.TotalSeconds:0} s in all)");
        output.WriteLine(line);
        TestContext.Current.SendDiagnosticMessage(line);
    }

    private static SmallRecipe Find(string name) => SmallRecipes.All.Single(recipe => recipe.Name == name);

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number : otherwise;
}
