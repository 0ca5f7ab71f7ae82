using System.Diagnostics;
using Fovea.Activations;

namespace Fovea.Autoencoders;

/// <summary>One training under way: the loop, its state and its curves. Used by one thread.</summary>
internal sealed class TrainingSession : IDisposable
{
    private const int EvaluationBatch = 1024, SampleWithoutValidation = 16384;
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromSeconds(30), ProgressInterval = TimeSpan.FromMilliseconds(250);

    private readonly AutoencoderOptions _options;
    private readonly IVectorSource _source;
    private readonly long[] _validationRows;
    private readonly int _trainCount;
    private readonly string? _resumeFolder;
    private readonly TrainingPlan _plan;
    private readonly string _fingerprint;
    private readonly SparseAutoencoder _autoencoder;
    private readonly double _sparsity;
    private readonly IAutoencoderStep _stepper;
    private readonly List<AutoencoderHistoryLine> _history = [];
    private readonly long[] _trainRows;
    private AutoencoderMetrics _metrics;
    private double _scale = 1;
    private long _step;
    private bool _handedOver;

    public TrainingSession(AutoencoderOptions options, IVectorSource source, long[] trainRows, long[] validationRows, string? resumeFolder)
    {
        (_options, _source, _trainRows, _validationRows, _resumeFolder) = (options, source, trainRows, validationRows, resumeFolder);
        _trainCount = trainRows.Length;
        _plan = new TrainingPlan(options, trainRows);
        _fingerprint = _plan.Fingerprint(source, validationRows);
        _autoencoder = AutoencoderVariants.Create(options, source.Dimension);
        _sparsity = _autoencoder.Sparsity;
        _autoencoder.AuxiliaryLoss = new AuxiliaryLoss(options.AuxiliaryCoefficient ?? AutoencoderVariants.Get(options.Architecture).DefaultAuxiliary,
            options.AuxiliaryK ?? Math.Max(1, source.Dimension / 2), options.DeadAfter ?? Math.Min(10_000_000, trainRows.Length / 2));
        _stepper = Stepper(_autoencoder);
        _stepper.GradientClip = options.GradientClip;
        _metrics = NewMetrics();
    }

    public TrainedAutoencoder Run(IProgress<AutoencoderProgress>? progress, CancellationToken cancellation)
    {
        if (!Resume()) Start(cancellation);
        using var reader = new BatchReader(_source, _options.BatchSize);
        var clock = Stopwatch.StartNew();
        TimeSpan saved = TimeSpan.Zero, told = TimeSpan.Zero;
        long first = _step;
        if (_step < _plan.Steps) reader.Begin(_plan.RowsOf(_step));
        while (_step < _plan.Steps)
        {
            if (cancellation.IsCancellationRequested)
            {
                Checkpoint();
                throw new OperationCanceledException($"Training of {_options.Name} was cancelled after {_step} of {_plan.Steps} steps.", cancellation);
            }
            var batch = reader.Take();
            if (_step + 1 < _plan.Steps) reader.Begin(_plan.RowsOf(_step + 1));
            Step(batch.Span);
            if (progress is not null && (clock.Elapsed - told > ProgressInterval || _step == _plan.Steps))
            {
                told = clock.Elapsed;
                double speed = (_plan.Vectors(_step) - _plan.Vectors(first)) / Math.Max(told.TotalSeconds, 1e-9);
                progress.Report(new AutoencoderProgress(_step, _plan.Steps, _plan.Epochs(_step), _metrics.Scores(), speed));
            }
            if (_plan.IsPoint(_step)) AddPoint();
            if (_options.CheckpointEverySteps is { } every ? _step % every == 0 : clock.Elapsed - saved > CheckpointInterval)
            {
                Checkpoint();
                saved = clock.Elapsed;
            }
        }
        return Finish();
    }

    public void Dispose()
    {
        _stepper.Dispose();
        if (!_handedOver) _autoencoder.Dispose();
    }

    private AutoencoderMetrics NewMetrics() => new(_source.Dimension, _autoencoder.LatentSize);

    private void Start(CancellationToken cancellation)
    {
        var statistics = InputStatistics.Measure(_source, _trainRows, cancellation);
        _scale = _options.ScaleInputs ? statistics.Scale : 1;
        double[] bias = StartingBias.Of(_options, _source, _trainRows, statistics.Mean, cancellation);
        _autoencoder.Initialize(_options.Seed, [.. bias.Select(value => value * _scale)]);
        _stepper.Refresh();
    }

    private bool Resume()
    {
        if (_resumeFolder is null || TrainingCheckpoint.Read(_resumeFolder, _fingerprint, _autoencoder, _stepper) is not { } state) return false;
        (_step, _scale, _metrics) = (state.Step, state.Scale, AutoencoderMetrics.Restore(state.Metrics));
        _history.AddRange(state.History);
        return true;
    }

    private void Checkpoint()
    {
        if (_resumeFolder is null) return;
        new TrainingCheckpoint { Fingerprint = _fingerprint, Step = _step, Scale = _scale, Metrics = _metrics.Save(), History = [.. _history] }
            .Write(_resumeFolder, _autoencoder, _stepper);
    }

    private void Step(ReadOnlySpan<float> batch)
    {
        double before = _metrics.LossSum;
        _stepper.Train(batch, _scale, _plan.SparsityScale(_step), new LearningRateSchedule(_options, _plan.Steps).At(_step), _metrics);
        if (!double.IsFinite(_metrics.LossSum - before)) throw NotFinite($"The loss of {_options.Name} is not a finite number in step {_step + 1}.");
        _step++;
    }

    private void AddPoint()
    {
        RequireLife(_metrics);
        Add("train", _metrics.Scores());
        if (_validationRows.Length > 0) Add("validation", Evaluate(_validationRows));
        _metrics = NewMetrics();

        void Add(string split, AutoencoderScores scores) =>
            _history.Add(AutoencoderHistoryLine.Of(split, _step, _plan.Epochs(_step), _plan.Vectors(_step), scores));
    }

    private AutoencoderScores Evaluate(long[] rows)
    {
        var metrics = NewMetrics();
        using var reader = new BatchReader(_source, EvaluationBatch);
        reader.Begin(Part(rows, 0));
        for (int start = 0; start < rows.Length; start += EvaluationBatch)
        {
            var batch = reader.Take();
            if (start + EvaluationBatch < rows.Length) reader.Begin(Part(rows, start + EvaluationBatch));
            _stepper.Evaluate(batch.Span, _scale, metrics);
            if (!double.IsFinite(metrics.LossSum))
                throw NotFinite($"After step {_step} the loss of {_options.Name} is not a finite number on vectors from row {rows[start]}.");
        }
        RequireLife(metrics);
        return metrics.Scores();

        static long[] Part(long[] rows, int start) => rows[start..Math.Min(start + EvaluationBatch, rows.Length)];
    }

    private TrainedAutoencoder Finish()
    {
        // Sampled as large as the held-out set, so that the two dead fractions can be compared.
        int sample = Math.Min(_validationRows.Length > 0 ? _validationRows.Length : SampleWithoutValidation, _trainCount);
        var train = Evaluate(_plan.Sample(sample));
        var validation = _validationRows.Length > 0 ? Evaluate(_validationRows) : null;
        // The finished state outlives a kill between here and the saving of the result.
        Checkpoint();
        _stepper.Publish();
        _autoencoder.RequireGradients(false);
        _autoencoder.FoldScale(_scale);
        _handedOver = true;
        return new TrainedAutoencoder(_autoencoder, _options, _history, new AutoencoderReport
        {
            Name = _options.Name,
            Architecture = _autoencoder.Architecture,
            DIn = _autoencoder.InputSize,
            DSae = _autoencoder.LatentSize,
            Sparsity = _sparsity,
            InputScale = _scale,
            Steps = _plan.Steps,
            Train = train,
            Validation = validation,
        });
    }

    private static IAutoencoderStep Stepper(SparseAutoencoder autoencoder) =>
        autoencoder.Device.type == TorchSharp.DeviceType.CPU && autoencoder.Rule() is { } rule ? new SparseStep(autoencoder, rule) : new DenseStep(autoencoder);

    private FoveaException NotFinite(string what) => FoveaException.NumericalFailure($"{what} Try a smaller learning rate than {_options.LearningRate}.");

    private void RequireLife(AutoencoderMetrics metrics)
    {
        if (metrics.FiredCount > 0) return;
        throw FoveaException.NumericalFailure(
            $"Every latent of {_options.Name} is dead after step {_step}: no latent was active for any of {metrics.Count} vectors. " +
            $"Its sparsity setting {_sparsity} is too strong for these vectors, or its learning rate {_options.LearningRate} too large; try less.");
    }
}
