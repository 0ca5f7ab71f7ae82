using Fovea.Dictionaries;

namespace Fovea.Interpretation.Relations;

/// <summary>
/// Which units are active at the same positions: an index of codes both ways, from positions to units and back. Filled by one thread, asked
/// by any number. Memory grows with the active entries, 8 bytes each.
/// </summary>
/// <param name="units">Number of units.</param>
public sealed class CoActivation(int units)
{
    /// <summary>Units that share fewer positions than this are not called related: one shared position of two rare units is a full overlap.</summary>
    public const int FewestTogether = 3;

    private readonly List<int> _units = [];
    private readonly List<int> _ends = [0];
    private int[]? _starts, _positions;

    /// <summary>Number of positions.</summary>
    public int Positions => _ends.Count - 1;

    /// <summary>Bytes of memory that it holds.</summary>
    public long Bytes => 4L * (2L * _units.Count + _ends.Count + units);

    /// <summary>Adds positions by their codes.</summary>
    public void Add(SparseCodes codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.LatentCount != units) throw new ArgumentException($"These codes have {codes.LatentCount} units, not {units}.", nameof(codes));
        for (int row = 0; row < codes.RowCount; row++)
            Add(codes.Latents[(int)codes.RowOffsets[row]..(int)codes.RowOffsets[row + 1]]);
    }

    /// <summary>Adds a position by the units that are active at it.</summary>
    /// <param name="active">Each once.</param>
    public void Add(ReadOnlySpan<int> active)
    {
        if (_starts is not null) throw new InvalidOperationException("It has been asked already.");
        foreach (int unit in active) _units.Add(unit);
        _ends.Add(_units.Count);
    }

    /// <summary>At how many positions a unit is active.</summary>
    public int ActiveAt(int unit)
    {
        Index();
        return _starts![unit + 1] - _starts[unit];
    }

    /// <summary>The units that share most of their positions with one: the largest overlap first, of equal ones the lower number.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<CoActiveUnit> With(int unit, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        Index();
        int own = ActiveAt(unit);
        var together = new int[units];
        for (int i = _starts![unit]; i < _starts[unit + 1]; i++)
        {
            int position = _positions![i];
            for (int entry = _ends[position]; entry < _ends[position + 1]; entry++) together[_units[entry]]++;
        }
        return
        [
            .. Enumerable.Range(0, units).Where(other => other != unit && together[other] >= FewestTogether)
                .Select(other => Of(other, together[other], own, ActiveAt(other)))
                .OrderByDescending(one => one.Overlap).ThenBy(one => one.Unit).Take(most),
        ];
    }

    private CoActiveUnit Of(int other, int together, int own, int others) => new(
        other, together, others, together / (double)(own + others - together), together * (double)Positions / ((double)own * others));

    /// <summary>From units to positions, once: counted, then filled in.</summary>
    private void Index()
    {
        lock (_ends)
        {
            if (_starts is not null) return;
            var starts = new int[units + 1];
            foreach (int unit in _units) starts[unit + 1]++;
            for (int unit = 0; unit < units; unit++) starts[unit + 1] += starts[unit];
            var positions = new int[_units.Count];
            int[] next = starts[..^1];
            for (int position = 0; position < Positions; position++)
            {
                for (int entry = _ends[position]; entry < _ends[position + 1]; entry++) positions[next[_units[entry]]++] = position;
            }
            (_positions, _starts) = (positions, starts);
        }
    }
}
