namespace Fovea.Interpretation;

/// <summary>Where on the layer's grid each unit is active, over all images. Sums are float64 and made image by image.</summary>
public sealed class GridProfile
{
    private readonly int _units;
    private readonly double[] _sums;
    private readonly int[] _active;
    private int _images;

    internal GridProfile(int units, int height, int width)
    {
        (_units, Height, Width) = (units, height, width);
        _sums = new double[(long)units * height * width];
        _active = new int[_sums.LongLength];
    }

    /// <summary>Rows of the grid.</summary>
    public int Height { get; }

    /// <summary>Columns of the grid.</summary>
    public int Width { get; }

    /// <summary>Sums over images, <c>[H · W, units]</c>.</summary>
    internal double[] Sums => _sums;

    /// <summary>Images that activate a unit at a position, <c>[H · W, units]</c>.</summary>
    internal int[] Active => _active;

    /// <summary>A unit's mean value at a position.</summary>
    public double Mean(int unit, int y, int x) => _images == 0 ? 0 : _sums[At(unit, y, x)] / _images;

    /// <summary>The share of the images on which a unit is active at a position.</summary>
    public double Rate(int unit, int y, int x) => _images == 0 ? 0 : (double)_active[At(unit, y, x)] / _images;

    /// <summary><see cref="Mean(int, int, int)"/> of every unit, row-major <c>[units, H, W]</c>.</summary>
    public float[] Means() => Table(Mean);

    /// <summary><see cref="Rate(int, int, int)"/> of every unit, row-major <c>[units, H, W]</c>.</summary>
    public float[] Rates() => Table(Rate);

    internal void Finish(int images) => _images = images;

    /// <summary>One as it was at the end of a pass: <see cref="Sums"/> and <see cref="Active"/>.</summary>
    internal static GridProfile Restored(int units, int height, int width, int images, ReadOnlySpan<double> sums, ReadOnlySpan<int> active)
    {
        var grid = new GridProfile(units, height, width);
        if (sums.Length != grid._sums.Length || active.Length != grid._active.Length)
            throw new ArgumentException("Not the sums of such a grid.", nameof(sums));
        sums.CopyTo(grid._sums);
        active.CopyTo(grid._active);
        grid.Finish(images);
        return grid;
    }

    /// <summary>Mean and density of a unit over all positions.</summary>
    internal (double Mean, double Density) Overall(int unit)
    {
        double sum = 0;
        long active = 0;
        for (long at = unit; at < _sums.LongLength; at += _units) (sum, active) = (sum + _sums[at], active + _active[at]);
        double values = (double)_images * Height * Width;
        return _images == 0 ? (0, 0) : (sum / values, active / values);
    }

    private float[] Table(Func<int, int, int, double> value)
    {
        var table = new float[_sums.Length];
        for (int unit = 0, at = 0; unit < _units; unit++)
        {
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++) table[at++] = (float)value(unit, y, x);
            }
        }
        return table;
    }

    private long At(int unit, int y, int x)
    {
        if ((uint)unit >= (uint)_units || (uint)y >= (uint)Height || (uint)x >= (uint)Width)
            throw new ArgumentOutOfRangeException(
                nameof(unit), $"Unit {unit} at ({y}, {x}) is not one of {_units} units on a grid of {Height}×{Width}.");
        return ((long)y * Width + x) * _units + unit;
    }
}
