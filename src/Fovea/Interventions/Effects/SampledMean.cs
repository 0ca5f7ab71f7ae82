using Fovea.Numerics;

namespace Fovea.Interventions.Effects;

/// <summary>A mean and the same of the bootstrap's samples.</summary>
internal sealed class SampledMean
{
    private readonly float[] _sums = new float[BootstrapDraws.Samples];
    private double _sum;

    public void Add(double value, ReadOnlySpan<float> draws)
    {
        if (value == 0) return;
        _sum += value;
        Add(_sums, draws, (float)value);
    }

    public EffectEstimate Over(int count, ReadOnlySpan<float> weights)
    {
        if (count == 0) return new EffectEstimate(double.NaN, double.NaN, double.NaN);
        double mean = _sum / count;
        if (count == 1) return new EffectEstimate(mean, double.NaN, double.NaN);
        List<double> samples = new(weights.Length);
        for (int i = 0; i < weights.Length; i++)
            if (weights[i] > 0) samples.Add(_sums[i] / weights[i]);
        samples.Sort();
        return new EffectEstimate(mean, Percentile.Of(samples, 0.025), Percentile.Of(samples, 0.975));
    }

    /// <summary><c>sums += factor · draws</c>.</summary>
    public static unsafe void Add(float[] sums, ReadOnlySpan<float> draws, float factor)
    {
        fixed (float* sum = sums, row = draws) VectorMath.AddRow(sum, row, factor, sums.Length);
    }
}
