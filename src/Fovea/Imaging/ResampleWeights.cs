namespace Fovea.Imaging;

/// <summary>
/// The weights of one axis of a resize with Pillow's triangle filter, widened when shrinking (antialiased), in fixed point.
/// Output pixel o is Σₖ Weights[o·Taps + k] · input[Starts[o] + k] / 2²², k &lt; Counts[o].
/// </summary>
internal sealed class ResampleWeights
{
    /// <summary>Bits behind the point: 32, less 8 of a sample, less 2 of headroom.</summary>
    public const int PrecisionBits = 22;

    /// <summary>One half, which rounds a sum.</summary>
    public const int Half = 1 << (PrecisionBits - 1);

    public ResampleWeights(int inputSize, int outputSize)
    {
        double scale = (double)inputSize / outputSize, widening = Math.Max(scale, 1.0), support = widening;
        Taps = (int)Math.Ceiling(support) * 2 + 1;
        Starts = new int[outputSize];
        Counts = new int[outputSize];
        Weights = new int[outputSize * Taps];
        Span<double> raw = Taps <= 256 ? stackalloc double[Taps] : new double[Taps];
        double narrowing = 1.0 / widening;
        for (int o = 0; o < outputSize; o++)
        {
            double centre = (o + 0.5) * scale, sum = 0;
            int first = Math.Max(0, (int)(centre - support + 0.5)), last = Math.Min(inputSize, (int)(centre + support + 0.5));
            for (int k = 0; k < last - first; k++)
            {
                double distance = Math.Abs((k + first - centre + 0.5) * narrowing);
                raw[k] = distance < 1.0 ? 1.0 - distance : 0.0;
                sum += raw[k];
            }
            for (int k = 0; k < last - first; k++)
                Weights[o * Taps + k] = (int)(0.5 + (sum != 0 ? raw[k] / sum : raw[k]) * (1 << PrecisionBits));
            Starts[o] = first;
            Counts[o] = last - first;
        }
    }

    public int Taps { get; }

    public int[] Starts { get; }

    public int[] Counts { get; }

    public int[] Weights { get; }
}
