using System.Text;
using Fovea.Cli.Recipes;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;

namespace Fovea.Fuzz.Readers;

/// <summary>Recipes, parsed, bound to settings and written again.</summary>
internal sealed class TomlReader : FuzzReader
{
    public override string Name => "toml";

    public override string About => "recipes (Recipe.From)";

    public override IReadOnlyList<string> Types => ["Fovea.Cli.Recipes.", "Fovea.Runs.Settings."];

    public override IReadOnlyList<byte[]> Seeds() =>
    [
        .. Fuzz.Seeds.Ending(".toml").Where(file => file.Length < 8000),
        "a.b = [1, 0x1F, 1_000, 1e3, inf, nan]\n[[c.d]]\ne = { f = '''x''', \"g\" = 1979-05-27T07:32:00Z }\n[c.d.h]\ni = \"\\u00e9\"\n"u8.ToArray(),
    ];

    public override byte[] Change(byte[] input, CounterRandom random) => TextChanges.Any(input, random);

    public override void Read(byte[] input) =>
        Recipe.From(Encoding.UTF8.GetString(input), "recipe.toml", Folder, resolved: input.Length % 2 == 0, []);
}
