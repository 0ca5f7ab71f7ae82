using System.Globalization;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests.Kills;

/// <summary>
/// The real program, killed (-9) and asked to end (SIGTERM) at moments drawn from a seed, several times in a run: the same command must
/// come to the bytes of a run without a break. In short: one recipe, a few times. <c>FOVEA_KILLS=N</c>: N kills and N requests, dealt
/// out over all recipes in their small forms, on generated images and, where <c>shared/data</c> has them, on their own, and
/// <c>fovea sae sweep</c>;
/// <c>FOVEA_KILLS_OF=NAME,NAME</c> names some of them, <c>FOVEA_INTERRUPTION_SEED</c> chooses the moments.
/// </summary>
public sealed class ProgramKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Short = 2;
    private const string Sweep = "sae sweep";

    private readonly string _folder = WorkFolder.Create("fovea-kills-");
    private bool _differs;

    /// <summary>The recipes, and the command that adds a sweep to a run.</summary>
    public static TheoryData<string> Generated => new(Everywhere);

    /// <summary>The recipes whose own images are here.</summary>
    public static TheoryData<string> Own => new(Here);

    private static string[] Everywhere { get; } = [.. SmallRecipes.All.Select(recipe => recipe.Name), Sweep];

    private static string[] Here { get; } =
    [
        .. SmallRecipes.All.Where(recipe => recipe.Needs.Length > 0 && recipe.Needs.All(file => File.Exists(Path.Combine(SmallRecipes.Shared, file))))
            .Select(recipe => recipe.Name),
    ];

    private static int Times => Number("FOVEA_KILLS", 0);

    private static int Few => Math.Min(Short, Times / (Everywhere.Length + Here.Length));

    public void Dispose()
    {
        // What differs is there to be looked at.
        if (!_differs) Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Killed_and_asked_to_end_again_and_again_it_ends_with_the_same_bytes() =>
        Interrupt(KilledCommand.Of(Find("demo"), own: false, _folder), Short, Short);

    [Theory]
    [MemberData(nameof(Generated))]
    public void On_generated_images_it_ends_with_the_same_bytes_however_often_it_is_interrupted(string name)
    {
        RequireAsked(name);
        int i = Array.IndexOf(Everywhere, name), rest = Times - Few * Here.Length;
        int share = rest * (i + 1) / Everywhere.Length - rest * i / Everywhere.Length;
        Interrupt(name == Sweep ? KilledCommand.Sweep(Find("demo"), _folder) : KilledCommand.Of(Find(name), own: false, _folder), share, share);
    }

    /// <summary>This takes longer, and the files are of the same kinds: a few times each, and the rest on generated images.</summary>
    // A checkout without shared/data has none.
    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Own))]
    public void On_its_own_images_it_ends_with_the_same_bytes_however_often_it_is_interrupted(string name)
    {
        RequireAsked(name);
        Interrupt(KilledCommand.Of(Find(name), own: true, _folder), Few, Few);
    }

    private static void RequireAsked(string name)
    {
        Assert.SkipUnless(Times > 0, "the long form alone: FOVEA_KILLS=200");
        string[]? names = Environment.GetEnvironmentVariable("FOVEA_KILLS_OF")?.Split(',');
        Assert.SkipUnless(names is null || names.Contains(name), "FOVEA_KILLS_OF names others");
    }

    private void Interrupt(KilledCommand command, int kills, int terminations)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such signals");
        _differs = true;
        string row = new ProgramKills(command, _folder, (ulong)Number("FOVEA_INTERRUPTION_SEED", 1)).Interrupt(kills, terminations).ToString();
        _differs = false;
        output.WriteLine(row);
        TestContext.Current.SendDiagnosticMessage(row);
    }

    private static SmallRecipe Find(string name) => SmallRecipes.All.Single(recipe => recipe.Name == name);

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number : otherwise;
}
