namespace Fovea.Models.Graph;

/// <summary>
/// Which positions of its inputs a position of an operation's output depends on; what <see cref="ReceptiveField"/> is made from.
/// </summary>
public abstract record SpatialReach
{
    private SpatialReach()
    {
    }

    /// <summary>The same position of every input: activations, normalisations, sums, concatenations of channels.</summary>
    public static SpatialReach Same { get; } = new SamePosition();

    /// <summary>All positions; the output has none or one: pooling over everything, linear layers.</summary>
    public static SpatialReach Everything { get; } = new AllPositions(Single: true);

    /// <summary>Not known: taken for all positions, on a grid whose size is found by running the network.</summary>
    public static SpatialReach Unknown { get; } = new AllPositions(Single: false);

    /// <summary>A window of height × width positions.</summary>
    /// <param name="size">Height and width.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Positions added at the top and at the left.</param>
    /// <param name="dilation">Steps between the positions of a window.</param>
    /// <param name="ceil">Whether a last window that only partly lies on the input counts.</param>
    /// <param name="end">Positions added at the bottom and at the right, which decide only how many windows there are; null: as many as
    /// at the top and at the left.</param>
    public static SpatialReach Window(
        long[] size, long[] stride, long[] padding, long[] dilation, bool ceil = false, long[]? end = null)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(stride);
        ArgumentNullException.ThrowIfNull(padding);
        ArgumentNullException.ThrowIfNull(dilation);
        return new WindowOf(Axis(0), Axis(1));

        AxisWindow Axis(int axis) =>
            new(At(size, axis), At(stride, axis), At(padding, axis), At(dilation, axis), ceil, At(end ?? padding, axis));
        static int At(long[] values, int axis) => (int)values[Math.Min(axis, values.Length - 1)];
    }

    internal sealed record SamePosition : SpatialReach;

    internal sealed record AllPositions(bool Single) : SpatialReach;

    internal sealed record WindowOf(AxisWindow Rows, AxisWindow Columns) : SpatialReach;

    /// <summary>A window along one axis.</summary>
    internal readonly record struct AxisWindow(int Size, int Stride, int Padding, int Dilation, bool Ceil, int End)
    {
        public int Extent => (Size - 1) * Dilation + 1;

        /// <summary>Windows on an axis of that many positions.</summary>
        public int Count(int positions) => (int)Count(positions, Size, Stride, Padding, End, Dilation, Ceil);

        /// <summary>Windows of this kind on an axis of that many positions.</summary>
        public static long Count(long positions, long size, long stride, long padding, long end, long dilation, bool ceil)
        {
            long steps = positions + padding + end - ((size - 1) * dilation + 1);
            if (!ceil) return steps / stride + 1;
            long count = (steps + stride - 1) / stride + 1;
            // As in PyTorch: a window that begins behind the input and its padding at the front is none.
            return (count - 1) * stride >= positions + padding ? count - 1 : count;
        }

        /// <summary>The positions that the windows first … last read, borders cut off; of windows in the border alone the nearest
        /// one.</summary>
        public (int First, int Last) Of(int first, int last, int positions) =>
            (Math.Clamp(first * Stride - Padding, 0, positions - 1), Math.Clamp(last * Stride - Padding + Extent - 1, 0, positions - 1));
    }
}
