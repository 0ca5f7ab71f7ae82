using Fovea.Models;
using Fovea.Numerics;
using Fovea.Runs.Settings;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// What raises the logits of some classes: <c>features/classes.json</c>, the pictures in sheets in <c>features/classes/</c>.
/// </summary>
internal static class ClassPictures
{
    private const string Folder = "classes";

    /// <summary>Makes them for a seeded draw of <see cref="FeatureSettings.ClassPictures"/> classes; none where that is 0.</summary>
    public static void Write(RunContext context, RunPresets presets, ImageModel network, string scratch)
    {
        var settings = context.Settings.Features!;
        if (settings.ClassPictures == 0 || network.Classes is not { } classes) return;
        int[] drawn =
            [.. new CounterRandom(context.Settings.Seed, "visualize/classes", 0).Permutation(classes.Count).Take(settings.ClassPictures)
                .Order()];
        var renderer = new FeatureRenderer(network);
        RenderOptions options = presets.Get(RenderPresets.Paper.Preset);
        // Kept for the run: another number would change the last bits of pictures.
        if (options.BatchSize == 0)
        {
            string file = Path.Combine(context.Run.Features, Folder, PictureBatches.FileName);
            options = options with { BatchSize = PictureBatches.Keep(file, Folder, () => renderer.BatchFor([network.Head], options)) };
        }
        var progress = new Reporter<RenderProgress>(value =>
            context.Report(FeatureStage.StageName, value.Done, value.Total, "steps", $"classes, step {value.Step}/{value.Steps}"));
        var made = PictureFolder.Make(renderer, new PictureSubject("logits", new LogitObjective(network, drawn)), options, scratch,
            options.Preset, options.Preset, progress, context.Cancellation);
        var places = PictureSheets.Write(Path.Combine(context.Run.Features, Folder), made, context.Cancellation);
        DocumentFile.Write(Path.Combine(context.Run.Features, ClassPicturesDocument.FileName), new ClassPicturesDocument(options.Preset,
            [.. made.Zip(
                places, (one, place) =>
                    new ClassPicture(one.Result.Unit, classes[one.Result.Unit].Name, place.Below(Folder), one.Result.Activation))]));
    }
}
