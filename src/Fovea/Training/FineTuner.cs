using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Training;

/// <summary>
/// Stage 1 (section 6): trains a network with Adam and cosine annealing (per step) on cross-entropy, and validates it after each epoch.
/// Deterministic: order of images, augmentation and dropout are drawn by counter from (seed, epoch, image or step). Interrupted at any
/// batch (killed, or cancelled) and run again with the same folder, it ends with the same bytes as if it had not been.
/// </summary>
public sealed class FineTuner
{
    /// <summary>The file in the training's folder with one <see cref="TrainingEpoch"/> a line.</summary>
    public const string HistoryName = "history.jsonl";

    /// <summary>The file with the weights of the best epoch.</summary>
    public const string BestName = "best.safetensors";

    /// <summary>The sub-folder with what a continuation needs; it may be deleted after the end.</summary>
    public const string ResumeName = "resume";

    private readonly ImageModel _network;
    private readonly TrainingOptions _options;

    /// <summary>A training of <paramref name="network"/>, which is changed in place and stays the caller's.</summary>
    /// <exception cref="FoveaException">An option cannot be used.</exception>
    public FineTuner(ImageModel network, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_network, _options) = (network, options);
    }

    /// <summary>Trains to the end, from the beginning or from where the folder says an earlier call stopped.</summary>
    /// <param name="train">Images to learn from.</param>
    /// <param name="validation">Images to measure on after each epoch.</param>
    /// <param name="folder">Where the history goes; null keeps nothing on disk.</param>
    /// <param name="scratch">Where best weights and the checkpoint go; null: into the folder. A continuation needs both.</param>
    /// <param name="progress">Reported to after each step.</param>
    /// <param name="cancellationToken">Saves a checkpoint after the running step, then throws
    /// <see cref="OperationCanceledException"/>.</param>
    /// <returns>The history; the network holds the last weights, in evaluation mode.</returns>
    /// <exception cref="FoveaException">Classes do not fit, images are damaged, the folder holds another training, or the loss is not
    /// finite (the last checkpoint is kept).</exception>
    public TrainingResult Run(
        IImageSource train, IImageSource validation, string? folder = null, string? scratch = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        BatchStatistics.RequireAnyNumber(_network);
        _network.RequireClasses(train);
        _network.RequireClasses(validation);
        if (train.Count == 0) throw FoveaException.BadData($"{train.Description} has no image to train on.");
        cancellationToken.ThrowIfCancellationRequested();

        _network.SetTrainable(true);
        var settings = TrainingSettings.Describe(_network, _options, train, validation);
        using var adam = new Adam(_network.Parameters.Select(p => (p.Key, p.Value)), _options.Adam);
        var run = new Session(this, adam, train, validation, folder, scratch ?? folder, progress, settings);
        return run.ToTheEnd(cancellationToken);
    }

    /// <summary>Puts the weights of a training's best epoch into a network.</summary>
    /// <exception cref="FoveaException">There are none, or they are another network's.</exception>
    public static void LoadBest(string folder, ImageModel network)
    {
        string path = Path.Combine(folder, BestName);
        using var best = StateDict.Load(path);
        network.CopyFrom(best, path);
    }

    /// <summary>One call of <see cref="Run"/>.</summary>
    private sealed class Session
    {
        private readonly ImageModel _network;
        private readonly TrainingOptions _options;
        private readonly Adam _adam;
        private readonly IImageSource _train, _validation;
        private readonly string? _folder, _scratch;
        private readonly IProgress<TrainingProgress>? _progress;
        private readonly TrainingCheckpoint? _checkpoint;
        private readonly ImageLoader _loader;
        private readonly CosineAnnealing _schedule;
        private readonly int _batches;
        private readonly SortedDictionary<string, DamagedImage> _damaged = new(StringComparer.Ordinal);
        private TrainingState _state;

        public Session(
            FineTuner owner, Adam adam, IImageSource train, IImageSource validation, string? folder, string? scratch,
            IProgress<TrainingProgress>? progress, IReadOnlyDictionary<string, string> settings)
        {
            (_network, _options) = (owner._network, owner._options);
            (_adam, _train, _validation, _folder, _scratch, _progress) = (adam, train, validation, folder, scratch, progress);
            IImageTransform transform = _options.Augmentation is { } augmentation
                ? new Augmentation(augmentation, _network.Preprocessing, _options.Seed)
                : _network.Preprocessing;
            _loader = new ImageLoader(train, transform, new LoaderOptions { BatchSize = _options.BatchSize });
            _batches = (train.Count + _options.BatchSize - 1) / _options.BatchSize;
            _schedule = new CosineAnnealing(_options.LearningRate, _options.MinimumLearningRate, (long)_batches * _options.Epochs);
            _checkpoint = scratch is null ? null : new TrainingCheckpoint(Path.Combine(scratch, ResumeName));
            _state = _checkpoint?.Load(settings, _network, adam) ?? new TrainingState { Settings = settings };
            Note(_state.Damaged);
        }

        private long Step => (long)_state.Epoch * _batches + _state.Batch;

        public TrainingResult ToTheEnd(CancellationToken cancellation)
        {
            while (_state.Epoch < _options.Epochs)
            {
                TrainEpoch(cancellation);
                ValidateEpoch(cancellation);
            }
            WriteHistory();
            _network.Eval();
            return new TrainingResult(_state.History, _state.BestEpoch, [.. _damaged.Values]);
        }

        private void TrainEpoch(CancellationToken cancellation)
        {
            _network.Train();
            int[] order = new CounterRandom(_options.Seed, "train/order", _state.Epoch).Permutation(_train.Count);
            var rest = order.AsMemory(_state.Batch < _batches ? _state.Batch * _options.BatchSize : order.Length).ToArray();
            foreach (var batch in _loader.Load(rest, CancellationToken.None, (long)_state.Epoch * _train.Count))
            {
                double rate = _schedule.At(Step);
                var scores = batch.Count == 0 ? [] : TrainStep(batch, rate);
                _state = _state with { Batch = _state.Batch + 1, Scores = _state.Scores.Add(scores) };
                Report(rate, null);
                if (cancellation.IsCancellationRequested) SaveAndStop(cancellation);
                if (Step % _options.CheckpointEverySteps == 0 && _state.Batch < _batches) Save();
            }
        }

        private LogitScore[] TrainStep(ImageBatch batch, double rate)
        {
            using var scope = NewDisposeScope();
            _network.SeedDropout(_options.Seed, Step);
            using var input = batch.ToTensor(_network.Device);
            using var labels = batch.LabelTensor(_network.Device);
            var logits = _network.Forward(input);
            var scores = Logits.Score(logits, batch.Labels);
            double sum = scores.Sum(score => score.Loss);
            if (!double.IsFinite(sum))
            {
                throw FoveaException.NumericalFailure(
                    $"The loss is {sum / scores.Length} in epoch {_state.Epoch + 1}, step {Step} (learning rate {rate:G3}): "
                    + "the training diverged. Lower the learning rate.");
            }
            _adam.ZeroGrad();
            Gradients.Accumulate(functional.cross_entropy(logits, labels));
            _adam.Step(rate);
            return scores;
        }

        private void ValidateEpoch(CancellationToken cancellation)
        {
            var relay = new Relay<EvaluationProgress>(done => Report(_schedule.At(Step - 1), done));
            EvaluationResult result;
            // A state that is saved in between must be the one that validation began with: the continuation measures anew.
            using var measured = new MeasuredStatistics(_network);
            try
            {
                if (_options.StatisticsImages > 0)
                    BatchStatistics.Estimate(_network, _train, _options.StatisticsImages, _options.Seed, cancellationToken: cancellation);
                result = Evaluator.Evaluate(_network, _validation, _options.EvaluationBatchSize, relay, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                measured.Restore();
                SaveAndStop(cancellation);
                throw;
            }
            if (!double.IsFinite(result.Loss))
                throw FoveaException.NumericalFailure(
                    $"The validation loss after epoch {_state.Epoch + 1} is {result.Loss}: the training diverged. Lower the learning "
                        + $"rate.");
            Note(result.Damaged);
            var validation = new SplitScores(result.Loss, result.Top1, result.Top5);
            var epoch = new TrainingEpoch(_state.Epoch + 1, _schedule.At((long)_state.Epoch * _batches), _state.Scores.Mean(), validation);
            bool best = _state.BestEpoch == 0 || IsBetter(validation, _state.History[_state.BestEpoch - 1].Validation);
            if (best && _scratch is not null)
            {
                using var weights = StateDict.Of(_network.State);
                weights.Save(Path.Combine(_scratch, BestName));
            }
            _state = _state with
            {
                Epoch = _state.Epoch + 1,
                Batch = 0,
                Scores = RunningScores.Empty,
                History = [.. _state.History, epoch],
                BestEpoch = best ? epoch.Epoch : _state.BestEpoch,
            };
            WriteHistory();
            Save();
        }

        private static bool IsBetter(SplitScores a, SplitScores b) => a.Top1 > b.Top1 || (a.Top1 == b.Top1 && a.Loss < b.Loss);

        private void WriteHistory()
        {
            if (_folder is not null) DocumentFile.WriteLines(Path.Combine(_folder, HistoryName), _state.History);
        }

        private void SaveAndStop(CancellationToken cancellation)
        {
            Save();
            cancellation.ThrowIfCancellationRequested();
        }

        private void Save()
        {
            Note(_loader.Damage.Damaged);
            _state = _state with { Damaged = [.. _damaged.Values] };
            _checkpoint?.Save(_state, _network, _adam);
        }

        private void Note(IEnumerable<DamagedImage> images)
        {
            foreach (var image in images) _damaged.TryAdd(image.Id, image);
        }

        private void Report(double rate, EvaluationProgress? validation)
        {
            if (_progress is null || _state.Scores.Images == 0) return;
            var scores = _state.Scores.Mean();
            _progress.Report(new TrainingProgress(
                _state.Epoch + 1, _options.Epochs, Step, _schedule.Steps, rate, scores.Loss, scores.Top1, validation));
        }
    }

    /// <summary>Hands reports on at once, on the same thread (<see cref="Progress{T}"/> would post them).</summary>
    private sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
