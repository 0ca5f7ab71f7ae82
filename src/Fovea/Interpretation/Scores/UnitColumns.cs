using Fovea.Numerics;
namespace Fovea.Interpretation;

/// <summary>
/// Every value other than zero of every unit, with its position: what an exact sort needs. Not flat in the number of images, so for a
/// bounded number of them (ShapesWorld): 8 bytes a value, few values for latents, all for neurons.
/// </summary>
public sealed class UnitColumns : IUnitObserver
{
    /// <summary>Memory of a value that is not zero: itself and its place.</summary>
    internal const long BytesOfValue = 8;

    private const int Chunk = 64;

    private readonly Column[] _columns;
    private readonly HashSet<int> _seen = [];

    /// <summary>Nothing seen yet.</summary>
    /// <param name="units">Number of units.</param>
    public UnitColumns(int units)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        _columns = [.. Enumerable.Range(0, units).Select(_ => new Column())];
    }

    /// <summary>Number of units.</summary>
    public int Units => _columns.Length;

    /// <summary>The images added, in their order.</summary>
    internal List<int> Images { get; } = [];

    /// <summary>Rows and columns of the grid.</summary>
    internal (int Height, int Width) Grid { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">An image comes twice, or a value is not finite.</exception>
    public unsafe void Add(ReadOnlySpan<float> values, int height, int width, ReadOnlySpan<int> images)
    {
        int positions = checked(height * width), units = Units, rows = checked(images.Length * positions), first =
            checked(Images.Count * positions), bad = -1;
        if (values.Length != (long)rows * units)
            throw new ArgumentException(
                $"{values.Length} values for {images.Length} images of {height}×{width} positions and {units} units.", nameof(values));
        if (Images.Count > 0 && Grid != (height, width))
            throw new ArgumentException($"A grid of {height}×{width} after one of {Grid}.", nameof(height));
        foreach (int image in images)
        {
            if (!_seen.Add(image)) throw FoveaException.BadData($"Image {image} comes twice.");
            Images.Add(image);
        }
        Grid = (height, width);
        fixed (float* start = values)
        {
            float* from = start;
            ParallelLoop.For((units + Chunk - 1) / Chunk, chunk =>
            {
                int end = Math.Min(units, (chunk + 1) * Chunk);
                for (int row = 0; row < rows; row++)
                {
                    for (int unit = chunk * Chunk; unit < end; unit++)
                    {
                        float value = from[(long)row * units + unit];
                        if (value == 0) continue;
                        if (!float.IsFinite(value)) Volatile.Write(ref bad, unit);
                        _columns[unit].Add(value, first + row);
                    }
                }
            });
        }
        if (bad >= 0) throw FoveaException.NumericalFailure($"Unit {bad} has a NaN or infinite activation: are the weights finite?");
    }

    /// <summary>Positions at which a unit is not zero.</summary>
    internal int Active(int unit) => _columns[unit].Count;

    /// <summary>
    /// A unit's values that are not zero, ascending, with the places they were seen at (image in the order added, then position). One
    /// thread a unit.
    /// </summary>
    internal (ReadOnlyMemory<float> Values, ReadOnlyMemory<int> Places) Sorted(int unit)
    {
        Column column = _columns[unit];
        column.Sort();
        return (column.Values.AsMemory(0, column.Count), column.Places.AsMemory(0, column.Count));
    }

    private sealed class Column
    {
        private bool _sorted;

        public float[] Values { get; private set; } = [];

        public int[] Places { get; private set; } = [];

        public int Count { get; private set; }

        public void Add(float value, int place)
        {
            if (Count == Values.Length)
            {
                int capacity = (int)Math.Min(Math.Max(16, Count * 2L), Array.MaxLength);
                (float[] values, int[] places) = (Values, Places);
                Array.Resize(ref values, capacity);
                Array.Resize(ref places, capacity);
                (Values, Places) = (values, places);
            }
            (Values[Count], Places[Count]) = (value, place);
            Count++;
            _sorted = false;
        }

        public void Sort()
        {
            if (!_sorted) Array.Sort(Values, Places, 0, Count);
            _sorted = true;
        }
    }
}
