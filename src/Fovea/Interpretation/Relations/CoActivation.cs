using Fovea.Dictionaries;

namespace Fovea.Interpretation.Relations;

/// <summary>
/// Which units are active at the same positions, and how strongly: an index of codes both ways, from positions to units and back. Filled by
/// one thread, asked by any number. Memory grows with the active entries, 16 bytes each.
/// </summary>
/// <param name="units">Number of units.</param>
public sealed class CoActivation(int units)
{
    /// <summary>Units that share fewer positions than this are not called related: one shared position of two rare units is a full overlap.</summary>
    public const int FewestTogether = 3;

    private const double LeastShare = 1e-12;

    private readonly List<int> _units = [];
    private readonly List<float> _values = [];
    private readonly List<int> _ends = [0];
    private ByUnit? _index;

    /// <summary>Number of units.</summary>
    public int Units => units;

    /// <summary>Number of positions.</summary>
    public int Positions => _ends.Count - 1;

    /// <summary>Bytes of memory that it holds.</summary>
    public long Bytes => 4L * (4L * _units.Count + _ends.Count) + 20L * units;

    /// <summary>Adds positions by their codes.</summary>
    public void Add(SparseCodes codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.LatentCount != units) throw new ArgumentException($"These codes have {codes.LatentCount} units, not {units}.", nameof(codes));
        for (int row = 0; row < codes.RowCount; row++)
        {
            var entries = (int)codes.RowOffsets[row]..(int)codes.RowOffsets[row + 1];
            Add(codes.Latents[entries], codes.Values[entries]);
        }
    }

    /// <summary>Adds a position by the units that are active at it.</summary>
    /// <param name="active">Each once.</param>
    /// <param name="values">Their activations.</param>
    public void Add(ReadOnlySpan<int> active, ReadOnlySpan<float> values)
    {
        if (_index is not null) throw new InvalidOperationException("It has been asked already.");
        if (values.Length != active.Length) throw new ArgumentException($"{values.Length} activations of {active.Length} units.", nameof(values));
        _units.AddRange(active);
        _values.AddRange(values);
        _ends.Add(_units.Count);
    }

    /// <summary>At how many positions a unit is active.</summary>
    public int ActiveAt(int unit) => Index().Starts[unit + 1] - Index().Starts[unit];

    /// <summary>Whether a unit's activation is not the same everywhere, so that it has a correlation with others'.</summary>
    public bool Varies(int unit) => Index().Spread[unit] > 0;

    /// <summary>The units that share most of their positions with one: the largest overlap first, of equal ones the lower number.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<CoActiveUnit> With(int unit, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        ByUnit index = Index();
        int own = ActiveAt(unit);
        var together = new int[units];
        for (int i = index.Starts[unit]; i < index.Starts[unit + 1]; i++)
        {
            int position = index.Positions[i];
            for (int entry = _ends[position]; entry < _ends[position + 1]; entry++) together[_units[entry]]++;
        }
        return
        [
            .. Enumerable.Range(0, units).Where(other => other != unit && together[other] >= FewestTogether)
                .Select(other => Of(other, together[other], own, ActiveAt(other)))
                .OrderByDescending(one => one.Overlap).ThenBy(one => one.Unit).Take(most),
        ];
    }

    /// <summary>
    /// The correlation (Pearson) over the positions of a unit's activation with that of each unit of another source, which must be of the
    /// same positions in the same order; inactive is 0. A unit that is the same everywhere has 0 with all.
    /// </summary>
    /// <param name="unit">Of this one.</param>
    /// <param name="other">The other source; this one itself, too.</param>
    /// <returns><c>[other.Units]</c>.</returns>
    /// <exception cref="ArgumentException">The other is of other positions.</exception>
    public float[] Correlations(int unit, CoActivation other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Positions != Positions)
            throw new ArgumentException($"One is of {Positions} positions, the other of {other.Positions}.", nameof(other));
        ByUnit own = Index(), theirs = other.Index();
        var found = new float[other.Units];
        if (own.Spread[unit] == 0) return found;
        var products = new double[other.Units];
        for (int i = own.Starts[unit]; i < own.Starts[unit + 1]; i++)
        {
            int position = own.Positions[i];
            double value = own.Values[i];
            for (int entry = other._ends[position]; entry < other._ends[position + 1]; entry++)
                products[other._units[entry]] += value * other._values[entry];
        }
        double mean = own.Sums[unit] / Positions;
        for (int j = 0; j < found.Length; j++)
        {
            if (theirs.Spread[j] > 0)
                found[j] = (float)Math.Clamp((products[j] - mean * theirs.Sums[j]) / (own.Spread[unit] * theirs.Spread[j]), -1, 1);
        }
        return found;
    }

    private CoActiveUnit Of(int other, int together, int own, int others) => new(
        other, together, others, together / (double)(own + others - together), together * (double)Positions / ((double)own * others));

    /// <summary>From units to positions, once: counted, then filled in.</summary>
    private ByUnit Index()
    {
        if (Volatile.Read(ref _index) is { } known) return known;
        lock (_ends)
        {
            if (_index is not null) return _index;
            var starts = new int[units + 1];
            foreach (int unit in _units) starts[unit + 1]++;
            for (int unit = 0; unit < units; unit++) starts[unit + 1] += starts[unit];
            var made = new ByUnit(starts, new int[_units.Count], new float[_units.Count], new double[units], new double[units]);
            int[] next = starts[..^1];
            for (int position = 0; position < Positions; position++)
            {
                for (int entry = _ends[position]; entry < _ends[position + 1]; entry++)
                {
                    int unit = _units[entry], place = next[unit]++;
                    (made.Positions[place], made.Values[place]) = (position, _values[entry]);
                    made.Sums[unit] += _values[entry];
                    made.Spread[unit] += (double)_values[entry] * _values[entry];
                }
            }
            for (int unit = 0; unit < units; unit++)
            {
                double raw = made.Spread[unit], spread = raw - made.Sums[unit] * made.Sums[unit] / Math.Max(1, Positions);
                // The same everywhere has nothing left but rounding.
                made.Spread[unit] = spread > raw * LeastShare && double.IsFinite(spread) ? Math.Sqrt(spread) : 0;
            }
            Volatile.Write(ref _index, made);
            return made;
        }
    }

    /// <summary>Unit u's entries are those from <c>Starts[u]</c> to <c>Starts[u + 1]</c>; spread is √Σ(a − ā)² over all positions.</summary>
    private sealed record ByUnit(int[] Starts, int[] Positions, float[] Values, double[] Sums, double[] Spread);
}
