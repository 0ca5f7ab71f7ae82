using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Distributed;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Speed;

namespace Fovea.Runs.Stages;

/// <summary>Stage 3 in a run folder, one sparse autoencoder: <c>dictionaries/&lt;layer&gt;/&lt;name&gt;/</c>.</summary>
internal sealed class DictionaryStage(DictionarySettings settings) : IStage
{
    public string Name { get; } = NameOf(settings);

    public IReadOnlyList<string> After => ["harvest"];

    public static string NameOf(DictionarySettings settings) => $"dictionary {settings.Layer}/{settings.Name}";

    public string Folder(RunFolder run) => run.Dictionary(settings.Layer, settings.Name);

    // How often a checkpoint is written changes no result.
    public StageInputs Inputs(RunContext context) => new DictionaryInputs(
        context.Settings.Seed, settings with { Options = settings.Options with { CheckpointEverySteps = null } });

    public void Check(RunContext context)
    {
        var (channels, positions) = context.Shapes.Of(settings.Layer);
        var (options, harvest) = (settings.OptionsFor(context.Settings.Seed), context.Settings.Harvest!);
        int images = HarvestStage.Images(context.Harvested.Count, harvest.Images, context.Settings.Seed).Length;
        if (context.Options.Processes is { } processes) TrainingSession.ShardsOf(options, processes.Ranks);
        DictionaryChecks.RequireFit(options, channels, Name);
        DictionaryChecks.RequireVectors(
            options, channels, DictionaryChecks.TrainingImages(images, harvest.ValidationFraction), harvest.RowsOf(positions), Name);
    }

    public int? PartCount => 1;

    public IReadOnlyList<StagePart> Parts(RunContext context) => [new("training", scratch => Work(context, Folder(context.Run), scratch))];

    public StageCost Cost(RunContext context, MachineSpeed speed)
    {
        var harvest = context.Settings.Harvest!;
        var (channels, positions) = context.Shapes.Of(settings.Layer);
        var options = settings.Options;
        double vectors = (double)harvest.RowsOf(positions) * HarvestStage.Images(context.Harvested.Count, harvest.Images, context.Settings.Seed).Length;
        double seconds = vectors * (1 - harvest.ValidationFraction) * options.Epochs * speed.Dictionaries.Step(options, channels)
            + vectors * speed.Dictionaries.Measure(options, channels);
        if (settings.Splice)
        {
            var (all, each) = speed.Networks.Splice(
                settings.Layer, speed.Dictionaries.Trained(options, channels), DictionarySpeed.Kind(options, channels));
            seconds += RunSources.EvaluationCount(context) * (all + each);
        }
        // Encoder, decoder and biases, as float32.
        return new StageCost(
            seconds, 0, 0, sizeof(float) * (2L * channels * options.LatentsFor(channels) + channels + options.LatentsFor(channels)));
    }

    public string Summary(RunFolder run)
    {
        var (report, scores) = Read(run);
        return FormattableString.Invariant(
            $"{report.Architecture} {report.DIn} → {report.DSae}: L0 {scores.L0:0.0}, FVU {scores.Fvu:0.000}, dead {scores.DeadFraction:0.0%}");
    }

    public WorkflowResult AddTo(WorkflowResult result, RunFolder run)
    {
        var (report, scores) = Read(run);
        var own = new DictionaryResult(
            settings.Name, settings.Layer, report.Architecture, report.DIn, report.DSae, scores.L0, scores.Fvu, scores.DeadFraction,
                scores.Loss);
        return result with { Dictionaries = [.. result.Dictionaries, own] };
    }

    private (AutoencoderReport Report, AutoencoderScores Scores) Read(RunFolder run)
    {
        var report = DocumentFile.Read<AutoencoderReport>(Path.Combine(Folder(run), TrainedAutoencoder.ReportName));
        return (report, report.Validation ?? report.Train);
    }

    private void Work(RunContext context, string folder, string scratch)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(settings.Layer));
        var (training, validation) = store.Draws(settings.Filter);
        var options = settings.OptionsFor(context.Settings.Seed);
        var progress = new Reporter<AutoencoderProgress>(
            value =>
            {
                if (value.Start is var (unit, done, total)) context.Report(Name, done, total, unit, "before the first step");
                else context.Report(Name, value.Step, value.Steps, "steps", FormattableString.Invariant(
                    $"epoch {value.Epoch:0.0}, FVU {value.Scores.Fvu:0.000}, L0 {value.Scores.L0:0.0}, dead {value.Scores.DeadFraction:0%}, {value.VectorsPerSecond:0} vectors/s"));
            });
        context.Options.Processes?.Announce(Name);
        var request = new TrainingRequest(options, scratch, context.Device) { Ranks = context.Options.Processes?.Ranks ?? SingleRank.Instance };
        using (var trained = AutoencoderTrainer.Train(request, store, training, validation, progress, context.Cancellation)) trained.Save(folder);
        SayByHeart(context, DocumentFile.Read<AutoencoderReport>(Path.Combine(folder, TrainedAutoencoder.ReportName)));
        if (settings.Splice) Splice(context, folder, store, context.Network);
    }

    /// <summary>A dictionary that explains what it learned from and little else is no finding: the first page would not tell.</summary>
    private void SayByHeart(RunContext context, AutoencoderReport report)
    {
        if (report.Validation is not { } others || !IsByHeart(report.Train.Fvu, others.Fvu)) return;
        context.Log(DataReport.Warning + FormattableString.Invariant(
            $"{Name}: FVU {report.Train.Fvu:0.000} on the vectors that it learned from and {others.Fvu:0.000} on others: what it has learned holds for its own vectors alone. More images ([harvest] images), fewer latents (expansion) or fewer epochs help; it has {report.DSae} latents for {report.Train.Vectors} vectors."));
    }

    /// <summary>Half as much again is not explained of other vectors, and a tenth of their variance at least.</summary>
    internal static bool IsByHeart(double own, double others) => others > 1.5 * own && others > own + 0.1;

    /// <summary>Takes part in the training that the first process makes.</summary>
    public void Help(RunContext context, ProcessGroup processes)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(settings.Layer));
        var (training, validation) = store.Draws(settings.Filter);
        AutoencoderTrainer.Help(
            new TrainingRequest(settings.OptionsFor(context.Settings.Seed), null, context.Device) { Ranks = processes.Ranks },
            store, training, validation, context.Cancellation);
    }

    /// <summary>The network with the SAE spliced in, on images that the SAE was not trained on: what the classifier loses, or, where its
    /// classes are not the images', how far the answer moves.</summary>
    private void Splice(RunContext context, string folder, ActivationStore store, ImageModel network)
    {
        var (source, images) = RunSources.EvaluationImages(context.Validation, context.Harvested, store);
        using var autoencoder = AutoencoderFile.Load(folder, context.Device);
        var options = new SpliceOptions { Images = images, Mean = store.TrainingMean(context.Cancellation) };
        if (!NetworkClasses.AreOfImages(context.Settings.Model))
        {
            DocumentFile.Write<FaithfulnessDocument>(Path.Combine(folder, FaithfulnessDocument.FileName), FaithfulnessEvaluation.Evaluate(
                network, settings.Layer, [autoencoder], source, options, cancellationToken: context.Cancellation)[0]);
            return;
        }
        var result = SplicedEvaluation.Evaluate(
            network, settings.Layer, autoencoder, source, options, cancellationToken: context.Cancellation);
        DocumentFile.Write<SpliceDocument>(Path.Combine(folder, SpliceDocument.FileName), result);
    }
}
