using System.CommandLine;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Dictionaries.Sparse;
using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea sae sweep</c>: the sweeps of a run's recipe, or one more that the options describe.</summary>
internal sealed class SaeSweepCommand : StageCommand
{
    private const string StandardName = "sweep";

    private readonly Option<string?> _name =
        new("--name") { Description = $"The sweep that --arch and --baseline add ({StandardName})", HelpName = "NAME" };
    private readonly Option<string?> _layer = new("--layer") { Description = "Its layer (the first one harvested)", HelpName = "L" };
    private readonly Option<string[]?> _architectures = new("--arch")
    {
        Description =
            $"Autoencoders to compare, each at five sparsity settings round its default: {string.Join(", ", SettingChoices.Autoencoders)}",
        HelpName = "A",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string[]?> _baselines = new("--baseline")
    {
        Description = $"Plain dictionaries beside them: {string.Join(", ", SettingChoices.PlainDictionaries)}",
        HelpName = "B",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<double> _expansion;

    public SaeSweepCommand(AppEnvironment app)
        : base(app, "sweep", "sweep",
            "Stage 3 of a run, many at once: train and compare the dictionaries of the recipe's sweeps, or of one that --arch adds.")
    {
        foreach (Option option in (Option[])[_name, _layer, _architectures, _baselines]) Add(option);
        _expansion = AddSetting<double>("--expansion", "expansion", "Latents for each channel", "X");
        AddSetting<int>("--epochs", "epochs", "Passes over the draws", "N");
        AddSetting<int>("--batch-size", "batch_size", "Vectors a step", "N");
        AddSetting<double>("--learning-rate", "learning_rate", "Adam's learning rate", "X");
        Examples =
        [
            "fovea sae sweep --run runs/demo --arch topk l1 jumprelu --baseline pca kmeans --epochs 3",
            "fovea sae sweep --run runs/tiny --json",
        ];
    }

    protected override string KeyOf(CommandContext context, string key) => $"sweep.{Position(context).Index}.dictionary.*.{key}";

    protected override IEnumerable<RecipeOverride> StageOverrides(CommandContext context)
    {
        string[] architectures = context.Get(_architectures) ?? [], baselines = context.Get(_baselines) ?? [];
        if (architectures.Length + baselines.Length == 0) yield break;
        (int index, WorkflowSettings settings) = Position(context);
        string path = $"sweep.{index}";
        string layer = context.Get(_layer) ?? settings.Harvest?.Layers.FirstOrDefault()
            ?? throw FoveaException.BadConfiguration(
                "The recipe of this run harvests no layer: run `fovea harvest --run DIR --layer L` first.");
        yield return new RecipeOverride(
            $"{path}.name={context.Get(_name) ?? StandardName}", $"--name {context.Get(_name) ?? StandardName}");
        yield return new RecipeOverride($"{path}.layer={layer}", $"--layer {layer}");
        if (baselines.Length > 0)
            yield return new RecipeOverride($"{path}.baselines={string.Join(',', baselines)}", $"--baseline {string.Join(' ', baselines)}");
        for (int i = 0; i < architectures.Length; i++)
        {
            yield return new RecipeOverride($"{path}.dictionary.{i}.architecture={architectures[i]}", $"--arch {architectures[i]}");
            yield return new RecipeOverride(
                $"{path}.dictionary.{i}.sparsities={string.Join(',', Ladder(architectures[i], Latents(context, settings.Sweep.ElementAtOrDefault(index), layer, i)))}", $"--arch {architectures[i]}");
        }
    }

    protected override void Report(CommandContext context, Recipe recipe, WorkflowOutcome outcome)
    {
        var documents = new RunDocuments(outcome.Run);
        SweepDictionary[] dictionaries = [.. recipe.Settings.Sweep.SelectMany(sweep => documents.Sweep(sweep.Layer, sweep.Name))];
        SweepLeftOut[] leftOut = [.. recipe.Settings.Sweep.SelectMany(sweep => documents.LeftOut(sweep.Layer, sweep.Name))];
        context.Result(new SaeSweepResult(outcome.Run, dictionaries, leftOut), text =>
        {
            foreach (var sweep in dictionaries.GroupBy(one => (one.Layer, one.Sweep, one.Filter)))
            {
                text.WriteLine($"{sweep.Key.Layer}/{sweep.Key.Sweep}, on held-out vectors of {sweep.Key.Filter}:");
                foreach (SweepDictionary one in sweep)
                {
                    string clip = one.Clip is { } value ? $" clip {Humane.Number(value)}" : "", lost = one.Top1Lost is { } points
                        ? $", top-1 lost {Humane.Percent(points)}" : "";
                    text.WriteLine(
                        $"  {one.Name}{clip} ({one.Architecture}, {one.DIn} → {one.DSae}): L0 {Humane.Number(one.L0)}, FVU {Humane.Number(one.Fvu)}, dead {Humane.Percent(one.DeadFraction)}{lost}");
                }
            }
            foreach (SweepLeftOut one in leftOut) text.WriteLine($"{one.Layer}/{one.Sweep} went on without {one.Name}: {one.Reason}");
        });
    }

    private static IEnumerable<string> Ladder(string architecture, int latents) =>
        AutoencoderVariants.Get(architecture).SparsityLadder(latents).Select(value => value.ToString(CultureInfo.InvariantCulture));

    /// <summary>n of the sweep's autoencoders at a place; without bound where the layer is not harvested yet.</summary>
    private int Latents(CommandContext context, SweepSettings? sweep, string layer, int place)
    {
        string manifest = Path.Combine(new RunFolder(context.Get(Run)!).ActivationsOf(layer), ActivationManifest.FileName);
        if (!File.Exists(manifest)) return int.MaxValue;
        sweep ??= new SweepSettings { Name = StandardName, Layer = layer };
        double expansion = context.Has(_expansion) ? context.Get(_expansion) : sweep.Dictionary.ElementAtOrDefault(place)?.Expansion
            ?? sweep.Expansion;
        return Math.Max(1, (int)Math.Round(expansion * DocumentFile.Read<ActivationManifest>(manifest).Channels));
    }

    /// <summary>
    /// Where the sweep of the options stands among the recipe's: the place of its name and layer, or the one after the last.
    /// </summary>
    private (int Index, WorkflowSettings Settings) Position(CommandContext context)
    {
        WorkflowSettings settings = Recipe.OfRun(context.Get(Run)!, []).Settings;
        string name = context.Get(_name) ?? StandardName;
        for (int i = 0; i < settings.Sweep.Count; i++)
        {
            if (settings.Sweep[i].Name == name && (context.Get(_layer) is not { } layer || settings.Sweep[i].Layer == layer))
                return (i, settings);
        }
        return (settings.Sweep.Count, settings);
    }
}
