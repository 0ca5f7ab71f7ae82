namespace Fovea.Dictionaries.Training;

/// <summary>Lengths of any number of vectors in fixed memory: counts and energies in bins of 1/128 octave from 2⁻⁶⁴ to 2⁶⁴.</summary>
internal sealed class LengthHistogram
{
    private const int BinsAnOctave = 128, Lowest = -64, Octaves = 128;

    /// <summary>Numbers of its exact copy.</summary>
    public const int Length = 2 * BinsAnOctave * Octaves + 2;

    private readonly long[] _counts = new long[BinsAnOctave * Octaves];
    private readonly double[] _energies = new double[BinsAnOctave * Octaves];
    private long _zeros, _count;

    public void Add(double squaredLength)
    {
        _count++;
        if (squaredLength == 0)
        {
            _zeros++;
            return;
        }
        int bin = Bin(Math.Sqrt(squaredLength));
        _counts[bin]++;
        _energies[bin] += squaredLength;
    }

    /// <summary>Writes an exact copy, for <see cref="Merge"/>: counts are below 2⁵³.</summary>
    /// <param name="to">As long as <see cref="Length"/>.</param>
    public void Save(Span<double> to)
    {
        for (int bin = 0; bin < _counts.Length; bin++) (to[bin], to[_counts.Length + bin]) = (_counts[bin], _energies[bin]);
        (to[^2], to[^1]) = (_zeros, _count);
    }

    /// <summary>Adds what another one has seen.</summary>
    /// <param name="from">As <see cref="Save"/> wrote it.</param>
    public void Merge(ReadOnlySpan<double> from)
    {
        for (int bin = 0; bin < _counts.Length; bin++)
        {
            _counts[bin] += (long)from[bin];
            _energies[bin] += from[_counts.Length + bin];
        }
        _zeros += (long)from[^2];
        _count += (long)from[^1];
    }

    /// <summary>The middle (geometrically) of the bin that holds the lower median; 0 where most vectors are zero.</summary>
    public double Median()
    {
        long before = _zeros, half = (_count + 1) / 2;
        if (_count == 0 || before >= half) return 0;
        int bin = 0;
        while ((before += _counts[bin]) < half) bin++;
        return Math.Pow(2, Lowest + (bin + 0.5) / BinsAnOctave);
    }

    /// <summary>What lies in the bins above the one that holds <paramref name="length"/>.</summary>
    public (long Count, double EnergyShare) Above(double length)
    {
        int bin = Bin(length);
        double all = _energies.Sum();
        return (_counts.AsSpan(bin + 1).ToArray().Sum(), all > 0 ? _energies.AsSpan(bin + 1).ToArray().Sum() / all : 0);
    }

    private static int Bin(double length) =>
        length > 0 ? Math.Clamp((int)Math.Floor((Math.Log2(length) - Lowest) * BinsAnOctave), 0, BinsAnOctave * Octaves - 1) : 0;
}
