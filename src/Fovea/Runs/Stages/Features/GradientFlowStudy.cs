using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// Figure 25: the same neurons drawn through the standard and through the modified network, with what the pictures are after some steps and
/// the objective's curve.
/// <c>features/&lt;layer&gt;/flow.json</c>, pictures in the sheets <c>flow-K.png</c>. Without <see cref="ClampBypass"/>'s help: it is the
/// network's own gradient that is studied.
/// </summary>
internal static class GradientFlowStudy
{
    private const string Sheets = "flow";

    public static void Write(
        RunContext context, RunPresets presets, string layer, ImageModel modified, ImageModel standard, GroupStatistics neurons)
    {
        var settings = context.Settings.Features!;
        string folder = context.Run.FeaturesOf(layer);
        int[] units = [.. neurons.ByInterest().Take(settings.Flow)], steps = [.. settings.FlowSteps.Select(step => (int)step).Order()];
        RenderOptions options = presets.Get(RenderPresets.Paper.Preset) with { Steps = steps[^1], Snapshots = steps, BypassClamps = false };
        (string Name, ImageModel Network)[] networks = [("standard", standard), ("modified", modified)];
        var made = networks.ToDictionary(
            one => one.Name, one => Render(context, one.Name, one.Network, new UnitObjective(layer, units), options));
        RenderSnapshot[] all = [.. units.SelectMany((_, place) => networks.SelectMany(one => made[one.Name][place].Snapshots))];
        var places = all.Zip(SheetFiles.Write(folder, Sheets, [.. all.Select(snapshot => snapshot.Picture)], context.Cancellation))
            .ToDictionary(pair => pair.First, pair => pair.Second);
        FlowNetwork Drawn(string name, int place) => new(name, made[name][place].Curve,
            [.. made[name][place].Snapshots.Select(snapshot => new FlowSnapshot(snapshot.Step, places[snapshot], snapshot.Activation))]);
        DocumentFile.Write(Path.Combine(folder, FlowDocument.FileName), new FlowDocument(options.Preset,
            [.. units.Select(
                (unit, place) => new FlowUnit(UnitGroup.NeuronsName, unit, [.. networks.Select(one => Drawn(one.Name, place))]))]));
    }

    private static IReadOnlyList<RenderResult> Render(
        RunContext context, string name, ImageModel network, UnitObjective objective, RenderOptions options)
    {
        var progress = new Reporter<RenderProgress>(value =>
            context.Report(FeatureStage.StageName, value.Step, value.Steps, "steps", $"gradient flow, {name} network, {objective.Layer}"));
        var renderer = new FeatureRenderer(network);
        return renderer.Render(
            objective, options with { BatchSize = KeptBatch.Of(context, objective.Layer, renderer, options) }, progress,
                context.Cancellation);
    }
}
