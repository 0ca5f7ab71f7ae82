using Fovea.Interventions.Effects;
using Fovea.Numerics;

namespace Fovea.Interventions.Circuits;

/// <summary>Means over images and ratios of two of them, with intervals by image: the same samples of the images for all.</summary>
internal sealed class CircuitEstimates
{
    private readonly float[][] _draws;

    /// <param name="images">The images, in the order of the numbers.</param>
    /// <param name="seed">Decides the samples.</param>
    public CircuitEstimates(IReadOnlyList<int> images, ulong seed)
    {
        var draws = new BootstrapDraws(seed);
        draws.Begin(images);
        _draws = [.. Enumerable.Range(0, images.Count).Select(place => draws.Of(place).ToArray())];
    }

    /// <summary>The mean; its interval is NaN of one image.</summary>
    public EffectEstimate Mean(double[] values) => Of(values, [.. values.Select(_ => 1.0)]);

    /// <summary>Σ <paramref name="values"/> / Σ <paramref name="over"/>; NaN where the latter is 0.</summary>
    public EffectEstimate Of(double[] values, double[] over)
    {
        double ratio = values.Sum() / over.Sum();
        if (!double.IsFinite(ratio)) ratio = double.NaN;
        if (values.Length < 2) return new EffectEstimate(ratio, double.NaN, double.NaN);
        List<double> samples = [];
        for (int sample = 0; sample < BootstrapDraws.Samples; sample++)
        {
            double upper = 0, lower = 0;
            for (int i = 0; i < values.Length; i++)
            {
                upper += _draws[i][sample] * values[i];
                lower += _draws[i][sample] * over[i];
            }
            if (double.IsFinite(upper / lower)) samples.Add(upper / lower);
        }
        if (samples.Count == 0) return new EffectEstimate(ratio, double.NaN, double.NaN);
        samples.Sort();
        return new EffectEstimate(ratio, Percentile.Of(samples, 0.025), Percentile.Of(samples, 0.975));
    }
}
