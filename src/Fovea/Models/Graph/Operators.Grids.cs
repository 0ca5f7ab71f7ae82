using static TorchSharp.torch;

namespace Fovea.Models.Graph;

/// <summary>
/// A layer's value as a grid, and back: what <see cref="GridRewrite"/> puts behind values of tokens and of channels that come last.
/// </summary>
public static partial class Operators
{
    /// <summary>
    /// <c>[N, T, C]</c> or <c>[N, H, W, C]</c> → a view <c>[N, C, H, W]</c>, and of tokens, where there are any: the first before the grid
    /// <c>[N, C, 1, 1]</c>, the others before it <c>[N, K, C]</c>, those after it <c>[N, K, C]</c>.
    /// </summary>
    internal static Operator Grid { get; }

    /// <summary>The value again, of what <see cref="Grid"/> gave, in that order.</summary>
    internal static Operator Ungrid { get; }

    private static OperatorFunction AsGrid(OperatorAttributes a)
    {
        if (a.Text("kind") == LayerGrid.ChannelsLast) return x => [x[0].permute(0, 3, 1, 2)];
        if (a.Text("kind") == LayerGrid.Windows) return x => [Together(a, x[0])];
        (long height, long width, long before, long after) = (a.Int("height"), a.Int("width"), a.Int("before"), a.Int("after"));
        return x =>
        {
            Tensor value = x[0];
            (long rows, long columns) = Sides(value.dim() == 3 ? value.shape[1] - before - after : 0, height, width);
            if (rows == 0)
            {
                throw FoveaException.BadConfiguration(
                    $"[{string.Join(", ", value.shape)}] are not {before} + {height} × {width} + {after} tokens: the grid was found for "
                        + "images of another size.");
            }
            List<Tensor> made = [value.narrow(1, before, rows * columns).transpose(1, 2).unflatten(2, rows, columns)];
            if (before > 0) made.Add(value.narrow(1, 0, 1).transpose(1, 2).unsqueeze(3));
            if (before > 1) made.Add(value.narrow(1, 1, before - 1));
            if (after > 0) made.Add(value.narrow(1, before + rows * columns, after));
            return [.. made];
        };
    }

    /// <summary>The parts of rows and columns put together (<see cref="GridAttributes"/>); a copy.</summary>
    private static Tensor Together(OperatorAttributes a, Tensor value)
    {
        (long[] shape, long[] factors, long[] order) = (a.Ints("shape"), a.Ints("factors"), a.Ints("order"));
        if (value.dim() != shape.Length || shape.Where((size, axis) => size >= 0 && size != value.shape[axis]).Any())
        {
            throw FoveaException.BadConfiguration(
                $"[{string.Join(", ", value.shape)}] is not [{string.Join(", ", shape)}]: the grid was found for images of another size.");
        }
        return value.reshape(factors).permute(order).reshape(-1, ChannelsOf(a), a.Int("height"), a.Int("width"));
    }

    private static Tensor InParts(OperatorAttributes a, Tensor grid)
    {
        (long[] shape, long[] factors, long[] order) = (a.Ints("shape"), a.Ints("factors"), a.Ints("order"));
        long[] back = [.. Enumerable.Range(0, order.Length).Select(place => (long)Array.IndexOf(order, place))];
        return grid.reshape([.. order.Select(place => factors[place])]).permute(back).reshape(shape).contiguous();
    }

    private static long ChannelsOf(OperatorAttributes a) =>
        a.Ints("factors").Where(size => size > 0).Aggregate(1L, (product, size) => product * size) / (a.Int("height") * a.Int("width"));

    /// <summary>The sides of a grid of that many positions, as wide to its height as the one that was found; 0 where it is none.</summary>
    private static (long Rows, long Columns) Sides(long positions, long height, long width)
    {
        if (positions == height * width) return (height, width);
        long rows = (long)Math.Round(Math.Sqrt((double)positions * height / width)), columns = rows == 0 ? 0 : positions / rows;
        return rows > 0 && rows * columns == positions && rows * width == columns * height ? (rows, columns) : (0, 0);
    }

    /// <summary>Contiguous, so that what follows runs the same kernels whatever memory an edit gave.</summary>
    private static Func<OperatorCall, Tensor> FromGrid(OperatorAttributes a)
    {
        if (a.Text("kind") == LayerGrid.ChannelsLast) return x => x[0].permute(0, 2, 3, 1).contiguous();
        if (a.Text("kind") == LayerGrid.Windows) return x => InParts(a, x[0]);
        (long before, long after) = (a.Int("before"), a.Int("after"));
        return x =>
        {
            Tensor grid = x[0].flatten(2).transpose(1, 2);
            if (before + after == 0) return grid.contiguous();
            List<Tensor> parts = [];
            if (before > 0) parts.Add(x[1].flatten(2).transpose(1, 2));
            if (before > 1) parts.Add(x[2]);
            parts.Add(grid);
            if (after > 0) parts.Add(x[x.Count - 1]);
            return cat([.. parts], 1);
        };
    }
}
