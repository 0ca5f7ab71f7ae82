namespace Fovea.Imaging;

/// <summary>
/// The weights of one axis of a resize with one of Pillow's filters, widened when shrinking (antialiased), in fixed point.
/// The n-th of its output pixels is Σₖ Weights[n·Taps + k] · input[Starts[n] + k] / 2²², k &lt; Counts[n].
/// </summary>
internal sealed class ResampleWeights
{
    /// <summary>Bits behind the point: 32, less 8 of a sample, less 2 of headroom.</summary>
    public const int PrecisionBits = 22;

    /// <summary>One half, which rounds a sum.</summary>
    public const int Half = 1 << (PrecisionBits - 1);

    private const long MostWeights = 1 << 26;

    /// <summary>Weights of the outputs <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> alone: of a picture
    /// of one column a resize may ask for millions of rows of which a crop shows few.</summary>
    /// <exception cref="FoveaException">So many inputs fall on so many outputs that the weights would not fit.</exception>
    public ResampleWeights(int inputSize, int outputSize, int first, int count, Interpolation filter = Interpolation.Bilinear)
    {
        double scale = (double)inputSize / outputSize, widening = Math.Max(scale, 1.0);
        double support = InterpolationFilter.Support(filter) * widening;
        Taps = (int)Math.Ceiling(support) * 2 + 1;
        if ((long)count * Taps > MostWeights)
            throw FoveaException.BadData(
                $"A side of {inputSize} pixels cannot be resized to {outputSize}: each of {count} pixels would be made from {Taps}.");
        Starts = new int[count];
        Counts = new int[count];
        Weights = new int[count * Taps];
        Span<double> raw = Taps <= 256 ? stackalloc double[Taps] : new double[Taps];
        double narrowing = 1.0 / widening;
        for (int o = 0; o < count; o++)
        {
            double centre = (o + first + 0.5) * scale, sum = 0;
            int start = Math.Max(0, (int)(centre - support + 0.5)), last = Math.Min(inputSize, (int)(centre + support + 0.5));
            for (int k = 0; k < last - start; k++)
            {
                raw[k] = InterpolationFilter.At(filter, (k + start - centre + 0.5) * narrowing);
                sum += raw[k];
            }
            for (int k = 0; k < last - start; k++)
            {
                double weight = (sum != 0 ? raw[k] / sum : raw[k]) * (1 << PrecisionBits);
                Weights[o * Taps + k] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
            }
            Starts[o] = start;
            Counts[o] = last - start;
        }
    }

    public int Taps { get; }

    public int[] Starts { get; }

    public int[] Counts { get; }

    public int[] Weights { get; }
}
