using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea run RECIPE.toml</c>.</summary>
internal sealed class RunCommand : WholeRunCommand
{
    private readonly Argument<string> _recipe = new("RECIPE") { Description = "The recipe, a TOML file (docs/reference/recipes.md)." };

    public RunCommand(AppEnvironment app)
        : base(app, "run",
            "The whole workflow as a recipe says. Finished stages are skipped, interrupted ones continued, changed ones refused.")
    {
        Add(_recipe);
        Examples =
        [
            "fovea run recipes/imagenet-sample-mobilenetv2.toml",
            "fovea run recipes/tiny-imagenet-resnet18.toml --set harvest.images=2000 --set 'dictionary.*.epochs=1' --out runs/small",
            "fovea run recipes/tiny-imagenet-resnet18.toml --dry-run",
            "fovea run recipes/tiny-imagenet-resnet18.toml --redo dictionary",
            "fovea run recipes/tiny-imagenet-resnet18.toml --until 'dictionary layer4/topk'",
        ];
    }

    protected override Recipe ReadRecipe(CommandContext context, IEnumerable<RecipeOverride> overrides) =>
        Recipe.Read(context.Get(_recipe), overrides);
}
