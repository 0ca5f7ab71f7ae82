using Fovea.Dictionaries.Kernels;
using Fovea.Distributed;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// <see cref="JumpReLUAutoencoder"/> over its entries: pre-activations above θ, and in training those in the window below it, whose code is
/// 0 but which give θ a gradient.
/// </summary>
internal sealed unsafe class JumpReLURule : StepRule
{
    private static readonly string[] Threshold = [SparseAutoencoder.ThresholdName];

    private readonly JumpReLUPenalty _penalty;
    private readonly double _coefficient, _target;
    private readonly float _bandwidth, _tanhScale;
    private readonly NativeBuffer<float> _bounds;
    private readonly int _inputSize, _latentSize;
    private int _rows;
    private float* _threshold;
    private double _scale, _rowPenalty;
    private float _activeSlope, _tanhSlope;

    public JumpReLURule(JumpReLUAutoencoder autoencoder)
    {
        (_penalty, _coefficient, _target) = (autoencoder.PenaltyForm, autoencoder.Sparsity, autoencoder.TargetL0);
        (_bandwidth, _tanhScale) = ((float)autoencoder.Bandwidth, (float)autoencoder.TanhScale);
        (_inputSize, _latentSize) = (autoencoder.InputSize, autoencoder.LatentSize);
        _bounds = new NativeBuffer<float>(PanelMatrix.Padded(_latentSize));
        _bounds.Span.Fill(float.PositiveInfinity);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnParameters => Threshold;

    /// <inheritdoc/>
    public override float OwnParameterMinimum => 0;

    /// <inheritdoc/>
    public override void Begin(StepParameters parameters, int rows, bool training, double sparsityScale, long step)
    {
        _threshold = parameters.Pointer(SparseAutoencoder.ThresholdName);
        _rows = rows;
        _scale = _coefficient * sparsityScale / rows;
        _activeSlope = _penalty == JumpReLUPenalty.Step ? (float)_scale : 0;
        _tanhSlope = _penalty == JumpReLUPenalty.Tanh ? (float)(_scale * _tanhScale) : 0;
        float margin = training ? _bandwidth / 2 : 0;
        for (int latent = 0; latent < _latentSize; latent++) _bounds.Pointer[latent] = _threshold[latent] - margin;
    }

    /// <inheritdoc/>
    public override int Select(in ScoredRow row, int* latents, float* pre) =>
        TopSelection.Above(row.Z, row.Length, _bounds.Pointer, latents, pre);

    /// <inheritdoc/>
    public override bool Complete(SparseEntries entries)
    {
        if (_penalty != JumpReLUPenalty.Target) return true;
        long active = 0;
        for (long e = 0; e < entries.Count; e++) active += entries.Pre[e] > _threshold[entries.Latent[e]] ? 1 : 0;
        // The price of an active latent: the slope of (L0/T − 1)² at the batch's own L0.
        double excess = Ranks.Sum(active) / (_rows * _target) - 1;
        _activeSlope = (float)(_scale * _inputSize * 2 * excess / _target);
        _rowPenalty = _coefficient * _inputSize * excess * excess;
        return true;
    }

    /// <inheritdoc/>
    public override void Codes(in EntryRow row)
    {
        for (int e = 0; e < row.Count; e++) row.Code[e] = row.Pre[e] > _threshold[row.Latent[e]] ? row.Pre[e] : 0;
    }

    /// <inheritdoc/>
    public override void Gradients(in EntryRow row)
    {
        float* own = row.Own(0);
        if (_tanhSlope != 0) AddTanhSlopes(row);
        for (int e = 0; e < row.Count; e++)
        {
            float threshold = _threshold[row.Latent[e]], z = row.Pre[e];
            bool inWindow = Math.Abs(z - threshold) < _bandwidth / 2;
            own[e] = inWindow ? -(threshold * row.Gradient[e] + _activeSlope) / _bandwidth : 0;
            if (z <= threshold) row.Gradient[e] = 0;
        }
    }

    /// <inheritdoc/>
    public override double Penalty(in EntryRow row)
    {
        if (_penalty == JumpReLUPenalty.Target) return _rowPenalty;
        double sum = 0;
        if (_penalty == JumpReLUPenalty.Tanh)
        {
            for (int e = 0; e < row.Count; e++) sum += Math.Tanh(_tanhScale * row.Code[e]);
        }
        else
        {
            for (int e = 0; e < row.Count; e++) sum += row.Pre[e] > _threshold[row.Latent[e]] ? 1 : 0;
        }
        return _coefficient * sum;
    }

    /// <inheritdoc/>
    public override void Dispose() => _bounds.Dispose();

    private void AddTanhSlopes(in EntryRow row)
    {
        for (int e = 0; e < row.Count; e++)
        {
            float tanh = MathF.Tanh(_tanhScale * row.Code[e]);
            row.Gradient[e] += _tanhSlope * (1 - tanh * tanh);
        }
    }
}
