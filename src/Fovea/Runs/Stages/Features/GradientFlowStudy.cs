using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Models;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// Figure 25: the same neurons drawn through the standard and through the modified network, with what the pictures are after some steps and the objective's curve.
/// <c>features/&lt;layer&gt;/flow.json</c>, pictures in <c>flow/</c>. Without <see cref="ClampBypass"/>'s help: it is the network's own gradient that is studied.
/// </summary>
internal static class GradientFlowStudy
{
    private const string Folder = "flow";

    public static void Write(RunContext context, RunPresets presets, string layer, ImageModel modified, ImageModel standard, GroupStatistics neurons)
    {
        var settings = context.Settings.Features!;
        string folder = context.Run.FeaturesOf(layer);
        int[] units = [.. neurons.ByInterest().Take(settings.Flow)], steps = [.. settings.FlowSteps.Select(step => (int)step).Order()];
        RenderOptions options = presets.Get(RenderPresets.Paper.Preset) with { Steps = steps[^1], Snapshots = steps, BypassClamps = false };
        (string Name, ImageModel Network)[] networks = [("standard", standard), ("modified", modified)];
        var made = networks.ToDictionary(one => one.Name, one => Render(context, one.Name, one.Network, new UnitObjective(layer, units), options));
        foreach (var (name, results) in made)
        {
            foreach (var result in results)
            {
                foreach (var snapshot in result.Snapshots)
                    AtomicFile.WriteBytes(Path.Combine(folder, Name(name, result.Unit, snapshot.Step)), ImageCodec.EncodePng(snapshot.Picture));
            }
        }
        JsonFile.Write(Path.Combine(folder, "flow.json"), new
        {
            schema = 1,
            preset = options.Preset,
            units = units.Select((unit, i) => new
            {
                source = UnitGroup.NeuronsName,
                unit,
                networks = networks.Select(one => new
                {
                    name = one.Name,
                    curve = made[one.Name][i].Curve,
                    snapshots = made[one.Name][i].Snapshots.Select(snapshot => new
                    {
                        step = snapshot.Step,
                        picture = Name(one.Name, unit, snapshot.Step),
                        // On the clean picture at every step: the curve is of random views, and cannot be compared with it.
                        activation = snapshot.Activation,
                    }),
                }),
            }),
        });
    }

    private static string Name(string network, int unit, int step) => $"{Folder}/{network}-{unit}-{step}.png";

    private static IReadOnlyList<RenderResult> Render(RunContext context, string name, ImageModel network, UnitObjective objective, RenderOptions options)
    {
        var progress = new Reporter<RenderProgress>(value =>
            context.Report(FeatureStage.StageName, value.Step, value.Steps, "steps", $"gradient flow, {name} network, {objective.Layer}"));
        var renderer = new FeatureRenderer(network);
        return renderer.Render(objective, options with { BatchSize = KeptBatch.Of(context, objective.Layer, renderer, options) }, progress, context.Cancellation);
    }
}
