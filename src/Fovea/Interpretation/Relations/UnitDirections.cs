using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Interpretation.Relations;

/// <summary>
/// A direction a unit, each of length 1, so that the nearest to any of them are found by one pass over all: decoder rows, or profiles over
/// classes. Used by any number of threads.
/// </summary>
public sealed unsafe class UnitDirections : IDisposable
{
    /// <summary>Rows that one work item multiplies.</summary>
    private const int RowsOfPart = 2048;

    private const double LeastShare = 1e-12;

    private readonly NativeBuffer<float> _rows;
    private readonly bool[] _known;

    private UnitDirections(NativeBuffer<float> rows, bool[] known, int dimension) => (_rows, _known, Dimension) = (rows, known, dimension);

    /// <summary>Number of units.</summary>
    public int Count => _known.Length;

    /// <summary>Length of a direction.</summary>
    public int Dimension { get; }

    /// <summary>Bytes of memory that they hold.</summary>
    public long Bytes => _rows.Length * sizeof(float);

    /// <summary>Rows brought to length 1; a row of zeros, or with a number that is not finite, is a unit without a direction.</summary>
    /// <param name="rows"><c>[units, d]</c>; copied.</param>
    public static UnitDirections Of(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.dim() != 2) throw new ArgumentException($"Directions are [units, d], not {rows.dim()} sizes.", nameof(rows));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Of(rows.to(float32).cpu().contiguous().data<float>().ToArray(), checked((int)rows.shape[0]), checked((int)rows.shape[1]));
    }

    /// <summary>The same from numbers at hand.</summary>
    /// <param name="rows"><c>[units · d]</c>.</param>
    /// <param name="units">Number of units.</param>
    /// <param name="dimension">Length of a direction: d.</param>
    /// <param name="centred">Whether each row's mean is taken off first: cosines are then correlations.</param>
    public static UnitDirections Of(ReadOnlySpan<float> rows, int units, int dimension, bool centred = false)
    {
        if (rows.Length != (long)units * dimension)
            throw new ArgumentException($"{rows.Length} numbers are no {units} directions of {dimension}.", nameof(rows));
        fixed (float* all = rows)
        {
            nint at = (nint)all;
            return Of(units, dimension, centred, (unit, row) => new ReadOnlySpan<float>((float*)at + (long)unit * dimension, dimension).CopyTo(row));
        }
    }

    /// <summary>The same, row by row: nothing but the directions themselves is ever in memory.</summary>
    /// <param name="units">Number of units.</param>
    /// <param name="dimension">Length of a direction: d.</param>
    /// <param name="centred">Whether each row's mean is taken off first.</param>
    /// <param name="read">Writes the row of a unit, <c>[d]</c>; called by several threads.</param>
    internal static UnitDirections Of(int units, int dimension, bool centred, RowReader read)
    {
        var kept = new NativeBuffer<float>(Math.Max(1, (long)units * dimension));
        var known = new bool[units];
        try
        {
            ParallelLoop.For((units + RowsOfPart - 1) / RowsOfPart, part =>
            {
                for (int unit = part * RowsOfPart; unit < Math.Min(units, (part + 1) * RowsOfPart); unit++)
                {
                    var row = new Span<float>(kept.Pointer + (long)unit * dimension, dimension);
                    read(unit, row);
                    known[unit] = Normalise(row, centred);
                }
            });
        }
        catch
        {
            kept.Dispose();
            throw;
        }
        return new UnitDirections(kept, known, dimension);
    }

    /// <summary>Brings a row to length 1.</summary>
    /// <returns>Whether it has a direction; else it is zeros.</returns>
    private static bool Normalise(Span<float> row, bool centred)
    {
        double sum = 0, raw = 0, square = 0;
        foreach (float value in row) (sum, raw) = (sum + value, raw + (double)value * value);
        double mean = centred ? sum / row.Length : 0;
        foreach (float value in row) square += (value - mean) * (value - mean);
        // A row of equal numbers has nothing left but rounding.
        bool known = double.IsFinite(square) && square > raw * LeastShare;
        double length = Math.Sqrt(square);
        for (int i = 0; i < row.Length; i++) row[i] = known ? (float)((row[i] - mean) / length) : 0;
        return known;
    }

    /// <summary>Writes the row of a unit.</summary>
    internal delegate void RowReader(int unit, Span<float> row);

    /// <summary>Whether a unit has a direction.</summary>
    public bool HasDirection(int unit) => _known[unit];

    /// <summary>The direction of a unit, <c>[d]</c>, of length 1; zeros where it has none.</summary>
    public ReadOnlySpan<float> this[int unit]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(unit);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(unit, Count);
            return new(_rows.Pointer + (long)unit * Dimension, Dimension);
        }
    }

    /// <summary>The units nearest to one of these, without itself; the largest cosine first, of equal ones the lower number.</summary>
    /// <param name="unit">The unit; one without a direction has no near ones.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<RelatedUnit> Nearest(int unit, int most) => _known[unit] ? Nearest(this[unit], most, unit) : [];

    /// <summary>The units nearest to a direction.</summary>
    /// <param name="direction"><c>[d]</c>, of length 1.</param>
    /// <param name="most">How many.</param>
    /// <param name="without">A unit to leave out; −1: none.</param>
    public IReadOnlyList<RelatedUnit> Nearest(ReadOnlySpan<float> direction, int most, int without = -1)
    {
        if (direction.Length != Dimension)
            throw new ArgumentException($"The direction has {direction.Length} components, these have {Dimension}.", nameof(direction));
        return NearestOfEach(direction, [most], [without])[0];
    }

    /// <summary>
    /// The units nearest to each of several directions, by one pass over all rows: they come from memory once, which is what a pass costs.
    /// </summary>
    /// <param name="directions"><c>[m · d]</c>, each of length 1.</param>
    /// <param name="most">How many of each, <c>[m]</c>.</param>
    /// <param name="without">A unit to leave out of each, <c>[m]</c>; −1: none.</param>
    /// <returns>Of each as <see cref="Nearest(int, int)"/>.</returns>
    /// <exception cref="ArgumentException">The numbers do not belong together.</exception>
    public IReadOnlyList<IReadOnlyList<RelatedUnit>> NearestOfEach(
        ReadOnlySpan<float> directions, IReadOnlyList<int> most, IReadOnlyList<int> without)
    {
        ArgumentNullException.ThrowIfNull(most);
        ArgumentNullException.ThrowIfNull(without);
        int count = most.Count;
        foreach (int number in most) ArgumentOutOfRangeException.ThrowIfNegative(number, nameof(most));
        if (directions.Length != (long)count * Dimension || without.Count != count)
            throw new ArgumentException($"{directions.Length} numbers are no {count} directions of {Dimension}.", nameof(directions));
        float[][] cosines = [.. most.Select(_ => new float[Count])];
        fixed (float* vectors = directions)
        {
            nint at = (nint)vectors;
            ParallelLoop.For((Count + RowsOfPart - 1) / RowsOfPart, part =>
            {
                for (int unit = part * RowsOfPart; unit < Math.Min(Count, (part + 1) * RowsOfPart); unit++)
                {
                    float* row = _rows.Pointer + (long)unit * Dimension;
                    for (int j = 0; j < count; j++) cosines[j][unit] = VectorMath.Product((float*)at + (long)j * Dimension, row, Dimension);
                }
            });
        }
        return [.. cosines.Select((all, j) => Largest(all, most[j], without[j]))];
    }

    private RelatedUnit[] Largest(float[] cosines, int most, int without)
    {
        var nearest = new PriorityQueue<int, (float Cosine, int Lower)>();
        for (int unit = 0; unit < Count; unit++)
        {
            if (unit == without || !_known[unit]) continue;
            if (nearest.Count < most) nearest.Enqueue(unit, (cosines[unit], -unit));
            else if (most > 0) nearest.EnqueueDequeue(unit, (cosines[unit], -unit));
        }
        var found = new RelatedUnit[nearest.Count];
        for (int i = found.Length - 1; i >= 0; i--)
        {
            int unit = nearest.Dequeue();
            found[i] = new RelatedUnit(unit, Math.Clamp(cosines[unit], -1, 1));
        }
        return found;
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}
