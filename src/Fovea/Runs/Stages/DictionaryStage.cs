using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Interventions;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages;

/// <summary>Stage 3 in a run folder, one sparse autoencoder: <c>dictionaries/&lt;layer&gt;/&lt;name&gt;/</c>.</summary>
internal static class DictionaryStage
{
    public const string Name = "dictionary";

    public static (StageRecord Record, bool Skipped) Pass(RunContext context, DictionarySettings settings, StageRecord harvest, Func<ImageModel> network)
    {
        var record = StageRecord.Create($"{Name} {settings.Layer}/{settings.Name}", new
        {
            format = 1,
            seed = context.Settings.Seed,
            harvest = harvest.Hash,
            settings,
        });
        string folder = context.Run.Dictionary(settings.Layer, settings.Name);
        bool skipped = context.Gate.Pass(record, folder, () => Work(context, settings, folder, network));
        return (record, skipped);
    }

    private static void Work(RunContext context, DictionarySettings settings, string folder, Func<ImageModel> network)
    {
        string stage = $"{Name} {settings.Layer}/{settings.Name}";
        using var store = ActivationStore.Open(context.Run.ActivationsOf(settings.Layer));
        var (training, validation) = store.Draws(settings.Filter);
        var options = settings.ToOptions(context.Settings.Seed) with { Name = settings.Name, CheckpointEverySteps = settings.CheckpointEverySteps };
        var progress = new Reporter<AutoencoderProgress>(value => context.Report(stage, value.Step, value.Steps, "steps", FormattableString.Invariant(
            $"epoch {value.Epoch:0.0}, FVU {value.Scores.Fvu:0.000}, L0 {value.Scores.L0:0.0}, dead {value.Scores.DeadFraction:0%}, {value.VectorsPerSecond:0} vectors/s")));
        // What only a continuation needs is removed at the very end, after everything else is written.
        string resume = Path.Combine(folder, "resume");
        using (var trained = AutoencoderTrainer.Train(new TrainingRequest(options, resume, context.Device), store, training, validation, progress, context.Cancellation)) trained.Save(folder);
        if (settings.Splice) Splice(context, settings, folder, store, network());
        if (Directory.Exists(resume)) Directory.Delete(resume, recursive: true);
    }

    /// <summary>The classifier with the SAE spliced in, on images that the SAE was not trained on.</summary>
    private static void Splice(RunContext context, DictionarySettings settings, string folder, ActivationStore store, ImageModel network)
    {
        var (source, images) = RunSources.Judged(context.Validation, context.Harvested, store);
        using var autoencoder = AutoencoderFile.Load(folder, context.Device);
        var options = new SpliceOptions { Images = images, Mean = store.TrainingMean(context.Cancellation) };
        var result = SplicedEvaluation.Evaluate(network, settings.Layer, autoencoder, source, options, cancellationToken: context.Cancellation);
        JsonFile.Write(Path.Combine(folder, "splice.json"), result);
    }
}
