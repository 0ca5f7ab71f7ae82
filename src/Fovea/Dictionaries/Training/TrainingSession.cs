using Fovea.Activations;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Distributed;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// One autoencoder in training: its parameters, step, running averages and curves. <see cref="TrainingStream"/> feeds it, alone or among
/// others. Used by one thread.
/// </summary>
internal sealed partial class TrainingSession : IDisposable
{
    private readonly AutoencoderOptions _options;
    private readonly IVectorSource _source;
    private readonly IReadOnlyList<HeldOut> _heldOut;
    private readonly string? _resumeFolder;
    private readonly string _fingerprint;
    private readonly SparseAutoencoder _autoencoder;
    private readonly double _sparsity;
    private readonly IAutoencoderStep _stepper;
    private readonly IRanks _ranks;
    private readonly BatchShards? _shards;
    private readonly List<AutoencoderHistoryLine> _history = [];
    private AutoencoderMetrics _metrics;
    private AutoencoderScores _lastScores = new();
    private VectorOutliers? _outliers;
    private double _scale = 1;
    private bool _handedOver;

    /// <param name="request">Variant and settings, valid; where the state is kept and where to train.</param>
    /// <param name="source">The vectors as they are, but for the normalization of the options.</param>
    /// <param name="trainRows">Rows to train on.</param>
    /// <param name="heldOut">Rows held out, the main set first.</param>
    /// <param name="identity">Tells the vectors from others; asked for only where a state is kept.</param>
    public TrainingSession(
        TrainingRequest request, IVectorSource source, RowSet trainRows, IReadOnlyList<HeldOut> heldOut, Func<string> identity)
    {
        var options = request.Options;
        if (options.Normalization == InputNormalization.LayerNorm && source.Dimension < 2)
            throw FoveaException.BadConfiguration($"{options.Title}: one number has no standard deviation (normalization is layer_norm).");
        (_options, _source, _heldOut, _resumeFolder) = (options, source, heldOut, request.ResumeFolder);
        Plan = new TrainingPlan(options, trainRows, source.Dimension);
        _ranks = request.Ranks;
        _shards = ShardsOf(options, _ranks);
        _fingerprint = request.ResumeFolder is null && _ranks.Count == 1 ? "" : Plan.Fingerprint(source, identity(), heldOut);
        _autoencoder = AutoencoderVariants.Create(options, source.Dimension);
        (_autoencoder.Layer, _autoencoder.Network) = (source.Layer, source.Network);
        _sparsity = _autoencoder.Sparsity;
        _autoencoder.AuxiliaryLoss = options.AuxiliaryFor(source.Dimension, trainRows.Count);
        // Before the step is made: its optimiser holds the parameters where they are then.
        if (request.Device is { } device) _autoencoder.MoveTo(device);
        _stepper = Stepper(_autoencoder, request.WithoutKernels);
        _stepper.GradientClip = options.GradientClip ?? 0;
        _stepper.Shards = _shards;
        _metrics = NewMetrics();
    }

    /// <summary>What is seen when.</summary>
    public TrainingPlan Plan { get; }

    /// <summary>Steps done.</summary>
    public long Steps { get; private set; }

    /// <summary>What ended it before its time, where it may end alone; null: nothing has.</summary>
    public FoveaException? Failure { get; set; }

    /// <summary>The processes that train it.</summary>
    public IRanks Ranks => _ranks;

    /// <summary>How its batches are cut; null: they are not.</summary>
    public BatchShards? Shards => _shards;

    /// <summary>What the session was asked for.</summary>
    public AutoencoderOptions Options => _options;

    /// <summary>Averages over the batches since the last point of the curves; right after one, those it was made of.</summary>
    public AutoencoderScores Running => _metrics.Count > 0 ? _metrics.Scores() : _lastScores;

    /// <summary>Vectors longer than this are shortened; null: none are. Known once the session has started or resumed.</summary>
    public double? MaximumLength => _outliers is { Capped: true } outliers ? outliers.MaximumLength : null;

    /// <summary>Starts from the seed.</summary>
    /// <param name="statistics">Of the vectors.</param>
    /// <param name="trainRows">Rows to train on.</param>
    /// <param name="told">Gets what is looked up in the vectors, how much, of how much at most; null: nobody asks.</param>
    /// <param name="cancellation">Stops it.</param>
    public void Start(InputStatistics statistics, RowSet trainRows, Action<string, long, long>? told, CancellationToken cancellation)
    {
        _outliers = statistics.Outliers;
        _scale = _options.ScaleInputs ? statistics.Scale : 1;
        double[] bias = StartingBias.Of(_options, _source, trainRows, statistics.Mean, cancellation);
        _autoencoder.Initialize(_options.Seed, [.. bias.Select(value => value * _scale)]);
        _autoencoder.Prepare(_source, trainRows, _scale, told, cancellation);
        _stepper.Refresh();
    }

    /// <summary>Takes up the state that an interrupted training left.</summary>
    /// <returns>False: there is none.</returns>
    /// <exception cref="FoveaException">The state is damaged or belongs to another training.</exception>
    public bool Resume()
    {
        if (_resumeFolder is null || TrainingCheckpoint.Find(_resumeFolder, _fingerprint, _autoencoder, _stepper) is not { } state)
            return false;
        (Steps, _scale, _outliers, _metrics) = (state.Step, state.Scale, state.Outliers, AutoencoderMetrics.Restore(state.Metrics));
        _history.AddRange(state.History);
        return true;
    }

    /// <summary>Writes the state, whole or not at all.</summary>
    public void Checkpoint()
    {
        if (_resumeFolder is not null) State().Write(_resumeFolder, _autoencoder, _stepper);
    }

    private TrainingCheckpoint State() => new()
    {
        Fingerprint = _fingerprint,
        Step = Steps,
        Scale = _scale,
        Outliers = _outliers!,
        Metrics = _metrics.Save(),
        History = [.. _history],
    };

    /// <summary>Forward, backward and Adam on the batch of this step.</summary>
    /// <param name="batch"><c>[rows, d]</c>: this process's rows (<see cref="Share"/>).</param>
    /// <param name="vectors">The same vectors to evaluate on, capped where they are.</param>
    public void Step(ReadOnlySpan<float> batch, IVectorSource vectors)
    {
        double before = _metrics.LossSum;
        _shards?.Begin(Plan.RowsIn(Steps));
        _stepper.Train(batch, _scale, Plan.SparsityScale(Steps), new LearningRateSchedule(_options, Plan.Steps).At(Steps), _metrics);
        if (!double.IsFinite(_metrics.LossSum - before))
            throw NotFinite($"The loss of {_options.Title} is not a finite number in step {Steps + 1}.");
        Steps++;
        if (Plan.IsPoint(Steps)) AddPoint(vectors);
    }

    /// <summary>The result, acting on raw vectors.</summary>
    /// <param name="vectors">To measure it on: capped where they are, but not normalised.</param>
    /// <param name="mixing">Of its batches.</param>
    public TrainedAutoencoder Finish(IVectorSource vectors, MixingQuality? mixing)
    {
        var main = _heldOut.FirstOrDefault(set => set.Rows.Count > 0);
        // The finished state outlives a kill between here and the saving of the result.
        Checkpoint();
        _stepper.Publish();
        FiniteWeights.Require(_autoencoder);
        _autoencoder.RequireGradients(false);
        _autoencoder.FoldScale(_scale);
        // Errors of vectors that had a scale each are not in one that is common to them.
        _autoencoder.InputScale = _options.Normalization == InputNormalization.None ? _scale : 1;
        _autoencoder.Normalization = _options.Normalization;
        _autoencoder.MoveTo(CPU);
        // Measured as it will be read and used: on raw vectors, in main memory.
        var train = Evaluate(vectors, Plan.Sample(main?.Rows.Count ?? 0));
        var validation = _heldOut.Where(set => set.Rows.Count > 0).ToDictionary(set => set.Split, set => Evaluate(vectors, set.Rows));
        _handedOver = true;
        return new TrainedAutoencoder(_autoencoder, _options, _history, new AutoencoderReport
        {
            Name = _options.Title,
            Architecture = _autoencoder.Architecture,
            DIn = _autoencoder.InputSize,
            DSae = _autoencoder.LatentSize,
            Sparsity = _sparsity,
            InputScale = _scale,
            Steps = Plan.Steps,
            Outliers = _outliers!,
            Mixing = mixing,
            Train = train,
            Validation = main is null ? null : validation[main.Split],
            Others = validation.Count > 1 ? validation.Where(pair => pair.Key != main!.Split).ToDictionary() : null,
        });
    }

    public void Dispose()
    {
        _stepper.Dispose();
        if (!_handedOver) _autoencoder.Dispose();
    }

    private AutoencoderMetrics NewMetrics() => new(_source.Dimension, _autoencoder.LatentSize);

    private void AddPoint(IVectorSource vectors)
    {
        if (_metrics.FiredCount == 0) throw Dead(_metrics.Count);
        Add("train", _lastScores = _metrics.Scores());
        // Of several processes one measures; the others wait for it at their next sum.
        foreach (var set in _heldOut.Where(set => set.Rows.Count > 0 && _ranks.Rank == 0))
        {
            _stepper.Publish();
            Add(set.Split, Evaluate(new ScaledVectors(vectors, _scale), set.Rows));
        }
        _metrics = NewMetrics();

        void Add(string split, AutoencoderScores scores) =>
            _history.Add(AutoencoderHistoryLine.Of(split, Steps, Plan.Epochs(Steps), Plan.Vectors(Steps), scores));
    }

    /// <summary>The autoencoder as it is now, which acts on scaled vectors until its training has ended.</summary>
    private AutoencoderScores Evaluate(IVectorSource vectors, RowSet rows)
    {
        AutoencoderScores scores;
        try
        {
            scores = DictionaryEvaluation.Scores(_autoencoder, vectors, rows);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Numerical)
        {
            throw NotFinite($"After step {Steps} {_options.Title} cannot be evaluated: {e.Message}");
        }
        if (scores.DeadFraction == 1) throw Dead(scores.Vectors);
        return scores;
    }

    internal static IAutoencoderStep Stepper(SparseAutoencoder autoencoder, bool withoutKernels = false)
    {
        if (!withoutKernels && autoencoder.DecoderIsFree && autoencoder.Device.type == TorchSharp.DeviceType.CPU
            && autoencoder.Rule() is { } rule)
            return new SparseStep(autoencoder, rule);
        return TensorStep.Supports(autoencoder) ? new TensorStep(autoencoder) : new DenseStep(autoencoder);
    }

    private FoveaException NotFinite(string what) =>
        FoveaException.NumericalFailure($"{what} Try a smaller learning rate than {_options.LearningRate}.");

    private FoveaException Dead(long vectors) => FoveaException.NumericalFailure(
        $"Every latent of {_options.Title} is dead after step {Steps}: no latent was active for any of {vectors} vectors. " +
        $"Its sparsity setting {_sparsity} is too strong for these vectors, or its learning rate "
            + $"{_options.LearningRate} too large; try less.");
}
