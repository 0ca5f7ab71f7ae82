namespace Fovea.Models.Graph;

/// <summary>What the axes of a value stand for, as far as it is known.</summary>
/// <param name="Axes">One an axis.</param>
/// <param name="Height">Rows of the grid that its rows are of.</param>
/// <param name="Width">Columns of that grid.</param>
internal sealed record ValueLayout(IReadOnlyList<ValueAxis> Axes, long Height, long Width)
{
    /// <summary>As images lie, and everything that convolutions make.</summary>
    public static ValueLayout ChannelsFirst(long[] sizes) => new(
        [ValueAxis.Of(AxisKind.Images, sizes[0]), ValueAxis.Of(AxisKind.Other, sizes[1]), ValueAxis.Of(AxisKind.Rows, sizes[2]),
            ValueAxis.Of(AxisKind.Columns, sizes[3])], sizes[2], sizes[3]);

    /// <summary>Whether every position of the grid is somewhere in it, maybe of a coarser grid than the one it came from.</summary>
    public bool IsWhole => Side(AxisKind.Rows, Height) > 0 && Side(AxisKind.Columns, Width) > 0
        && Axes.Sum(axis => axis.Factors.Count(factor => factor.Kind == AxisKind.Images)) == 1;

    /// <summary>Rows in it.</summary>
    public long Rows => Side(AxisKind.Rows, Height);

    /// <summary>Columns in it.</summary>
    public long Columns => Side(AxisKind.Columns, Width);

    /// <summary>Whether it lies as a convolution's output does.</summary>
    public bool IsChannelsFirst => Axes.Count == 4 && Axes[0].Is(AxisKind.Images) && Axes[1].Is(AxisKind.Other)
        && Single(Axes[2], AxisKind.Rows) && Single(Axes[3], AxisKind.Columns);

    /// <summary>Whether it lies as <c>[N, H, W, C]</c>.</summary>
    public bool IsChannelsLast => Axes.Count == 4 && Axes[0].Is(AxisKind.Images) && Single(Axes[1], AxisKind.Rows)
        && Single(Axes[2], AxisKind.Columns) && Axes[3].Is(AxisKind.Other);

    /// <summary>Whether it lies as <c>[N, T, C]</c>, the grid row by row among the tokens.</summary>
    public bool IsTokens => Axes.Count == 3 && Axes[0].Is(AxisKind.Images) && Axes[2].Is(AxisKind.Other)
        && Axes[1].Factors is [{ Kind: AxisKind.Rows }, { Kind: AxisKind.Columns }];

    /// <summary>The same axes in another order.</summary>
    public ValueLayout Permuted(IEnumerable<int> order) => this with { Axes = [.. order.Select(axis => Axes[axis])] };

    /// <summary>The same without an axis.</summary>
    public ValueLayout Without(int gone) => this with { Axes = [.. Axes.Where((_, axis) => axis != gone)] };

    /// <summary>The same with another axis in the place of one.</summary>
    public ValueLayout With(int place, ValueAxis other) => this with { Axes = [.. Axes.Select((axis, i) => i == place ? other : axis)] };

    /// <summary>
    /// The same where some axes have other sizes, as after padding, cutting or a mean: rows and columns are then those of another grid.
    /// Null where that cannot be.
    /// </summary>
    public ValueLayout? Resized(long[] sizes)
    {
        if (sizes.Length != Axes.Count) return null;
        ValueLayout made = this;
        for (int i = 0; i < sizes.Length; i++)
        {
            ValueAxis axis = Axes[i];
            if (axis.Size == sizes[i]) continue;
            if (axis.Is(AxisKind.Other)) made = made.With(i, ValueAxis.Of(AxisKind.Other, sizes[i]));
            else if (Single(axis, AxisKind.Rows))
                made = made.With(i, ValueAxis.Of(AxisKind.Rows, sizes[i])) with { Height = sizes[i] };
            else if (Single(axis, AxisKind.Columns))
                made = made.With(i, ValueAxis.Of(AxisKind.Columns, sizes[i])) with { Width = sizes[i] };
            else return null;
        }
        return made;
    }

    /// <summary>What becomes of the axes when a value gets other sizes without its numbers moving; null where they do not go into each
    /// other.</summary>
    public ValueLayout? Reshaped(long[] sizes)
    {
        // Axes with tokens of no position stay whole.
        var left = new Stack<(AxisFactor Factor, ValueAxis? Whole)>();
        foreach (ValueAxis axis in Axes.Reverse())
        {
            if (!axis.IsPlain) left.Push((default, axis));
            else foreach (AxisFactor factor in axis.Factors.Reverse()) left.Push((factor, null));
        }
        var axes = new ValueAxis[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            long need = sizes[i];
            List<AxisFactor> factors = [];
            while (axes[i] is null)
            {
                bool more = left.TryPeek(out var next);
                // Nothing more is needed; of factors of one, those of images are not lost.
                if (need == 1 && !(more && factors.Count == 0 && next.Whole is null && next.Factor is { Kind: AxisKind.Images, Size: 1 }))
                {
                    axes[i] = new ValueAxis(Merged(factors), sizes[i]);
                    break;
                }
                if (!more) return null;
                left.Pop();
                if (next.Whole is { } whole)
                {
                    if (factors.Count > 0 || whole.Size != need) return null;
                    axes[i] = whole;
                }
                else if (need % next.Factor.Size == 0)
                {
                    if (next.Factor.Size > 1 || next.Factor.Kind == AxisKind.Images) factors.Add(next.Factor);
                    need /= next.Factor.Size;
                    if (need == 1 && next.Factor is { Kind: AxisKind.Images, Size: 1 }) axes[i] = new ValueAxis(Merged(factors), sizes[i]);
                }
                else if (next.Factor.Size % need == 0)
                {
                    long rest = next.Factor.Size / need;
                    factors.Add(next.Factor with { Unit = next.Factor.Unit * rest, Size = need });
                    left.Push((next.Factor with { Size = rest }, null));
                    need = 1;
                }
                else return null;
            }
        }
        return this with { Axes = axes };
    }

    /// <summary>Parts of one side that follow each other are one.</summary>
    private static List<AxisFactor> Merged(List<AxisFactor> factors)
    {
        for (int i = factors.Count - 1; i > 0; i--)
        {
            (AxisFactor coarse, AxisFactor fine) = (factors[i - 1], factors[i]);
            if (fine.Kind is not (AxisKind.Rows or AxisKind.Columns) || coarse.Kind != fine.Kind) continue;
            if (coarse.Unit != fine.Unit * fine.Size) continue;
            factors[i - 1] = fine with { Size = coarse.Size * fine.Size };
            factors.RemoveAt(i);
        }
        return factors;
    }

    /// <summary>Whether an axis is one side of the grid, and all of it.</summary>
    private bool Single(ValueAxis axis, AxisKind kind)
    {
        long whole = kind == AxisKind.Rows ? Height : Width;
        if (!axis.IsPlain) return false;
        if (axis.Factors is [var factor]) return factor.Kind == kind && factor.Unit * factor.Size == whole;
        return axis.Factors.Count == 0 && whole == 1;
    }

    /// <summary>Steps of a side in all its factors; 0 where some are missing.</summary>
    private long Side(AxisKind kind, long whole)
    {
        long unit = whole, steps = 1;
        foreach (AxisFactor factor in Axes.SelectMany(axis => axis.Factors).Where(factor => factor.Kind == kind)
            .OrderByDescending(factor => factor.Unit))
        {
            if (factor.Unit * factor.Size != unit) return 0;
            (unit, steps) = (factor.Unit, steps * factor.Size);
        }
        return steps == 1 && whole > 1 ? 0 : steps;
    }
}
