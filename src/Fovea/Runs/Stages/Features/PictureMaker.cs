using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Visualization;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// Makes the pictures of one group of units, one file each, in the part's scratch (<see cref="PictureFolder"/>): made again, it goes on
/// after the last of them.
/// </summary>
internal sealed class PictureMaker(RunContext context, RunPresets presets, ImageModel network, UnitGroup group, string scratch)
{
    /// <summary>Pictures of some units.</summary>
    /// <param name="preset">How.</param>
    /// <param name="units">Of which.</param>
    /// <param name="again">0 for the run's seed; others for another draw of start and views.</param>
    public IReadOnlyList<MadePicture> Make(string preset, int[] units, int again = 0)
    {
        if (units.Length == 0) return [];
        var renderer = new FeatureRenderer(network);
        var options = presets.Get(preset) with { Seed = context.Settings.Seed + (ulong)again };
        string name = again == 0 ? preset : $"{preset}, seed {again + 1}", file = again == 0 ? preset : $"{preset}-seed{again + 1}";
        var progress = new Reporter<RenderProgress>(value => context.Report(FeatureStage.StageName, value.Done, value.Total, "steps",
            $"{group.Layer}/{group.Name}, {name}, step {value.Step}/{value.Steps}"));
        return PictureFolder.Make(
            renderer, group, units, options with { BatchSize = KeptBatch.Of(context, group.Layer, renderer, options) }, scratch, file, name,
                progress, context.Cancellation);
    }
}
