using Fovea.Dictionaries.Kernels;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// <see cref="GatedAutoencoder"/> over its entries: every open gate, z &gt; 0. Its code may still be 0. The second reconstruction is made
/// of the same entries, with z for codes.
/// </summary>
internal sealed unsafe class GatedRule(double coefficient, int latentSize) : StepRule
{
    /// <summary>Numbers of the own parameters.</summary>
    private const int MagnitudeBias = 0, MagnitudeScale = 1, GateBias = 2;

    private static readonly string[] Own =
        [GatedAutoencoder.MagnitudeBiasName, GatedAutoencoder.MagnitudeScaleName, GatedAutoencoder.GateBiasName];

    private readonly NativeBuffer<float> _scales = new(latentSize);
    private float* _gateBias, _magnitudeBias, _decoder;
    private float _penaltySlope;
    private int _inputSize, _rows;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnParameters => Own;

    /// <inheritdoc/>
    public override void Begin(StepParameters parameters, int rows, bool training, double sparsityScale, long step)
    {
        _gateBias = parameters.EncoderBias;
        _magnitudeBias = parameters.Pointer(GatedAutoencoder.MagnitudeBiasName);
        _decoder = parameters.Decoder;
        (_inputSize, _rows) = (parameters.InputSize, rows);
        _penaltySlope = (float)(coefficient * sparsityScale / rows);
        float* logarithms = parameters.Pointer(GatedAutoencoder.MagnitudeScaleName);
        for (int latent = 0; latent < latentSize; latent++) _scales.Pointer[latent] = MathF.Exp(logarithms[latent]);
    }

    /// <inheritdoc/>
    public override int Select(in ScoredRow row, int* latents, float* pre) =>
        TopSelection.AtLeast(row.Z, row.Length, float.Epsilon, latents, pre);

    /// <inheritdoc/>
    public override void Codes(in EntryRow row)
    {
        for (int e = 0; e < row.Count; e++)
        {
            int latent = row.Latent[e];
            row.Code[e] = Math.Max(0, _scales.Pointer[latent] * (row.Pre[e] - _gateBias[latent]) + _magnitudeBias[latent]);
        }
    }

    /// <inheritdoc/>
    public override double Auxiliary(in EntryRow row, float* centred, float* scratch)
    {
        new Span<float>(scratch, _inputSize).Clear();
        VectorMath.AddRow(scratch, centred, -1, _inputSize);
        VectorMath.AddRows(scratch, _decoder, row.Latent, row.Pre, row.Count, _inputSize);
        double error = VectorMath.Product(scratch, scratch, _inputSize);
        VectorMath.Scale(scratch, 2f / _rows, _inputSize);
        VectorMath.Products(scratch, _decoder, row.Latent, row.Count, _inputSize, row.Own(GateBias));
        return error;
    }

    /// <inheritdoc/>
    public override void Gradients(in EntryRow row)
    {
        for (int e = 0; e < row.Count; e++)
        {
            int latent = row.Latent[e];
            float gate = row.Own(GateBias)[e] + _penaltySlope, magnitude = row.Code[e] > 0
                ? row.Gradient[e] : 0, through = _scales.Pointer[latent] * magnitude;
            row.Own(MagnitudeBias)[e] = magnitude;
            row.Own(MagnitudeScale)[e] = through * (row.Pre[e] - _gateBias[latent]);
            row.Gradient[e] = gate + through;
            // m does not depend on b_gate, although z does.
            row.Own(GateBias)[e] = -through;
        }
    }

    /// <inheritdoc/>
    public override double Penalty(in EntryRow row)
    {
        double sum = 0;
        for (int e = 0; e < row.Count; e++) sum += row.Pre[e];
        return coefficient * sum;
    }

    /// <inheritdoc/>
    public override void Dispose() => _scales.Dispose();
}
