using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea harvest</c>: stage 2.</summary>
internal sealed class HarvestCommand : StageCommand
{
    private readonly Option<string[]> _layers = new("--layer")
    {
        Description = "A layer to read besides the recipe's; may be repeated (harvest.layers)",
        HelpName = "L",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string[]> _filters = new("--filter")
    {
        Description = $"Patch scores in place of the recipe's: {string.Join(", ", SettingChoices.Filters)} (harvest.filters)",
        HelpName = "F",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    public HarvestCommand(AppEnvironment app)
        : base(app, "harvest", "harvest", "Stage 2 of a run: the activations of layers, and the statistics of the patch filters.")
    {
        Add(_layers);
        Add(_filters);
        AddSetting<int>("--images", "harvest.images", "At most this many images", "N");
        AddSetting<int>("--batch-size", "harvest.batch_size", "Images a forward pass", "N");
        Examples = ["fovea harvest --run runs/demo", "fovea harvest --run runs/demo --layer block3 --filter none --filter magnitude"];
    }

    protected override IEnumerable<RecipeOverride> StageOverrides(CommandContext context)
    {
        string[] layers = context.Get(_layers)!, filters = context.Get(_filters)!;
        if (layers.Length > 0)
        {
            // Layers that are harvested already stay: other stages were made from them.
            IReadOnlyList<string> known = Recipe.OfRun(context.Get(Run)!, []).Settings.Harvest?.Layers ?? [];
            yield return new RecipeOverride(
                $"harvest.layers={RecipeWriter.Literal(known.Union(layers))}", $"--layer {string.Join(" --layer ", layers)}");
        }
        if (filters.Length > 0)
            yield return new RecipeOverride($"harvest.filters={RecipeWriter.Literal(filters)}", $"--filter {string.Join(' ', filters)}");
    }

    protected override void Report(CommandContext context, Recipe recipe, WorkflowOutcome outcome)
    {
        var documents = new RunDocuments(outcome.Run);
        string[] layers = context.Get(_layers) is { Length: > 0 } asked ? asked : [.. recipe.Settings.Harvest?.Layers ?? []];
        if (layers.Length == 0) throw FoveaException.BadConfiguration("The recipe of this run harvests no layer. Name one: --layer L.");
        HarvestSummary[] summaries = [.. layers.Select(documents.Harvest)];
        HarvestSummary first = summaries[0];
        context.Result(
            new HarvestResult(outcome.Run, first.Layer, first.Images, first.Vectors, first.Channels, first.Grid, first.Filters, summaries),
            text =>
            {
                foreach (HarvestSummary summary in summaries)
                {
                    text.WriteLine($"{summary.Layer}: {Humane.Count(summary.Vectors)} vectors of {summary.Channels} channels, "
                        + $"grid {string.Join(" × ", summary.Grid)}, {Humane.Count(summary.Images)} images"
                        + (summary.StoredAs is { } stored ? $"; stored: {stored}" : ""));
                    foreach (HarvestFilter filter in summary.Filters)
                        text.WriteLine($"  {filter.Name,-10} all zero in {Humane.Percent(filter.AllZeroFraction)} of the images");
                }
            });
    }
}
