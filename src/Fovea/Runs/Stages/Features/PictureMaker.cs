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
    /// <param name="set">How, and with which draw of start and views.</param>
    /// <param name="units">Of which.</param>
    /// <param name="first">The place among the units from which on batches are made.</param>
    /// <param name="end">The place at which none begins any more.</param>
    public IReadOnlyList<MadePicture> Make(RenderSet set, IReadOnlyList<int> units, int first = 0, int end = int.MaxValue)
    {
        if (units.Count <= first) return [];
        var (preset, again) = (set.Preset, set.Again);
        var renderer = new FeatureRenderer(network);
        var options = presets.Get(preset) with { Seed = context.Settings.Seed + (ulong)again };
        string name = again == 0 ? preset : $"{preset}, seed {again + 1}", file = again == 0 ? preset : $"{preset}-seed{again + 1}";
        var progress = new Reporter<RenderProgress>(value => context.Report(FeatureStage.StageName, value.Done, value.Total, "steps",
            $"{group.Layer}/{group.Name}, {name}, step {value.Step}/{value.Steps}"));
        return PictureFolder.Make(
            renderer, PictureSubject.Of(group, units), options with { BatchSize = KeptBatch.Of(context, group.Layer, renderer, options) },
                scratch, file, name, (first, end), progress, context.Cancellation);
    }
}
