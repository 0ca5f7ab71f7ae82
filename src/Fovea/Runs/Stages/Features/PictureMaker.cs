using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Visualization;

namespace Fovea.Runs.Stages.Features;

/// <summary>Makes the pictures of one group of units in the run folder (<see cref="PictureFolder"/>).</summary>
internal sealed class PictureMaker(RunContext context, RunPresets presets, Network network, UnitGroup group, string folder)
{
    private const string BatchFile = "batch.json";

    /// <summary>Pictures of some units.</summary>
    /// <param name="preset">How.</param>
    /// <param name="units">Of which.</param>
    /// <param name="again">0 for the run's seed; others for another draw of start and views.</param>
    public IReadOnlyList<MadePicture> Make(string preset, int[] units, int again = 0)
    {
        if (units.Length == 0) return [];
        var renderer = new FeatureRenderer(network, context.Preprocessing);
        var options = presets.Get(preset) with { Seed = context.Settings.Seed + (ulong)again };
        string name = again == 0 ? preset : $"{preset}, seed {again + 1}", file = again == 0 ? preset : $"{preset}-seed{again + 1}";
        var progress = new Reporter<RenderProgress>(value => context.Report(FeatureStage.Name, value.Finished, value.Pictures, "pictures",
            $"{group.Layer}/{group.Name}, {name}, step {value.Step}/{value.Steps}"));
        return PictureFolder.Make(renderer, group, units, options with { BatchSize = BatchSize(renderer, options) }, folder, $"images/{file}", name, progress, context.Cancellation);
    }

    /// <summary>The settings', or one that suits the memory: chosen once for the run, since another would change the last bits of pictures.</summary>
    private int BatchSize(FeatureRenderer renderer, RenderOptions options)
    {
        if (options.BatchSize > 0) return options.BatchSize;
        string path = Path.Combine(context.Run.FeaturesOf(group.Layer), BatchFile);
        if (!File.Exists(path)) JsonFile.Write(path, new Chosen(renderer.BatchFor([group.Layer], options with { Views = 1 })));
        return Math.Max(1, JsonFile.Read<Chosen>(path).BatchSize / options.Views);
    }

    private sealed record Chosen(int BatchSize);
}
