namespace Fovea.Models.Graph;

/// <summary>What the positions along an axis of a value stand for.</summary>
/// <param name="Factors">The axis counts through these, the last one fastest; their sizes' product is the part of it that they are.</param>
/// <param name="Size">Its size.</param>
/// <param name="Before">How many stand before that part: tokens of no position. What is left over stands after it.</param>
internal sealed record ValueAxis(IReadOnlyList<AxisFactor> Factors, long Size, long Before = 0)
{
    /// <summary>Positions that the factors count.</summary>
    public long Counted => Factors.Aggregate(1L, (product, factor) => product * factor.Size);

    /// <summary>Whether there is nothing else on it.</summary>
    public bool IsPlain => Before == 0 && Counted == Size;

    /// <summary>Whether it holds rows or columns.</summary>
    public bool HasPositions => Factors.Any(factor => factor.Kind is AxisKind.Rows or AxisKind.Columns);

    /// <summary>Whether it is that and nothing else.</summary>
    public bool Is(AxisKind kind) => IsPlain && Factors.All(factor => factor.Kind == kind);

    /// <summary>An axis of one kind.</summary>
    public static ValueAxis Of(AxisKind kind, long size) => new([new AxisFactor(kind, 1, size)], size);
}

/// <summary>A part of what an axis counts.</summary>
/// <param name="Kind">Of what.</param>
/// <param name="Unit">How many of it are one step: rows of windows of 7 have a unit of 7, rows inside a window one of 1.</param>
/// <param name="Size">Number of steps.</param>
internal readonly record struct AxisFactor(AxisKind Kind, long Unit, long Size);

/// <summary>What an axis counts.</summary>
internal enum AxisKind
{
    /// <summary>Channels, heads, or not known.</summary>
    Other,

    /// <summary>Images of the batch.</summary>
    Images,

    /// <summary>Rows of the grid.</summary>
    Rows,

    /// <summary>Columns of the grid.</summary>
    Columns,
}
