namespace Fovea.Models.Graph;

/// <summary>What <see cref="Operators.Grid"/> and <see cref="Operators.Ungrid"/> are told of a value.</summary>
internal static class GridAttributes
{
    /// <summary>Of tokens whose grid is told.</summary>
    public static OperatorAttributes Of(TokenGrid told, long before, long tokens) =>
        Tokens(told.Height, told.Width, before, tokens - before - (long)told.Height * told.Width);

    /// <summary>Of a layout that was found; null where it is as convolutions have it, or has one position.</summary>
    public static OperatorAttributes? Of(ValueLayout layout)
    {
        if (layout.IsChannelsFirst) return null;
        if (layout.IsChannelsLast)
            return new() { ["kind"] = LayerGrid.ChannelsLast, ["height"] = layout.Rows, ["width"] = layout.Columns };
        if (layout.IsTokens && layout.Axes[1] is var tokens)
            return Tokens(layout.Rows, layout.Columns, tokens.Before, tokens.Size - tokens.Before - tokens.Counted);
        return layout.Axes.Count >= 3 && layout.Rows * layout.Columns > 1 && layout.Axes.All(axis => axis.IsPlain) ? Windows(layout) : null;
    }

    private static OperatorAttributes Tokens(long height, long width, long before, long after) => new()
    {
        ["kind"] = LayerGrid.Tokens,
        ["height"] = height,
        ["width"] = width,
        ["before"] = before,
        ["after"] = after,
    };

    /// <summary>
    /// The value's axes are cut into their factors, which are put into the order images, channels, rows, columns, and joined: <c>shape</c>
    /// are the value's sizes, <c>factors</c> those of all factors, <c>order</c> says which of them come one after the other; −1 stands for
    /// what depends on the number of images.
    /// </summary>
    private static OperatorAttributes Windows(ValueLayout layout)
    {
        AxisFactor[] factors = [.. layout.Axes.SelectMany(axis => axis.Factors)];
        int[] order =
        [
            .. Places(factor => factor.Kind == AxisKind.Images), .. Places(factor => factor.Kind == AxisKind.Other),
            .. Places(factor => factor.Kind == AxisKind.Rows).OrderByDescending(place => factors[place].Unit),
            .. Places(factor => factor.Kind == AxisKind.Columns).OrderByDescending(place => factors[place].Unit),
        ];
        return new()
        {
            ["kind"] = LayerGrid.Windows,
            ["height"] = layout.Rows,
            ["width"] = layout.Columns,
            ["shape"] = layout.Axes.Select(
                axis => axis.Factors.Any(factor => factor.Kind == AxisKind.Images) ? -1L : axis.Size).ToArray(),
            ["factors"] = factors.Select(factor => factor.Kind == AxisKind.Images ? -1L : factor.Size).ToArray(),
            ["order"] = order.Select(place => (long)place).ToArray(),
        };

        IEnumerable<int> Places(Func<AxisFactor, bool> wanted) =>
            Enumerable.Range(0, factors.Length).Where(place => wanted(factors[place]));
    }
}
