using System.CommandLine;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Distributed;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea sae train</c>: the dictionaries of a run's recipe, or one more.</summary>
internal sealed class SaeTrainCommand : StageCommand
{
    private readonly Option<string?> _name = new("--name")
    {
        Description = "The dictionary to train; a new name adds one (the architecture's)",
        HelpName = "NAME",
    };
    private readonly Option<string?> _layer = new("--layer") { Description = "Its layer (the first one harvested)", HelpName = "L" };
    private readonly Option<string?> _architecture =
        new("--arch") { Description = $"{string.Join(", ", SettingChoices.Autoencoders)}", HelpName = "A" };

    private readonly Option<bool> _mpi = new("--mpi")
    {
        Description = "Train with all processes that mpirun or srun --mpi=pmix started, over Open MPI; the dictionaries need shards.",
    };
    private readonly Option<double?> _stallLimit = new("--stall-limit")
    {
        Description = "With --mpi: seconds without a sign of life from a process after which all end (60).",
        HelpName = "S",
    };

    public SaeTrainCommand(AppEnvironment app)
        : base(app, "train", "dictionary",
            "Stage 3 of a run: train the recipe's sparse autoencoders, or the one that --arch and --name describe.")
    {
        Add(_architecture);
        Add(_name);
        Add(_layer);
        _stallLimit.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 1 and <= 1e6))
                result.AddError($"--stall-limit is '{result.Tokens[0].Value}': it must be a number of seconds from 1 on.");
            else if (result.GetResult(_mpi) is null or { Implicit: true }) result.AddError("--stall-limit is for --mpi.");
        });
        Add(_mpi);
        Add(_stallLimit);
        AddSetting<string>("--filter", "filter", "The filter whose draws it is trained on", "F");
        AddSetting<double>("--expansion", "expansion", "Latents for each channel", "X");
        AddSetting<double>("--sparsity", "sparsity", "k for TopK, the coefficient for L1, JumpReLU and Gated", "X");
        AddSetting<int>("--epochs", "epochs", "Passes over the draws", "N");
        AddSetting<int>("--batch-size", "batch_size", "Vectors a step", "N");
        AddSetting<int>("--shards", "shards", "Parts that each batch is summed by, so that processes can share it", "V");
        AddSetting<double>("--learning-rate", "learning_rate", "Adam's learning rate", "X");
        Examples =
        [
            "fovea sae train --run runs/demo",
            "fovea sae train --run runs/demo --arch topk --name topk-16 --sparsity 16 --expansion 4",
            "mpirun --bind-to none -n 4 fovea sae train --run runs/demo --shards 4 --mpi --threads 2",
        ];
    }

    protected override int Execute(CommandContext context)
    {
        if (!context.Get(_mpi)) return base.Execute(context);
        var patience = context.Get(_stallLimit) is { } seconds ? TimeSpan.FromSeconds(seconds) : ProcessGroup.DefaultPatience;
        return new GroupedCommand(context, patience).Run(
            () =>
            {
                Recipe recipe = ReadRecipe(context);
                WorkflowRequest request = Request(context, recipe);
                if (request.Worker is not null)
                    throw new UsageException("--mpi and --part are two ways to share work: --mpi within a dictionary, --part among dictionaries. Give one.");
                return (request, outcome => Report(context, recipe, outcome));
            },
            request => RunStages(context, request),
            exception => Fail(context, exception));
    }

    /// <summary>The entry of the recipe the options speak of: an existing one by name and layer, or the position after the last.</summary>
    private (string Path, bool IsNew, string Name, string Layer) Target(CommandContext context)
    {
        WorkflowSettings settings = Recipe.OfRun(context.Get(Run)!, []).Settings;
        string? layer = context.Get(_layer);
        string? name = context.Get(_name) ?? context.Get(_architecture);
        if (name is null) return ("dictionary.*", false, "", "");
        for (int i = 0; i < settings.Dictionary.Count; i++)
        {
            DictionarySettings known = settings.Dictionary[i];
            if (known.Name == name && (layer is null || known.Layer == layer)) return ($"dictionary.{i}", false, name, known.Layer);
        }
        layer ??= settings.Harvest?.Layers.FirstOrDefault()
            ?? throw FoveaException.BadConfiguration(
                "The recipe of this run harvests no layer: run `fovea harvest --run DIR --layer L` first.");
        return ($"dictionary.{settings.Dictionary.Count}", true, name, layer);
    }

    protected override string KeyOf(CommandContext context, string key) => $"{Target(context).Path}.{key}";

    protected override IEnumerable<RecipeOverride> StageOverrides(CommandContext context)
    {
        (string path, bool isNew, string name, string layer) = Target(context);
        string? architecture = context.Get(_architecture);
        if (isNew)
        {
            if (architecture is null)
                throw FoveaException.BadConfiguration($"The recipe of this run has no dictionary '{name}': "
                    + $"say what a new one is with --arch {string.Join('|', SettingChoices.Autoencoders)}.");
            yield return new RecipeOverride($"{path}.name={name}", $"--name {name}");
            yield return new RecipeOverride($"{path}.layer={layer}", $"--layer {layer}");
        }
        if (architecture is not null) yield return new RecipeOverride($"{path}.architecture={architecture}", $"--arch {architecture}");
    }

    protected override void Report(CommandContext context, Recipe recipe, WorkflowOutcome outcome) => context.Result(
        new SaeTrainResult(outcome.Run, outcome.Dictionaries),
        text =>
        {
            foreach (DictionaryOutcome dictionary in outcome.Dictionaries) text.WriteLine(DictionaryLine.Of(dictionary));
        });
}
