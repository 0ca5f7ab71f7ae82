using Fovea.Activations;
using Fovea.Activations.Filters;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Imaging;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Runs.Speed;

/// <summary>
/// Seconds an image of what is done with networks; decoding and preparing it included. Weights are fresh: they change no time.
/// </summary>
internal sealed class NetworkSpeed(RunContext context, MachineSpeed machine) : IDisposable
{
    /// <summary>Batches that are looked at, at most.</summary>
    private const int Batches = 12, EvaluationBatch = 32;

    private readonly Dictionary<ModelSettings, ImageModel> _networks = [];

    /// <summary>The run's network, with fresh weights.</summary>
    public ImageModel Network => Of(context.Settings.Model);

    private static string Name(ModelSettings model) => model.Network is { } file ? Path.GetFileName(file) : model.Architecture;

    /// <summary>A forward pass of an evaluation.</summary>
    /// <param name="model">The network.</param>
    /// <param name="source">Its images.</param>
    public double Evaluation(ModelSettings model, IImageSource source) =>
        machine.Once(
            ("evaluation", Fresh(model), source.Fingerprint), $"{Name(model)} looks at images", "image",
                () =>
        {
            ImageModel network = Of(model);
            network.Eval();
            using ModelReader reader = network.Reader(new Probe { Output = true });
            return Pass(network, source, EvaluationBatch, (_, batch) => reader.Run(batch.ToTensor(network.Device)).Dispose());
        });

    /// <summary>The network of a judge, on images of its size.</summary>
    public double Judgement(JudgeSettings judge, IImageSource source) =>
        machine.Once(("judge", judge), $"{judge.Architecture} judges images", "image", () =>
    {
        Preprocessing own = context.Preprocessing;
        Preprocessing seen = judge.Size is { } side ? new Preprocessing(side, side, own.Mean, own.Std, own.Interpolation) : own;
        using var network = ModelStage.Build(context, new ModelSettings { Architecture = judge.Architecture }, judge.Classes, seen);
        return Pass(network, source, EvaluationBatch, (judging, batch) =>
        {
            using var quiet = no_grad();
            judging.Forward(batch.ToTensor(judging.Device)).Dispose();
        });
    });

    /// <summary>A step of fine-tuning, shared among its images.</summary>
    public double Training(ModelSettings model, TrainSettings train, bool augment) =>
        machine.Once(
            ("training", Fresh(model), train.BatchSize, augment), $"{Name(model)} is trained{(augment ? ", augmented" : "")}",
                "image", () =>
        {
            using var network = ModelStage.Build(context, Fresh(model), context.Validation.Classes.Count);
            var tuner = new FineTuner(network, ModelStage.OptionsOf(context, train, augment, epochs: 1, train.LearningRate));
            IImageSource source = context.Training, validation = new SubsetSource(context.Validation, [0]);
            var images = new SubsetSource(source, Sample(source, train.BatchSize));
            return SteadyRate.Of((done, stop) => tuner.Run(images, validation, progress: new Reporter<TrainingProgress>(value =>
            {
                if (value.Validation is null) done(value.Step * train.BatchSize);
            }), cancellationToken: stop));
        });

    /// <summary>The harvest's pass, with all its filters.</summary>
    public double Harvest(HarvestSettings harvest) =>
        machine.Once(("harvest", harvest), $"{Name(context.Settings.Model)} gives vectors and scores", "image", () =>
    {
        using var network = ModelStage.Build(context, Fresh(context.Settings.Model), context.Validation.Classes.Count);
        network.Eval();
        network.SetTrainable(false);
        bool labels = NetworkClasses.AreOfImages(context.Settings.Model);
        IPatchScore[] scores = [.. harvest.Filters.Select(name => PatchScores.Create(name, harvest.ActiveThreshold))];
        using var pass = new EvidencePass(network, harvest.Layers, [.. scores.Select(score => score.Needs)]);
        return Pass(network, context.Harvested, harvest.BatchSize, (reading, batch) =>
        {
            var (evidence, _) = pass.Run(
                batch.ToTensor(reading.Device), logits => labels ? batch.LabelTensor(reading.Device) : logits.argmax(1));
            using var quiet = no_grad();
            foreach (var layer in evidence)
            {
                layer.Activations.permute(0, 2, 3, 1).contiguous().cpu().Dispose();
                foreach (var score in scores) score.Score(layer).contiguous().cpu().Dispose();
            }
        });
    });

    /// <summary>
    /// A pass in which a dictionary is spliced in: the network itself and its ablations, and what each dictionary takes beside them.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="dictionary">One of those that are spliced in.</param>
    /// <param name="kind">What its time depends on.</param>
    public (double Base, double Each) Splice(string layer, IFeatureDictionary dictionary, object kind)
    {
        const int More = 4;
        double Of(int count) =>
            machine.Once(("splice", layer, kind, count), $"{count} {dictionary.Name} spliced into {layer}", "image", () =>
        {
            var options =
                new SpliceOptions { Images = Sample(context.Validation, EvaluationBatch), Mean = new float[dictionary.InputSize] };
            IFeatureDictionary[] all = [.. Enumerable.Repeat(dictionary, count)];
            return SteadyRate.Of((done, stop) =>
            {
                var progress = new Reporter<EvaluationProgress>(value => done(value.Images));
                if (!NetworkClasses.AreOfImages(context.Settings.Model))
                    FaithfulnessEvaluation.Evaluate(Network, layer, all, context.Validation, options, progress, stop);
                else SplicedEvaluation.Evaluate(Network, layer, all, context.Validation, options, progress, stop);
            });
        });
        double one = Of(1), each = Math.Max(0, (Of(More) - one) / (More - 1));
        return (one - each, each);
    }

    /// <summary>Frees the networks.</summary>
    public void Dispose()
    {
        foreach (var network in _networks.Values) network.Dispose();
    }

    private static double Pass(ImageModel network, IImageSource source, int batchSize, Action<ImageModel, ImageBatch> step)
    {
        network.Eval();
        // As the run has them; a small source has batches too.
        var loader = new ImageLoader(
            source, network.Preprocessing, new LoaderOptions { BatchSize = Math.Min(batchSize, Math.Max(1, source.Count)) });
        return SteadyRate.Of((done, stop) =>
        {
            long seen = 0;
            foreach (var batch in loader.Load(Sample(source, batchSize), stop))
            {
                if (batch.Count == 0) continue;
                using (NewDisposeScope()) step(network, batch);
                done(seen += batch.Count);
            }
        });
    }

    /// <summary>Images all along a source, some of them again where it has few.</summary>
    private static int[] Sample(IImageSource source, int batchSize)
    {
        int count = Math.Max(1, Batches * Math.Min(batchSize, source.Count));
        return [.. Enumerable.Range(0, count).Select(i => (int)((long)i * source.Count / count)).OrderBy(i => i % 7).ThenBy(i => i)];
    }

    private static ModelSettings Fresh(ModelSettings model) => model with { Weights = null };

    private ImageModel Of(ModelSettings model)
    {
        model = Fresh(model);
        if (!_networks.TryGetValue(model, out var network))
            _networks[model] = network = ModelStage.Build(context, model, context.Validation.Classes.Count);
        return network;
    }
}
