using System.Diagnostics;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// One step of training over active entries only (compare <see cref="DenseStep"/>, the same step by tensors and automatic gradients):
/// <code>
/// 1 by blocks of rows   z = (x − b_dec) W_enc + b_enc in the cache; the rule's selection                       <see cref="SparseEncoder"/>
/// 2 by rows             e = f W_dec − (x − b_dec);  ∂L/∂f = 2/B e W_decᵀ at the entries;  ∂L/∂z by the rule
/// 3 by latents          gradients of W_dec, W_enc, b_enc over the latent's entries, and Adam at once           <see cref="LatentUpdate"/>
/// </code>
/// Sums have fixed partitions, so the number of threads changes no bit.
/// </summary>
internal sealed unsafe partial class SparseStep : IAutoencoderStep
{
    private const int RowsOfGroup = 32, RowsAhead = 4;

    private readonly SparseAutoencoder _autoencoder;
    private readonly StepParameters _parameters;
    private readonly StepRule _rule;
    private readonly AdamOptions _adam = new();
    private readonly SparseEncoder _encoder;
    private readonly SparseEntries _entries;
    private readonly SparseEntries _revived = new(0);
    private readonly LatentOrder _order, _revivedOrder;
    private readonly DeadLatents _dead;
    private readonly LatentUpdate _update;
    private readonly AdamState _decoderBias;
    private readonly NativeBuffer<float> _biasGradient;
    private readonly NativeBuffer<byte> _fired;
    private NativeBuffer<float> _residual = new(0), _revivedResidual = new(0);
    private double _revivalWeight;
    private Group[] _groups = [];
    private (int First, int Last)[] _ranges = [];
    private ShardOrders[] _shardOrders = [];
    private readonly ShardSums _shared;
    private int _batchRows;
    private long _steps;

    public SparseStep(SparseAutoencoder autoencoder, StepRule rule)
    {
        (_autoencoder, _rule, _parameters) = (autoencoder, rule, new StepParameters(autoencoder));
        _encoder = new SparseEncoder(_parameters, rule);
        _entries = new SparseEntries(rule.OwnParameters.Count);
        (_order, _revivedOrder) = (new LatentOrder(autoencoder.LatentSize), new LatentOrder(autoencoder.LatentSize));
        _dead = new DeadLatents(autoencoder.LatentSize, autoencoder.AuxiliaryLoss.DeadAfter);
        _update = new LatentUpdate(autoencoder, _parameters, rule, _encoder.Weights);
        _decoderBias = new AdamState(autoencoder.InputSize);
        _biasGradient = new NativeBuffer<float>(autoencoder.InputSize);
        _fired = new NativeBuffer<byte>(autoencoder.LatentSize);
        _shared = new ShardSums(autoencoder.InputSize, autoencoder.LatentSize);
        Refresh();
    }

    /// <summary>Where the last step's time went.</summary>
    public StepParts Parts { get; private set; }

    /// <inheritdoc/>
    public double GradientClip { get; set; }

    /// <inheritdoc/>
    public BatchShards? Shards { get; set; }

    /// <inheritdoc/>
    public void Train(ReadOnlySpan<float> vectors, double scale, double sparsityScale, double learningRate, AutoencoderMetrics metrics)
    {
        FastPaths.Ran(FastPath.TrainEntries);
        int rows = vectors.Length / _parameters.InputSize;
        long start = Stopwatch.GetTimestamp();
        _batchRows = Shards?.Rows ?? rows;
        if (Shards is not null) _rule.Ranks = Shards.Ranks;
        _rule.Begin(_parameters, _batchRows, training: true, sparsityScale, _steps + 1);
        var auxiliary = _autoencoder.AuxiliaryLoss;
        _encoder.Encode(vectors, (float)scale, _entries, _revived, auxiliary.Coefficient > 0 ? _dead.List : [], auxiliary.K);
        long encoded = Stopwatch.GetTimestamp();
        Rows(rows);
        if (Shards is null) metrics.Add(SumsOf(0, _ranges.Length, rows), _fired.Span);
        else _shared.Share(Shards, SumsOfShards(Shards), _fired.Span, metrics);
        _dead.Count(_fired.Span, _batchRows);
        long decoded = Stopwatch.GetTimestamp();
        var factors = AdamKernel.Factors.At(_adam, learningRate, ++_steps);
        if (Shards is null) Update(factors);
        else Update(factors, Shards);
        Parts = new StepParts(
            Stopwatch.GetElapsedTime(start, encoded), Stopwatch.GetElapsedTime(encoded, decoded), Stopwatch.GetElapsedTime(decoded));
    }

    private void Update(AdamKernel.Factors factors)
    {
        _order.Sort(_entries);
        // Nobody looks at the order of none.
        if (_revived.Count > 0) _revivedOrder.Sort(_revived);
        LatentUpdate.Source own = new(_entries, _order, _residual.Pointer), revived = new(
            _revived, _revivedOrder, _revivedResidual.Pointer);
        float shrink = GradientClip > 0 ? Shrink(own, revived) : 1;
        // Before the encoder changes: its columns carry ∂L/∂z back to b_dec.
        _update.Step(own, revived, _encoder.Centred, factors, shrink, _biasGradient.Pointer);
        if (!_autoencoder.Biases) return;
        AddResiduals(0, _ranges.Length, _biasGradient.Pointer);
        VectorMath.Scale(_biasGradient.Pointer, shrink, _parameters.InputSize);
        _decoderBias.Update(_parameters.DecoderBias, _biasGradient.Pointer, 0, _parameters.InputSize, factors);
    }

    /// <inheritdoc/>
    public void Publish()
    {
        if (!_autoencoder.Tied) _encoder.Weights.Unpack(_parameters.Pointer(SparseAutoencoder.EncoderWeightName));
    }

    /// <inheritdoc/>
    public void Refresh()
    {
        FiniteWeights.Require(_autoencoder);
        if (_autoencoder.Tied) _encoder.Weights.PackTransposed(_parameters.Decoder);
        else _encoder.Weights.Pack(_parameters.Pointer(SparseAutoencoder.EncoderWeightName));
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> ExportState()
    {
        var state = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, moments) in Moments()) moments.Export(name, _autoencoder.Parameters[name].shape, state);
        state.Add(DeadLatents.StateName, _dead.Export());
        foreach (string name in _autoencoder.TrainableParameters.Keys) state.Add("step." + name, tensor(_steps, int64));
        return state;
    }

    /// <inheritdoc/>
    public void ImportState(IReadOnlyDictionary<string, Tensor> state)
    {
        foreach (var (name, moments) in Moments()) moments.Import(name, _autoencoder.Parameters[name].shape, state);
        _dead.Import(state);
        _steps = StateTensors.Find(state, "step." + SparseAutoencoder.DecoderWeightName, int64).item<long>();
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _entries.Dispose();
        _revived.Dispose();
        _revivedResidual.Dispose();
        _order.Dispose();
        _revivedOrder.Dispose();
        _update.Dispose();
        _rule.Dispose();
        _decoderBias.Dispose();
        _biasGradient.Dispose();
        _fired.Dispose();
        _residual.Dispose();
        foreach (var group in _groups) group.Dispose();
        foreach (var orders in _shardOrders) orders.Dispose();
        _shared.Dispose();
        _residualSums.Dispose();
    }

    private IEnumerable<(string Name, AdamState Moments)> Moments() =>
        _update.Moments().Append((SparseAutoencoder.DecoderBiasName, _decoderBias))
            .Where(pair => _autoencoder.TrainableParameters.ContainsKey(pair.Item1));

    /// <summary>The factor by which gradients are clipped: takes a walk over the latents of its own.</summary>
    private float Shrink(LatentUpdate.Source own, LatentUpdate.Source revived)
    {
        double squares = _update.Squares(own, revived, _encoder.Centred, _biasGradient.Pointer);
        if (_autoencoder.Biases)
        {
            AddResiduals(0, _ranges.Length, _biasGradient.Pointer);
            squares += VectorMath.Product(_biasGradient.Pointer, _biasGradient.Pointer, _parameters.InputSize);
        }
        return (float)GradientClipping.Factor(squares, GradientClip);
    }

    /// <summary>∂L/∂b_dec's part past the encoder, over some groups: Σ ∂L/∂x̂.</summary>
    private void AddResiduals(int first, int last, float* sum)
    {
        foreach (var group in _groups.AsSpan(first, last - first)) VectorMath.AddRow(sum, group.ResidualSum.Pointer, 1, _parameters.InputSize);
    }

    private void Rows(int rows)
    {
        int d = _parameters.InputSize;
        int groups = Cut(rows);
        NativeBuffer<float>.Ensure(ref _residual, (long)_rule.Slots * rows * d);
        if (_revived.Count > 0) NativeBuffer<float>.Ensure(ref _revivedResidual, (long)rows * d);
        _revivalWeight = _autoencoder.AuxiliaryLoss.Weight(_dead.List.Length);
        if (_groups.Length < groups) _groups = [.. _groups, .. Enumerable.Range(0, groups - _groups.Length).Select(_ => new Group(d))];
        _fired.Span.Clear();
        Workers.For(groups, (number, _) =>
        {
            var group = _groups[number];
            group.Clear();
            for (int row = _ranges[number].First; row < _ranges[number].Last; row++) Row(row, rows, group);
        });
    }

    private void Row(int row, int rows, Group group)
    {
        int d = _parameters.InputSize;
        var entries = new EntryRow(_entries, row);
        float* centred = _encoder.Centred + (long)row * d, residual = _residual.Pointer + (long)row * d;
        _rule.Codes(entries);
        group.Length += VectorMath.AddWide(group.CentredSum.Pointer, centred, d);
        group.Penalty += _rule.Penalty(entries);
        new Span<float>(residual, d).Clear();
        VectorMath.AddRow(residual, centred, -1, d);
        if (_rule.Slots > 1) NestedRow(row, entries, residual, rows, group);
        else
        {
            int ahead = (int)Math.Min(RowsAhead, _entries.Count - _entries.RowStart[row + 1]);
            VectorMath.AddRows(residual, _parameters.Decoder, entries.Latent, entries.Code, entries.Count, d, ahead);
            group.Error += VectorMath.Product(residual, residual, d);
            Count(entries, entries.Count, group);
            Revive(row, residual, group);
            VectorMath.Scale(residual, 2f / _batchRows, d);
            VectorMath.Products(residual, _parameters.Decoder, entries.Latent, entries.Count, d, entries.Gradient);
        }
        VectorMath.AddRow(group.ResidualSum.Pointer, residual, 1, d);
        group.Penalty += _rule.Auxiliary(entries, centred, group.Scratch.Pointer);
        _rule.Gradients(entries);
    }

    /// <summary>
    /// Reconstruction s takes the entries of slots 0 … s: e_s = f_{≤s} W_dec − (x − b_dec). The code of an entry of slot s is part of all
    /// from s on: ∂L/∂x̂ = 2/B Σ_{t ≥ s} w_t e_t, which is left in <paramref name="residual"/> slot by slot, a batch apart.
    /// </summary>
    private void NestedRow(int row, in EntryRow entries, float* residual, int rows, Group group)
    {
        int d = _parameters.InputSize, slots = _rule.Slots, done = 0;
        long stride = (long)rows * d;
        _rule.AssignSlots(entries, entries.Slot);
        for (int slot = 0; slot < slots; slot++)
        {
            float* own = residual + slot * stride;
            if (slot > 0) new ReadOnlySpan<float>(own - stride, d).CopyTo(new Span<float>(own, d));
            int first = done;
            while (done < entries.Count && entries.Slot[done] == slot) done++;
            VectorMath.AddRows(own, _parameters.Decoder, entries.Latent + first, entries.Code + first, done - first, d);
            double error = VectorMath.Product(own, own, d);
            if (slot == _rule.MainSlot)
            {
                group.Error += error;
                Count(entries, done, group);
                Revive(row, own, group);
            }
            else group.Penalty += _rule.SlotWeight(slot) * error;
        }
        for (int slot = slots - 1; slot >= 0; slot--)
        {
            float* own = residual + slot * stride;
            VectorMath.Scale(own, 2f / _batchRows * _rule.SlotWeight(slot), d);
            if (slot < slots - 1) VectorMath.AddRow(own, own + stride, 1, d);
            int first = done;
            while (first > 0 && entries.Slot[first - 1] == slot) first--;
            VectorMath.Products(own, _parameters.Decoder, entries.Latent + first, done - first, d, entries.Gradient + first);
            done = first;
        }
    }

    /// <summary>AuxK: dead latents reconstruct the error, x − x̂ = −<paramref name="residual"/>.</summary>
    private void Revive(int row, float* residual, Group group)
    {
        if (_revivalWeight == 0) return;
        int d = _parameters.InputSize;
        var entries = new EntryRow(_revived, row);
        if (_revived.Count == 0 || entries.Count == 0)
        {
            group.Penalty += _revivalWeight * VectorMath.Product(residual, residual, d);
            return;
        }
        float* own = _revivedResidual.Pointer + (long)row * d;
        new ReadOnlySpan<float>(residual, d).CopyTo(new Span<float>(own, d));
        new ReadOnlySpan<float>(entries.Pre, entries.Count).CopyTo(new Span<float>(entries.Code, entries.Count));
        VectorMath.AddRows(own, _parameters.Decoder, entries.Latent, entries.Code, entries.Count, d);
        group.Penalty += _revivalWeight * VectorMath.Product(own, own, d);
        VectorMath.Scale(own, (float)(2 * _revivalWeight / _batchRows), d);
        VectorMath.Products(own, _parameters.Decoder, entries.Latent, entries.Count, d, entries.Gradient);
    }

    private void Count(in EntryRow entries, int count, Group group)
    {
        for (int e = 0; e < count; e++)
        {
            if (entries.Code[e] == 0) continue;
            group.Active++;
            _fired.Pointer[entries.Latent[e]] = 1;
        }
    }

    /// <summary>What some groups tell the metrics.</summary>
    private AutoencoderMetrics.Batch SumsOf(int first, int last, int rows)
    {
        int d = _parameters.InputSize;
        var mean = new double[d];
        double error = 0, penalty = 0, length = 0;
        long active = 0;
        foreach (var group in _groups.AsSpan(first, last - first))
        {
            error += group.Error;
            penalty += group.Penalty;
            length += group.Length;
            active += group.Active;
            for (int i = 0; i < d; i++) mean[i] += group.CentredSum.Pointer[i];
        }
        // Lengths and means are of vectors less b_dec and in float64: where b_dec is far from their mean, few digits are lost in the
        // difference.
        double offset = 0;
        for (int i = 0; i < d; i++)
        {
            mean[i] /= Math.Max(1, rows);
            offset += mean[i] * mean[i];
            mean[i] += _parameters.DecoderBias[i];
        }
        return new AutoencoderMetrics.Batch(rows, mean, Math.Max(0, length - rows * offset), error, penalty, active);
    }

    /// <summary>The three parts of a step.</summary>
    internal readonly record struct StepParts(TimeSpan Encoding, TimeSpan Rows, TimeSpan Latents);

    /// <summary>Sums over a fixed group of rows.</summary>
    private sealed class Group(int d) : IDisposable
    {
        public NativeBuffer<double> CentredSum { get; } = new(d);

        public NativeBuffer<float> ResidualSum { get; } = new(d);

        public NativeBuffer<float> Scratch { get; } = new(d);

        public double Error, Penalty, Length;

        public long Active;

        public void Clear()
        {
            CentredSum.Span.Clear();
            ResidualSum.Span.Clear();
            (Error, Penalty, Length, Active) = (0, 0, 0, 0);
        }

        public void Dispose()
        {
            CentredSum.Dispose();
            ResidualSum.Dispose();
            Scratch.Dispose();
        }
    }
}
