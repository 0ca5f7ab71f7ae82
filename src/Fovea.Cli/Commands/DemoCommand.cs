using Fovea.Cli.Recipes;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea demo</c>: the recipe that is built into the program.</summary>
internal sealed class DemoCommand : WholeRunCommand
{
    public DemoCommand(AppEnvironment app)
        : base(app, "demo", "The whole workflow in minutes, on images that Fovea makes itself and a small CNN. Prints where the report is.")
    {
        Examples = ["fovea demo", "fovea demo --out /tmp/demo --json"];
    }

    protected override Recipe ReadRecipe(CommandContext context, IEnumerable<RecipeOverride> overrides) =>
        Recipe.BuiltIn("demo", overrides);
}
