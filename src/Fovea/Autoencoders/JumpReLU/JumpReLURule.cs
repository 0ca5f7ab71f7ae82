namespace Fovea.Autoencoders;

/// <summary>
/// <see cref="JumpReLUAutoencoder"/> over its entries: pre-activations above θ, and in training those in the window below it, whose code is 0 but
/// which θ hears of.
/// </summary>
internal sealed unsafe class JumpReLURule(double coefficient, double bandwidth, int latentSize) : StepRule
{
    private static readonly string[] Threshold = [SparseAutoencoder.ThresholdName];

    private readonly NativeBuffer<float> _bounds = NewBounds(latentSize);
    private float* _threshold;
    private float _penaltySlope;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnParameters => Threshold;

    /// <inheritdoc/>
    public override float OwnParameterMinimum => 0;

    /// <inheritdoc/>
    public override void Begin(StepParameters parameters, int rows, bool training, double sparsityScale, long step)
    {
        _threshold = parameters.Pointer(SparseAutoencoder.ThresholdName);
        _penaltySlope = (float)(coefficient * sparsityScale / rows);
        float margin = training ? (float)(bandwidth / 2) : 0;
        for (int latent = 0; latent < latentSize; latent++) _bounds.Pointer[latent] = _threshold[latent] - margin;
    }

    /// <inheritdoc/>
    public override int Select(in ScoredRow row, int* latents, float* pre) => TopSelection.Above(row.Z, row.Length, _bounds.Pointer, latents, pre);

    /// <inheritdoc/>
    public override void Codes(in EntryRow row)
    {
        for (int e = 0; e < row.Count; e++) row.Code[e] = row.Pre[e] > _threshold[row.Latent[e]] ? row.Pre[e] : 0;
    }

    /// <inheritdoc/>
    public override void Gradients(in EntryRow row)
    {
        float* own = row.Own(0);
        for (int e = 0; e < row.Count; e++)
        {
            float threshold = _threshold[row.Latent[e]], z = row.Pre[e];
            bool inWindow = Math.Abs(z - threshold) < (float)(bandwidth / 2);
            own[e] = inWindow ? -(threshold * row.Gradient[e] + _penaltySlope) / (float)bandwidth : 0;
            if (z <= threshold) row.Gradient[e] = 0;
        }
    }

    /// <inheritdoc/>
    public override double Penalty(in EntryRow row)
    {
        int active = 0;
        for (int e = 0; e < row.Count; e++) active += row.Pre[e] > _threshold[row.Latent[e]] ? 1 : 0;
        return coefficient * active;
    }

    /// <inheritdoc/>
    public override void Dispose() => _bounds.Dispose();

    private static NativeBuffer<float> NewBounds(int latentSize)
    {
        var bounds = new NativeBuffer<float>(PanelMatrix.Padded(latentSize));
        bounds.Span.Fill(float.PositiveInfinity);
        return bounds;
    }
}
