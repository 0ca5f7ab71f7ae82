namespace Fovea.Numerics;

/// <summary>Logits as probabilities.</summary>
public static class Softmax
{
    /// <summary><c>exp(l_c) / Σ exp(l)</c>, by differences from the largest, so that nothing overflows.</summary>
    /// <param name="logits">At least one, <c>[classes]</c>.</param>
    /// <returns><c>[classes]</c>, which add up to 1.</returns>
    public static double[] Of(IEnumerable<double> logits)
    {
        double[] all = [.. logits];
        double largest = all.Max(), sum = all.Sum(logit => Math.Exp(logit - largest));
        return [.. all.Select(logit => Math.Exp(logit - largest) / sum)];
    }
}
