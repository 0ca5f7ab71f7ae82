using System.CommandLine;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Explorer.Live;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Visualization;
using TorchSharp;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea visualize</c>: stage 4, or pictures of what the options of <see cref="PictureOptions"/> name.</summary>
internal sealed class VisualizeCommand : StageCommand
{
    private const string RunColours = "run", ImageNetColours = "imagenet", NoColours = "none", PreActivation = "pre-activation";

    private readonly PictureOptions _pictures = new();
    private readonly Option<string> _preset = new("--preset")
    {
        Description = $"The way pictures are made: {string.Join(", ", RenderPresets.All.Select(preset => preset.Preset))}.",
        HelpName = "P",
        DefaultValueFactory = _ => RenderPresets.Paper.Preset,
    };
    private readonly Option<string> _colours = SharedOptions.Choice(
        new Option<string>("--colours")
        {
            Description = "Whose colours and spectrum: the run's (where features.measured_images had them "
            + "measured) or ImageNet's.",
            HelpName = "run|imagenet"
        },
        RunColours, ImageNetColours);
    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Where pictures of chosen units go (RUN/pictures/LAYER/SOURCE).",
        HelpName = "DIR",
    };

    public VisualizeCommand(AppEnvironment app) : base(app, "visualize", "features",
        "Stage 4 of a run: pictures of what units react to most, by optimisation. With --features, --logits, --dream, --directions or "
            + "--invert: pictures of these alone.")
    {
        SharedOptions.Choice(_preset, [.. RenderPresets.All.Select(preset => preset.Preset)]);
        foreach (Option option in (IEnumerable<Option>)[.. _pictures.All, _preset, _colours, _out]) Add(option);
        AddSetting<int>("--steps", "features.steps", "Optimisation steps", "N");
        AddSetting<double>("--learning-rate", "features.learning_rate", "Adam's learning rate", "X");
        AddSetting<int>("--size", "features.size", "Side of the pictures in pixels, in place of the network's input", "S");
        AddSetting<int>(
            "--views", "features.views", "Views of each picture a step, over which the objective is averaged, in place of the preset's",
                "V");
        Examples =
        [
            "fovea visualize --run runs/demo",
            "fovea visualize --run runs/demo --layer block4 --source topk --features 9,271",
            "fovea visualize --run runs/demo --features 9,3+17 --replicas 4 --diversity 1",
            "fovea visualize --run runs/demo --source topk --features 9 --target decoder --negative",
            "fovea visualize --run runs/sample --logits zebra 207 --preset maco --views 4",
            "fovea visualize --run runs/demo --logits 3 --changes block4/topk/9:0",
            "fovea visualize --run runs/sample --dream --layer features.14 --start photo.jpg --preset lucid",
            "fovea visualize --run runs/demo --directions probe.npy --similarity dot-cos2",
            "fovea visualize --run runs/sample --invert photo.jpg --preset lucid",
        ];
    }

    protected override int Execute(CommandContext context)
    {
        if (_pictures.Read(context) is not { } request)
        {
            if (context.Has(_colours))
                throw FoveaException.BadConfiguration(
                    "--colours is for pictures of chosen units; the stage's follow features.measured_images.");
            return base.Execute(context);
        }
        torch.Device device = context.Device();
        WorkflowSettings settings = ReadRecipe(context).Settings;
        var run = new RunFolder(context.Get(Run)!);
        var engines = new EnginesSaid();
        using ImageModel model = RunModel.Load(run, settings, device, engines.Add);
        string preset = context.Get(_preset)!;
        var (options, colours) = Coloured(context, run, RunPictures.Options(settings, preset));
        int size = options.Size > 0 ? options.Size : model.Preprocessing.OutputSize.Height;
        RgbImage[] start = request.Start is { } name ? [RunImages.Find(settings, name).Image] : [];
        options = options with { StartFrom = start, L2 = request.L2 };
        using SteeredNetwork? steered = _pictures.Changes(context) is var (changes, kept)
            ? SteeredNetwork.Open(new SteerRequest(run.Root, changes, null, null, kept)) : null;
        if (steered is not null) request = request with { Changes = steered.Inputs, Variant = [.. request.Variant, $"changed-{steered.Name}"] };
        using RunSubject subject = RunSubject.Open(run, settings, model, request, size);

        string folder = Path.GetFullPath(context.Get(_out) ?? run.Pictures(subject.Layer, subject.Source));
        using FolderLock? held = FolderLock.TakeFor(run.Root, folder);
        IReadOnlyList<MadePicture> made;
        using (ProgressDisplay progress = context.Progress())
        {
            var renderer = new FeatureRenderer(model, steered?.Edits);
            options = options with { BatchSize = BatchSize(renderer, subject.Subject, options, size, folder) };
            made = PictureFolder.Make(renderer, subject.Subject, options, folder, string.Join('-', [preset, .. request.Variant]), preset,
                progress.Of<RenderProgress>(Steps), context.Cancellation);
        }
        Print(context, run.Root, subject.Layer, subject.Source, colours, request.IsPlain ? Measure(subject.Source) : "objective",
        [
            .. made.Select(
                (one, i) => new MadePictureSummary(
                    one.Result.Unit, one.Result.Replica, subject.Titles[i], subject.Subject.Objective.Describe(i),
                Path.Combine(folder, one.File), one.Result.Activation, one.Result.Peak)),
        ], engines);
        return ExitCode.Done;
    }

    protected override void Report(CommandContext context, Recipe recipe, WorkflowOutcome outcome)
    {
        string layer = RunUnits.Layer(recipe.Settings, _pictures.Layer(context)), source = _pictures.Source(context);
        string folder = new RunFolder(outcome.Run).FeaturesOf(layer, source);
        string preset = context.Get(_preset)!;
        Print(context, outcome.Run, layer, source, recipe.Settings.Features is { MeasuredImages: > 0 }
            ? RunColours : ImageNetColours, Measure(source),
        [
            .. TableFile.Read<FeatureRow>(Path.Combine(folder, FeatureTables.FeaturesName))
                .Where(row => row.Picture is not null && row.Preset == preset)
                .Select(row =>
                    new MadePictureSummary(
                        row.Unit, 0, row.Unit.ToString(CultureInfo.InvariantCulture), null, SafeName.Combine(folder, row.Picture!.Split('/')),
                            row.Activation ?? 0, row.Peak ?? 0) { Part = row.PicturePlace() }),
        ]);
    }

    protected override string AfterInterruption(CommandContext context) =>
        _pictures.Read(context) is null ? base.AfterInterruption(context) : "Give the same command again.";

    private static void Print(
        CommandContext context, string run, string layer, string source, string colours, string measure, MadePictureSummary[] pictures,
            EnginesSaid? engines = null) => context.Result(
        new VisualizeResult(run, layer, source, colours, pictures, engines?.InWords),
        text =>
        {
            foreach (MadePictureSummary picture in pictures)
            {
                // A latent whose pre-activation was raised may still be off.
                string code = measure == PreActivation ? $"  code {(picture.Peak > 0 ? Humane.Number(picture.Peak) : "0 (off)"),-9}" : "";
                string part = picture.Part is { } place ? $"  {place.Width} × {place.Height} from ({place.Left}, {place.Top})" : "";
                text.WriteLine($"{picture.Name,6}  {measure} {Humane.Number(picture.Activation),-9}{code}  {picture.Image}{part}");
            }
            engines?.Write(text);
        });

    /// <summary>What single units of a source are raised by, in the mean over positions.</summary>
    private static string Measure(string source) => source == UnitGroup.NeuronsName ? "activation" : PreActivation;

    private static WorkflowProgress Steps(RenderProgress progress) => new(
        "visualize", progress.Done, progress.Total, "steps");

    /// <summary>The recipe in the run's colours where it has measured them and ImageNet's were not asked for.</summary>
    private (RenderOptions Options, string Colours) Coloured(CommandContext context, RunFolder run, RenderOptions options)
    {
        string? asked = context.Get(_colours);
        PictureStatistics? measured = asked == ImageNetColours ? null : PictureStatistics.Find(run);
        if (asked == RunColours && measured is null)
        {
            throw FoveaException.BadConfiguration(
                "--colours run: this run has not measured the colours of its images. Give --colours imagenet, or have them measured by "
                    + "its feature "
                + $"stage: fovea visualize --run {run.Root} --set features.measured_images=500 --redo");
        }
        if (options.Parameterization.Statistics is null) return (options, NoColours);
        context.Note(measured is null ? "Colours: ImageNet's." : "Colours: those of the run's images.");
        return measured is null ? (options, ImageNetColours) : (measured.Over(options), RunColours);
    }

    /// <summary>
    /// The recipe's, or one that suits the memory. It is kept with the pictures: another would make a continuation's last bits differ.
    /// </summary>
    private static int BatchSize(FeatureRenderer renderer, PictureSubject subject, RenderOptions options, int size, string folder)
    {
        if (options.BatchSize > 0) return options.BatchSize;
        string path = Path.Combine(
            folder, PictureBatches.FileName), key = $"{string.Join(", ", subject.Objective.Layers)}: {size} px, views {options.Views}";
        return PictureBatches.Keep(path, key, () => renderer.BatchFor(subject.Objective.Layers, options));
    }
}
