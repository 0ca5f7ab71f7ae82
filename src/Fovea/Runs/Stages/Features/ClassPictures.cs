using Fovea.IO;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Runs.Settings;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs.Stages.Features;

/// <summary>What raises the logits of some classes: <c>features/classes.json</c>, pictures in <c>features/classes/</c>.</summary>
internal static class ClassPictures
{
    private const string Folder = "classes";

    /// <summary>Makes them for a seeded draw of <see cref="FeatureSettings.ClassPictures"/> classes; none where that is 0.</summary>
    public static void Write(RunContext context, RunPresets presets, ImageModel network)
    {
        var (settings, classes) = (context.Settings.Features!, context.Validation.Classes);
        if (settings.ClassPictures == 0) return;
        int[] drawn = [.. new CounterRandom(context.Settings.Seed, "visualize/classes", 0).Permutation(classes.Count).Take(settings.ClassPictures).Order()];
        var renderer = new FeatureRenderer(network);
        RenderOptions options = presets.Get(RenderPresets.Paper.Preset);
        string file = Path.Combine(context.Run.Features, Folder, "batch.json");
        if (options.BatchSize == 0 && !File.Exists(file)) JsonFile.Write(file, new Chosen(renderer.BatchFor([network.Head], options)));
        if (options.BatchSize == 0) options = options with { BatchSize = JsonFile.Read<Chosen>(file).BatchSize };
        var progress = new Reporter<RenderProgress>(value =>
            context.Report(FeatureStage.StageName, value.Done, value.Total, "steps", $"classes, step {value.Step}/{value.Steps}"));
        var made = PictureFolder.Make(renderer, new PictureSubject("logits", new LogitObjective(network, drawn)), options, context.Run.Features,
            $"{Folder}/{options.Preset}", options.Preset, progress, context.Cancellation);
        JsonFile.Write(Path.Combine(context.Run.Features, Folder + ".json"), new
        {
            schema = 1,
            preset = options.Preset,
            classes = made.Select(one => new { index = one.Result.Unit, name = classes[one.Result.Unit].Name, picture = one.File, logit = one.Result.Activation }),
        });
    }

    /// <summary>The batch size, chosen once for the run: another would change the last bits of pictures.</summary>
    private sealed record Chosen(int BatchSize);
}
