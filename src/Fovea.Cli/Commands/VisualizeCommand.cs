using System.CommandLine;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Visualization;
using TorchSharp;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea visualize</c>: stage 4, or pictures of the units that --features names.</summary>
internal sealed class VisualizeCommand : StageCommand
{
    private readonly Option<string?> _layer = new("--layer") { Description = "The layer (the first one harvested).", HelpName = "L" };
    private readonly Option<string> _source = new("--source")
    {
        Description = "neurons, or the name of a dictionary.",
        HelpName = "neurons|NAME",
        DefaultValueFactory = _ => UnitGroup.NeuronsName,
    };
    private readonly Option<string?> _features = new("--features")
    {
        Description = "Units to make pictures of; without it the whole stage of the recipe runs.",
        HelpName = "9,271,…",
    };
    private readonly Option<string> _preset = new("--preset")
    {
        Description = $"The way pictures are made: {string.Join(", ", RenderPresets.All.Select(preset => preset.Preset))}.",
        HelpName = "P",
        DefaultValueFactory = _ => RenderPresets.Paper.Preset,
    };
    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Where the pictures of --features go (RUN/pictures/LAYER/SOURCE).",
        HelpName = "DIR",
    };

    public VisualizeCommand(AppEnvironment app)
        : base(app, "visualize", "features", "Stage 4 of a run: pictures of what units react to most, by optimisation.")
    {
        SharedOptions.Choice(_preset, [.. RenderPresets.All.Select(preset => preset.Preset)]);
        foreach (Option option in (Option[])[_layer, _source, _features, _preset, _out]) Add(option);
        AddSetting<int>("--steps", "features.steps", "Optimisation steps", "N");
        AddSetting<double>("--learning-rate", "features.learning_rate", "Adam's learning rate", "X");
        AddSetting<int>("--size", "features.size", "Side of the pictures in pixels; 0: the network's input", "S");
        Examples = ["fovea visualize --run runs/demo", "fovea visualize --run runs/demo --layer block4 --source topk --features 9,271"];
    }

    protected override int Execute(CommandContext context)
    {
        if (!context.Has(_features)) return base.Execute(context);
        int[] units = Units(context.Get(_features)!);
        torch.Device device = context.Device();
        WorkflowSettings settings = ReadRecipe(context).Settings;
        var run = new RunFolder(context.Get(Run)!);
        string layer = RunUnits.Layer(settings, context.Get(_layer)), source = context.Get(_source)!;
        string folder = Path.GetFullPath(context.Get(_out) ?? Path.Combine(run.Root, "pictures", layer, source));
        string preset = context.Get(_preset)!;

        UnitGroup group = RunUnits.Open(run, settings, layer, source, device);
        using var autoencoder = group.Autoencoder;
        using LoadedModel model = ModelFile.Load(run.Model, device);
        Picture[] pictures;
        using (ProgressDisplay progress = context.Progress())
        {
            var renderer = new FeatureRenderer(model.Network, model.Preprocessing);
            RenderOptions options = RunPictures.Options(settings, preset);
            // Kept with the pictures: another batch size would make a continuation's last bits differ.
            string batch = Path.Combine(folder, "batch.json");
            if (options.BatchSize == 0 && !File.Exists(batch)) JsonFile.Write(batch, new Batch(renderer.BatchFor([layer], options)));
            if (options.BatchSize == 0) options = options with { BatchSize = JsonFile.Read<Batch>(batch).BatchSize };
            pictures =
            [
                .. PictureFolder.Make(renderer, group, units, options, folder, preset, preset, progress.Of<RenderProgress>(Steps), context.Cancellation)
                    .Select(made => new Picture(made.Result.Unit, Path.Combine(folder, made.File), made.Result.Activation, made.Result.Peak)),
            ];
        }
        Print(context, run.Root, layer, source, pictures);
        return ExitCode.Done;
    }

    protected override void Report(CommandContext context, Recipe recipe, WorkflowOutcome outcome)
    {
        string layer = RunUnits.Layer(recipe.Settings, context.Get(_layer)), source = context.Get(_source)!;
        string folder = new RunFolder(outcome.Run).FeaturesOf(layer, source);
        string preset = context.Get(_preset)!;
        Picture[] pictures =
        [
            .. FeatureTables.Read<FeatureRow>(Path.Combine(folder, FeatureTables.FeaturesName))
                .Where(row => row.Picture is not null && row.Preset == preset)
                .Select(row => new Picture(row.Unit, Path.Combine(folder, row.Picture!), row.Activation ?? 0, row.Peak ?? 0)),
        ];
        Print(context, outcome.Run, layer, source, pictures);
    }

    protected override string AfterInterruption(CommandContext context) =>
        context.Has(_features) ? "Give the same command again." : base.AfterInterruption(context);

    private static void Print(CommandContext context, string run, string layer, string source, Picture[] pictures) => context.Result(
        new { Run = run, Layer = layer, Source = source, Features = pictures },
        text =>
        {
            foreach (Picture picture in pictures) text.WriteLine($"{picture.Index,6}  activation {Humane.Number(picture.Activation),-9}  {picture.Image}");
        });

    private static WorkflowProgress Steps(RenderProgress progress) => new(
        "visualize", (progress.Finished * progress.Steps) + (progress.Batch * progress.Step), (long)progress.Pictures * progress.Steps, "steps");

    private static int[] Units(string list)
    {
        string[] words = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int[] units = [.. words.Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int unit)
            ? unit
            : throw FoveaException.BadConfiguration($"--features: '{word}' is no number of a unit. Write them with commas: --features 9,271."))];
        return units.Length > 0 ? [.. units.Distinct()] : throw FoveaException.BadConfiguration("--features names no unit. Write them with commas: --features 9,271.");
    }

    /// <summary>The batch size that was chosen for a folder of pictures.</summary>
    private sealed record Batch(int BatchSize);

    /// <summary>One picture made.</summary>
    private sealed record Picture(int Index, string Image, double Activation, double Peak);
}
