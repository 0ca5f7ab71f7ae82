using Fovea.Dictionaries.Kernels;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// <see cref="L1Autoencoder"/> over its entries: every positive pre-activation; at inference those not below the clip value.
/// </summary>
internal sealed unsafe class L1Rule(double coefficient, double clip, bool tied) : StepRule
{
    private float _least, _slope;

    /// <inheritdoc/>
    public override bool UnitDecoder => !tied;

    /// <inheritdoc/>
    public override void Begin(StepParameters parameters, int rows, bool training, double sparsityScale, long step)
    {
        _least = training ? float.Epsilon : Math.Max(float.Epsilon, (float)clip);
        _slope = (float)(coefficient * sparsityScale / rows);
    }

    /// <inheritdoc/>
    public override int Select(in ScoredRow row, int* latents, float* pre) => TopSelection.AtLeast(row.Z, row.Length, _least, latents, pre);

    /// <inheritdoc/>
    public override void Gradients(in EntryRow row)
    {
        for (int e = 0; e < row.Count; e++) row.Gradient[e] += _slope;
    }

    /// <inheritdoc/>
    public override double Penalty(in EntryRow row)
    {
        double sum = 0;
        for (int e = 0; e < row.Count; e++) sum += row.Code[e];
        return coefficient * sum;
    }
}
