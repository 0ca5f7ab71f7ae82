using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Graph;

/// <summary>
/// Operations that pick and place numbers by tables of positions (whole numbers; negative ones count from the end), and those that
/// rearrange.
/// </summary>
public static partial class Operators
{
    private const long LargestPadded = 1 << 24, LargestPaddingGrowth = 16;

    private static void AddIndexing()
    {
        // What stands at positions (any shape) along dim: their shape takes the place of that dimension.
        Add("take", a =>
        {
            long dim = a.Int("dim", 0);
            return x =>
            {
                using var scope = NewDisposeScope();
                long along = dim < 0 ? dim + x[0].dim() : dim;
                Tensor picked = x[0].index_select(along, Positive(x[1], x[0].shape[along]).flatten());
                long[] shape = [.. x[0].shape[..(int)along], .. x[1].shape, .. x[0].shape[((int)along + 1)..]];
                return picked.reshape(shape).MoveToOuterDisposeScope();
            };
        });
        // For each position of the index the number that stands there along dim.
        Add("gather", a =>
        {
            long dim = a.Int("dim", 0);
            return x =>
            {
                using Tensor index = Positive(x[1], x[0].shape[dim < 0 ? dim + x[0].dim() : dim]);
                return x[0].gather(dim, index);
            };
        });
        // Each row of the index names a place in the leading dimensions after the first batch_dims ones.
        Add("gather_nd", Gathered);
        // The third value's numbers at the places of an index along dim; reduce: none, add, mul, max, min.
        Add("scatter", a =>
        {
            (long dim, string reduce) = (a.Int("dim", 0), a.Text("reduce", "none"));
            return x =>
            {
                using var scope = NewDisposeScope();
                long along = dim < 0 ? dim + x[0].dim() : dim;
                Tensor index = Positive(x[1], x[0].shape[along]);
                if (reduce == "none") return x[0].scatter(dim, index, x[2]).MoveToOuterDisposeScope();
                if (reduce == "add") return x[0].scatter_add(dim, index, x[2]).MoveToOuterDisposeScope();
                Tensor[] places = [.. Enumerable.Range(0, (int)x[0].dim())
                    .Select(axis => axis == along ? index.flatten() : Along(index, axis))];
                return InTurn(x[0], places, x[2].flatten(), reduce).MoveToOuterDisposeScope();
            };
        });
        // The same for rows of an index as in gather_nd.
        Add("scatter_nd", a =>
        {
            string reduce = a.Text("reduce", "none");
            return x =>
            {
                using var scope = NewDisposeScope();
                if (reduce is "none" or "add")
                    return x[0].clone().index_put_(x[2], Places(x[1], x[0], 0), reduce == "add").MoveToOuterDisposeScope();
                Tensor rows = x[1].reshape(-1, x[1].shape[^1]);
                Tensor[] places = [.. rows.unbind(-1).Select((column, axis) => Positive(column, x[0].shape[axis]))];
                Tensor updates = x[2].reshape([rows.shape[0], .. x[0].shape[places.Length..]]);
                return InTurn(x[0], places, updates, reduce).MoveToOuterDisposeScope();
            };
        });
        Add("pad_by", Padded);
        Add("broadcast", Broadcast);
        Add("tril", a => { long diagonal = a.Int("diagonal", 0); return x => x[0].tril(diagonal); });
        Add("triu", a => { long diagonal = a.Int("diagonal", 0); return x => x[0].triu(diagonal); });
        Add("nonzero", _ => x => { using Tensor found = x[0].nonzero(); return found.t().contiguous(); });
        Add("depth_to_space", a =>
        {
            (long block, bool columns) = (a.Int("block"), a.Flag("columns_first", false));
            return x =>
            {
                using var scope = NewDisposeScope();
                var (n, c, h, w) = (x[0].shape[0], x[0].shape[1] / (block * block), x[0].shape[2], x[0].shape[3]);
                Tensor apart = columns ? x[0].reshape(n, c, block, block, h, w).permute(0, 1, 4, 2, 5, 3)
                    : x[0].reshape(n, block, block, c, h, w).permute(0, 3, 4, 1, 5, 2);
                return apart.reshape(n, c, h * block, w * block).MoveToOuterDisposeScope();
            };
        });
        Add("space_to_depth", a =>
        {
            long block = a.Int("block");
            return x =>
            {
                using var scope = NewDisposeScope();
                var (n, c, h, w) = (x[0].shape[0], x[0].shape[1], x[0].shape[2] / block, x[0].shape[3] / block);
                return x[0].reshape(n, c, h, block, w, block).permute(0, 3, 5, 1, 2, 4).reshape(n, c * block * block, h, w)
                    .MoveToOuterDisposeScope();
            };
        });
    }

    /// <summary>Positions that count from the front.</summary>
    private static Tensor Positive(Tensor index, long size)
    {
        using var scope = NewDisposeScope();
        Tensor whole = index.to(int64);
        return where(whole.lt(NoneWhole), whole.add((Scalar)size), whole).MoveToOuterDisposeScope();
    }

    /// <summary>The number of its dimension <paramref name="axis"/> for each number of a tensor.</summary>
    private static Tensor Along(Tensor x, int axis)
    {
        long[] shape = [.. Enumerable.Repeat(1L, (int)x.dim())];
        shape[axis] = x.shape[axis];
        return arange(x.shape[axis], int64, x.device).view(shape).expand(x.shape).flatten();
    }

    /// <summary>
    /// Puts updates to what is there one after the other, since several may have one place: for short tables, not for values of images.
    /// </summary>
    private static Tensor InTurn(Tensor x, Tensor[] places, Tensor updates, string reduce)
    {
        if (updates.shape[0] > 1 << 14)
            throw FoveaException.BadData($"{updates.shape[0]} updates by '{reduce}' are more than any network needs.");
        Tensor made = x.clone();
        for (long i = 0; i < updates.shape[0]; i++)
        {
            TensorIndex[] at = [.. places.Select(place => TensorIndex.Tensor(place.slice(0, i, i + 1, 1)))];
            Tensor old = made.index(at), update = updates.slice(0, i, i + 1, 1);
            made = made.index_put_(reduce switch { "mul" => old * update, "max" => old.maximum(update), _ => old.minimum(update) }, at);
        }
        return made;
    }

    private static Scalar NoneWhole { get; } = 0L;

    private static TensorIndex[] Places(Tensor index, Tensor x, int leading)
    {
        Tensor[] columns = index.unbind(-1);
        var places = new TensorIndex[leading + columns.Length];
        // Each batch looks into its own part.
        for (int i = 0; i < leading; i++)
        {
            long[] shape = [.. Enumerable.Repeat(1L, (int)index.dim() - 1)];
            shape[i] = x.shape[i];
            places[i] = TensorIndex.Tensor(arange(x.shape[i], int64, x.device).view(shape));
        }
        for (int i = 0; i < columns.Length; i++)
            places[leading + i] = TensorIndex.Tensor(Positive(columns[i], x.shape[leading + i]));
        return places;
    }

    private static Func<OperatorCall, Tensor> Gathered(OperatorAttributes attributes)
    {
        int leading = (int)attributes.Int("batch_dims", 0);
        return x =>
        {
            using var scope = NewDisposeScope();
            return x[0].index(Places(x[1], x[0], leading)).MoveToOuterDisposeScope();
        };
    }

    /// <summary>
    /// Padding of any dimensions by <c>before</c> and <c>after</c>, one number for each; negative ones cut off. Mode constant (value),
    /// edge, reflect (without the edge), wrap.
    /// </summary>
    private static Func<OperatorCall, Tensor> Padded(OperatorAttributes attributes)
    {
        long[] before = attributes.Ints("before"), after = attributes.Ints("after");
        (string mode, double value) = (attributes.Text("mode", "constant"), attributes.Number("value", 0));
        long[] both = Pads(before, after);
        if (mode == "constant") return x => F.pad(Paddable(x[0], both), both, PaddingModes.Constant, value);
        return x =>
        {
            using var scope = NewDisposeScope();
            Paddable(x[0], both);
            Tensor padded = x[0].alias();
            for (int i = 0; i < before.Length; i++)
            {
                if (before[i] == 0 && after[i] == 0) continue;
                long size = padded.shape[i];
                if (size == 0) throw FoveaException.BadData($"A padding by '{mode}' is given nothing to repeat.");
                long[] from = [.. Enumerable.Range(0, (int)(before[i] + size + after[i])).Select(at => From(at - before[i], size, mode))];
                padded = padded.index_select(i, tensor(from, device: padded.device));
            }
            return padded.MoveToOuterDisposeScope();
        };
    }

    /// <summary>What libtorch's padding is given: the last dimension first, each before and after.</summary>
    internal static long[] Pads(long[] before, long[] after)
    {
        var both = new long[2 * before.Length];
        for (int i = 0; i < before.Length; i++) (both[^(2 * i + 2)], both[^(2 * i + 1)]) = (before[i], after[i]);
        return both;
    }

    private static Tensor Paddable(Tensor value, long[] pads)
    {
        _ = Paddable(value.shape, pads);
        return value;
    }

    /// <summary>Padding stays a frame: no network makes many times as many numbers by padding as it had, a damaged file does, and takes
    /// gigabytes and minutes for it.</summary>
    internal static long[] Paddable(long[] shape, long[] pads)
    {
        (double made, double had) = (1, 1);
        for (int dim = 0; dim < shape.Length; dim++)
        {
            int at = 2 * (shape.Length - 1 - dim); // the last dimension stands first
            made *= shape[dim] + (at + 1 < pads.Length ? (double)pads[at] + pads[at + 1] : 0);
            had *= shape[dim];
        }
        if (made > LargestPadded && made > LargestPaddingGrowth * had)
            throw FoveaException.BadData($"A padding makes {made:0} numbers of {had:0}.");
        return shape;
    }

    /// <summary>The position whose number stands at a position that may lie outside.</summary>
    private static long From(long at, long size, string mode)
    {
        if (mode == "edge" || size == 1) return Math.Clamp(at, 0, size - 1);
        long period = mode == "wrap" ? size : 2 * (size - 1), within = (at % period + period) % period;
        return within < size ? within : period - within;
    }

    /// <summary>Repeats along dimensions of size 1, so that the value has the sizes where those are larger; both may have fewer.</summary>
    private static Func<OperatorCall, Tensor> Broadcast(OperatorAttributes attributes)
    {
        SizeList sizes = new(attributes);
        return x =>
        {
            long[] asked = sizes.Of(x), own = x[0].shape;
            var shape = new long[Math.Max(asked.Length, own.Length)];
            for (int i = 1; i <= shape.Length; i++)
            {
                (long ask, long have) = (i <= asked.Length ? asked[^i] : 1, i <= own.Length ? own[^i] : 1);
                shape[^i] = ask is 1 or -1 ? have : ask;
            }
            return x[0].expand(shape);
        };
    }
}
