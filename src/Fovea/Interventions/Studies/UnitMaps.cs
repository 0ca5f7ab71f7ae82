using Fovea.Dictionaries;

namespace Fovea.Interventions.Studies;

/// <summary>A unit and its value at a position.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Value">Its activation there.</param>
public readonly record struct UnitValue(int Unit, float Value);

/// <summary>A unit on one image.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Magnitude">Σ|activation| over the positions (section 9.2.4 of the paper).</param>
/// <param name="Peak">The activation that is largest without sign.</param>
/// <param name="Y">Its row on the layer's grid.</param>
/// <param name="X">Its column.</param>
/// <param name="Positions">Positions at which the unit is not zero.</param>
public readonly record struct UnitOnImage(int Unit, double Magnitude, float Peak, int Y, int X, int Positions);

/// <summary>
/// The values of a layer's neurons, or of a dictionary's latents, at each position of one image. Only values that are not zero are kept, by
/// position, in managed memory.
/// </summary>
public sealed class UnitMaps
{
    private readonly int[] _offsets, _units;
    private readonly float[] _values;
    private IReadOnlyList<UnitOnImage>? _ranked;

    internal UnitMaps(SparseCodes codes, int height, int width)
    {
        if (codes.RowCount != height * width)
            throw new ArgumentException($"{codes.RowCount} vectors for a grid of {height} × {width}.", nameof(codes));
        (Units, Height, Width) = (codes.LatentCount, height, width);
        _offsets = [.. codes.RowOffsets.ToArray().Select(offset => checked((int)offset))];
        (_units, _values) = (codes.Latents.ToArray(), codes.Values.ToArray());
    }

    /// <summary>Number of units, silent ones included.</summary>
    public int Units { get; }

    /// <summary>Rows of the grid; 1 for a layer without positions.</summary>
    public int Height { get; }

    /// <summary>Columns of the grid.</summary>
    public int Width { get; }

    /// <summary>Positions.</summary>
    public int Positions => Height * Width;

    /// <summary>Bytes of managed memory that this holds.</summary>
    internal long Bytes => 4L * (_offsets.Length + _units.Length + _values.Length);

    /// <summary>The units that are not zero at a position, the largest without sign first, equal ones by number.</summary>
    /// <exception cref="FoveaException">Configuration: it is not on the grid.</exception>
    public IReadOnlyList<UnitValue> At(int y, int x)
    {
        if (y < 0 || y >= Height || x < 0 || x >= Width)
            throw FoveaException.BadConfiguration($"Position ({y}, {x}) is not on the grid, {Height} × {Width}.");
        int p = y * Width + x;
        return [.. Enumerable.Range(_offsets[p], _offsets[p + 1] - _offsets[p]).Select(i => new UnitValue(_units[i], _values[i]))
            .OrderByDescending(one => Math.Abs(one.Value)).ThenBy(one => one.Unit)];
    }

    /// <summary>A unit's value at each position, row-major <c>[height, width]</c>.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such unit.</exception>
    public float[] Map(int unit)
    {
        Require(unit);
        var map = new float[Positions];
        for (int p = 0; p < map.Length; p++)
        {
            int found = Array.BinarySearch(_units, _offsets[p], _offsets[p + 1] - _offsets[p], unit);
            if (found >= 0) map[p] = _values[found];
        }
        return map;
    }

    /// <summary>The units that are not zero everywhere, the largest magnitude first, equal ones by number.</summary>
    public IReadOnlyList<UnitOnImage> Ranked => _ranked ??= Rank();

    /// <summary>Each unit's mean over the positions, <c>[units]</c>.</summary>
    public double[] Means() => Means(null);

    /// <summary>The same of values times a factor at each position; null: 1.</summary>
    internal double[] Means(IReadOnlyList<double>? factors)
    {
        var means = new double[Units];
        for (int p = 0; p < Positions; p++)
        {
            double factor = factors?[p] ?? 1;
            for (int i = _offsets[p]; i < _offsets[p + 1]; i++) means[_units[i]] += factor * _values[i];
        }
        for (int unit = 0; unit < Units; unit++) means[unit] /= Positions;
        return means;
    }

    /// <summary>The values of some units, row-major <c>[positions, units asked for]</c>.</summary>
    internal float[] Columns(IReadOnlyList<int> units)
    {
        var columns = new float[checked(Positions * units.Count)];
        var place = new Dictionary<int, int>(units.Count);
        for (int k = 0; k < units.Count; k++) place[units[k]] = k;
        for (int p = 0; p < Positions; p++)
        {
            for (int i = _offsets[p]; i < _offsets[p + 1]; i++)
                if (place.TryGetValue(_units[i], out int k)) columns[p * units.Count + k] = _values[i];
        }
        return columns;
    }

    /// <exception cref="FoveaException">Configuration: there is no such unit.</exception>
    internal void Require(int unit)
    {
        if ((uint)unit >= (uint)Units) throw FoveaException.BadConfiguration($"Unit {unit} does not exist: there are {Units}, from 0.");
    }

    private UnitOnImage[] Rank()
    {
        var found = new Dictionary<int, UnitOnImage>();
        for (int p = 0; p < Positions; p++)
        {
            for (int i = _offsets[p]; i < _offsets[p + 1]; i++)
            {
                float value = _values[i];
                if (!found.TryGetValue(_units[i], out UnitOnImage one)) one = new UnitOnImage(_units[i], 0, 0, 0, 0, 0);
                if (Math.Abs(value) > Math.Abs(one.Peak)) one = one with { Peak = value, Y = p / Width, X = p % Width };
                found[_units[i]] = one with { Magnitude = one.Magnitude + Math.Abs(value), Positions = one.Positions + 1 };
            }
        }
        return [.. found.Values.OrderByDescending(one => one.Magnitude).ThenBy(one => one.Unit)];
    }
}
