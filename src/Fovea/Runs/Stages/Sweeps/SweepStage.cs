using Fovea.Activations;
using Fovea.Models;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>Stage 3 in a run folder, many at once: <c>sweeps/&lt;layer&gt;/&lt;name&gt;/</c>.</summary>
internal static class SweepStage
{
    public const string Name = "sweep";

    public static (StageRecord Record, bool Skipped) Pass(RunContext context, SweepSettings settings, StageRecord harvest, Func<Network> network)
    {
        string stage = $"{Name} {settings.Layer}/{settings.Name}", folder = context.Run.Sweep(settings.Layer, settings.Name);
        var record = StageRecord.Create(stage, new
        {
            format = 1,
            seed = context.Settings.Seed,
            harvest = harvest.Hash,
            settings,
        });
        bool skipped = context.Gate.Pass(record, folder, () => Work(context, settings, folder, stage, network));
        return (record, skipped);
    }

    private static void Work(RunContext context, SweepSettings settings, string folder, string stage, Func<Network> network)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(settings.Layer));
        var members = SweepPlan.Members(settings, context.Settings.Seed);
        var folds = SweepFold.Of(store, settings, context.Settings.Seed);
        var training = new SweepTraining(context, settings, store, stage);
        training.Run(members, folds);
        var measurement = new SweepMeasurement(context, settings, store, training, stage);
        JsonFile.Write(Path.Combine(folder, SweepDocument.FileName), new SweepDocument
        {
            Name = settings.Name,
            Layer = settings.Layer,
            Description = settings.Description,
            Folds = settings.Folds,
            Validate = settings.Validate,
            Points = measurement.Points(members, folds, network),
            Stability = measurement.Stability(members, folds[0]),
        });
    }
}
