using System.Text.Json.Nodes;
using Fovea.Activations;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>Stage 3 in a run folder, many at once: <c>sweeps/&lt;layer&gt;/&lt;name&gt;/</c>.</summary>
internal static class SweepStage
{
    public const string Name = "sweep";

    public static (StageRecord Record, bool Skipped) Pass(RunContext context, SweepSettings settings, StageRecord harvest, Func<ImageModel> network)
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
        if (skipped) Describe(settings, Path.Combine(folder, SweepDocument.FileName));
        return (record, skipped);
    }

    /// <summary>A sentence that was corrected since: nothing else of the document depends on it.</summary>
    private static void Describe(SweepSettings settings, string path)
    {
        var document = JsonFile.Read<JsonNode>(path);
        if ((string?)document["description"] == settings.Description) return;
        document["description"] = settings.Description;
        JsonFile.Write(path, document);
    }

    private static void Work(RunContext context, SweepSettings settings, string folder, string stage, Func<ImageModel> network)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(settings.Layer));
        var members = SweepPlan.Members(settings, context.Settings.Seed);
        var folds = SweepFold.Of(store, settings, context.Settings.Seed);
        var failures = new SweepFailures(line => context.Log($"{stage}: {line}"));
        var training = new SweepTraining(context, settings, store, failures, stage);
        training.Run(members, folds);
        SweepMember[] trained = [.. members.Where(member => !failures.Include(member.Id, baseline: false))];
        var measurement = new SweepMeasurement(context, settings, store, training, failures, stage);
        var points = measurement.Points(trained, folds, network);
        failures.RequireAny(points);
        JsonFile.Write(Path.Combine(folder, SweepDocument.FileName), new SweepDocument
        {
            Name = settings.Name,
            Layer = settings.Layer,
            Description = settings.Description,
            Folds = settings.Folds,
            Validate = settings.Validate,
            Points = points,
            Stability = measurement.Stability(trained, folds[0]),
            Failed = failures.All,
        });
    }
}
