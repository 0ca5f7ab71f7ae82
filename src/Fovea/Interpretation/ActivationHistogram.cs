using System.Runtime.CompilerServices;

namespace Fovea.Interpretation;

/// <summary>
/// How the values of every unit are distributed over all positions: exact counts in fixed bins, eight an octave of |value| from 2⁻¹⁰ to
/// 2¹⁰. A bin is the top bits of the number, so its edges are exact, and no range has to be known beforehand. In the middle is one bin for
/// what is smaller, zero included, at the end one for what is larger; latents, never negative, have no bins below the middle one.
/// </summary>
public sealed class ActivationHistogram
{
    /// <summary>Bins of an octave.</summary>
    public const int PerOctave = 8;

    private const int Octaves = 20;

    /// <summary>Of a float's bits those that number the bin: sign apart, the exponent and three bits of the fraction.</summary>
    private const int Shift = 20;

    /// <summary>The number of the last bin below 2⁻¹⁰.</summary>
    private const int Below = ((127 - Octaves / 2) * PerOctave) - 1;

    /// <summary>Bins of one sign: 20 octaves and what is larger.</summary>
    private const int OfSign = Octaves * PerOctave + 1;

    private readonly int _units, _middle;
    private readonly long[] _counts;
    private readonly float[] _largest;

    /// <summary>No values yet.</summary>
    /// <param name="units">Number of units.</param>
    /// <param name="signed">Whether values may be negative.</param>
    internal ActivationHistogram(int units, bool signed)
    {
        (_units, _middle) = (units, signed ? OfSign : 0);
        Bins = _middle + 1 + OfSign;
        _counts = new long[(long)units * Bins];
        _largest = new float[units];
        Edges = [.. Enumerable.Range(0, Bins + 1)
            .Select(i => i <= _middle ? (_middle == 0 ? 0 : -Edge(_middle - i + 1)) : Edge(i - _middle))];
    }

    /// <summary>Number of bins.</summary>
    public int Bins { get; }

    /// <summary>
    /// The edges of the bins, ascending, <c>[Bins + 1]</c>; the outermost may be infinite. A bin holds its edge nearer to zero.
    /// </summary>
    public IReadOnlyList<float> Edges { get; }

    /// <summary>Values of each unit.</summary>
    public long Total { get; private set; }

    /// <summary>The counts of all units, row-major <c>[units, Bins]</c>.</summary>
    public ReadOnlyMemory<long> Counts => _counts;

    /// <summary>Each unit's largest value.</summary>
    internal ReadOnlyMemory<float> Largest => _largest;

    /// <summary>A unit's counts, <c>[Bins]</c>.</summary>
    public ReadOnlySpan<long> Of(int unit) => _counts.AsSpan(unit * Bins, Bins);

    /// <summary>
    /// The value that a share of the unit's values does not exceed: value number ⌈share · <see cref="Total"/>⌉ in ascending order. It is
    /// off by less than the width of the bin it is in, an eighth of itself at most; by less than 2⁻¹⁰ below that. For a unit active at
    /// fewer than 1 − share of the positions it is 0.
    /// </summary>
    /// <param name="unit">Channel or latent.</param>
    /// <param name="share">0 … 1, e.g. 0.999.</param>
    /// <param name="activeOnly">Whether to leave out the values in the middle bin (all but zeros, for a latent).</param>
    public double Quantile(int unit, double share, bool activeOnly = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var counts = Of(unit);
        long total = activeOnly ? Total - counts[_middle] : Total, before = 0;
        if (total == 0) return 0;
        long rank = Math.Max(1, (long)Math.Ceiling(share * total));
        for (int bin = 0; bin < Bins; bin++)
        {
            long here = activeOnly && bin == _middle ? 0 : counts[bin];
            if (before + here >= rank) return bin == _middle ? 0 : Within(unit, bin, (rank - before - 0.5) / here);
            before += here;
        }
        return _largest[unit];
    }

    /// <summary>Whether a unit has a value outside the middle bin.</summary>
    public bool HasActive(int unit) => Of(unit)[_middle] < Total;

    /// <summary>One as it was at the end of a pass: <see cref="Counts"/>, <see cref="Largest"/> and <see cref="Total"/>.</summary>
    internal static ActivationHistogram Restored(bool signed, ReadOnlySpan<long> counts, ReadOnlySpan<float> largest, long total)
    {
        var histogram = new ActivationHistogram(largest.Length, signed) { Total = total };
        if (counts.Length != histogram._counts.Length) throw new ArgumentException("Not the counts of so many units.", nameof(counts));
        counts.CopyTo(histogram._counts);
        largest.CopyTo(histogram._largest);
        return histogram;
    }

    /// <summary>Counts a value, not a NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(int unit, float value) => _counts[(long)unit * Bins + Bin(value)]++;

    /// <summary>Sets what only the end of a pass knows: the middle bin holds what no other does, so zeros need not be counted.</summary>
    internal void Finish(long total, ReadOnlySpan<float> largest)
    {
        Total = total;
        largest.CopyTo(_largest);
        for (int unit = 0; unit < _units; unit++)
        {
            Span<long> counts = _counts.AsSpan(unit * Bins, Bins);
            long others = 0;
            for (int bin = 0; bin < Bins; bin++) others += bin == _middle ? 0 : counts[bin];
            counts[_middle] = total - others;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Bin(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value);
        int magnitude = Math.Clamp(((bits & int.MaxValue) >> Shift) - Below, 0, OfSign);
        return bits >= 0 || _middle == 0 ? _middle + magnitude : _middle - magnitude;
    }

    /// <summary>The edge nearer to zero of the bin of this magnitude.</summary>
    private static float Edge(int magnitude) =>
        magnitude > OfSign ? float.PositiveInfinity : BitConverter.Int32BitsToSingle((magnitude + Below) << Shift);

    /// <summary>As if the values of a bin were spread evenly over it.</summary>
    private double Within(int unit, int bin, double share)
    {
        double low = Math.Max(Edges[bin], float.MinValue), high = Math.Min(Edges[bin + 1], _largest[unit]);
        if (bin == 0 && _middle > 0) low = high; // nothing says how far below the last edge
        return low + (high - low) * share;
    }
}
