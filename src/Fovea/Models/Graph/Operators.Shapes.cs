using Fovea.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Graph;

/// <summary>Operations that reorder, cut out and put together, and those that reduce dimensions.</summary>
public static partial class Operators
{
    private static void AddShapes()
    {
        Add("reshape", a => { SizeList sizes = new(a); return x => x[0].reshape(sizes.Of(x)); });
        Add("expand", a => { SizeList sizes = new(a); return x => x[0].expand(sizes.Of(x)); });
        Add("repeat", a => { SizeList sizes = new(a); return x => x[0].repeat(sizes.Of(x)); });
        Add("unflatten",
            a =>
            {
                SizeList sizes = new(a); long dim = a.Int("dim"); return x =>
                x[0].unflatten(dim < 0 ? dim + x[0].dim() : dim, sizes.Of(x));
            });
        Add("permute", a => { long[] dims = a.Ints("dims"); return x => x[0].permute(dims); });
        Add("transpose", a => { (long one, long other) = (a.Int("dim0"), a.Int("dim1")); return x => x[0].transpose(one, other); });
        Add("unsqueeze", a => { long dim = a.Int("dim"); return x => x[0].unsqueeze(dim); });
        Add("squeeze", Squeezed);
        Add("select", a => { (long dim, long index) = (a.Int("dim"), a.Int("index")); return x => x[0].select(dim, index); });
        Add("slice", a =>
        {
            (long dim, long start, long end, long step) =
                (a.Int("dim", 0), a.Int("start", 0), a.Int("end", long.MaxValue), a.Int("step", 1));
            if (step < 0) return x => Backwards(x[0], dim, start, end, step);
            return x => x[0].slice(dim, start, Math.Min(end, x[0].shape[dim < 0 ? dim + x[0].dim() : dim]), step);
        },
            // Where the dimension is known to be the channels', positions stay; of others it is not known what they are.
            a => a.Flag("channels", false) ? SpatialReach.Same : SpatialReach.Unknown);
        // A value and one index a dimension, absent where a dimension is taken whole.
        Add("index", _ => x =>
        {
            var indices = new TensorIndex[x.Count - 1];
            for (int i = 0; i < indices.Length; i++)
                indices[i] = x.Optional(i + 1) is { } index ? TensorIndex.Tensor(index) : TensorIndex.Colon;
            return x[0].index(indices);
        });
        Add("index_select", a => { long dim = a.Int("dim"); return x => x[0].index_select(dim, x[1]); });
        Add("roll", a => { (long[] shifts, long[] dims) = (a.Ints("shifts"), a.Ints("dims")); return x => x[0].roll(shifts, dims); });
        Add("flip", a => { long[] dims = a.Ints("dims"); return x => x[0].flip(dims); });
        Add("pad", a =>
        {
            (long[] pads, double value) = (a.Ints("pads"), a.Number("value", 0)); return x =>
            F.pad(Paddable(x[0], pads), pads, PaddingModes.Constant, value);
        }, Bordered);
        Add("stack", a => { long dim = a.Int("dim", 0); return x => stack(x.All(), dim); });
        Add("chunk", a =>
        {
            (long count, long dim) = (a.Int("chunks"),
            a.Int("dim", 1)); return (OperatorFunction)(x => x[0].chunk(count, dim));
        }, Channels);
        Add("split", a =>
        {
            (long[] sizes, long dim) = (a.Ints("sizes"), a.Int("dim", 1));
            return (OperatorFunction)(x => sizes.Length == 1 ? x[0].split(sizes[0], (int)dim) : x[0].split(sizes, dim));
        }, Channels);
        Add("unbind", a => { long dim = a.Int("dim", 0); return (OperatorFunction)(x => x[0].unbind((int)dim)); });
        Add("pixel_shuffle", a => { long factor = a.Int("factor"); return x => F.pixel_shuffle(x[0], factor); });
        Add("full", a =>
        {
            SizeList sizes = new(a);
            ScalarType type = TypeOf(a);
            Scalar value = a.Scalar("scalar");
            return x => full(sizes.Of(x), value, dtype: type, device: x.Optional(0)?.device);
        });
        Add("arange", a =>
        {
            (Scalar start, Scalar end, Scalar step) = (a.Scalar("start"), a.Scalar("end"), a.Scalar("step"));
            ScalarType type = TypeOf(a);
            return x => arange(start, end, step, dtype: type);
        });
    }

    private static void AddReductions()
    {
        Reduction("sum", (x, dims, keep) => x.sum(dims, keep));
        Reduction("amax", (x, dims, keep) => x.amax(dims, keep));
        Reduction("amin", (x, dims, keep) => x.amin(dims, keep));
        Reduction("prod", Product);
        Reduction("sum_square", (x, dims, keep) => { using Tensor squares = x.square(); return squares.sum(dims, keep); });
        Reduction("log_sum", (x, dims, keep) => { using Tensor sum = x.sum(dims, keep); return sum.log(); });
        Reduction("logsumexp", LogSumExp);
        Reduction("l1_norm", (x, dims, keep) => { using Tensor sizes = x.abs(); return sizes.sum(dims, keep); });
        Reduction("l2_norm", (x, dims, keep) => linalg.vector_norm(x, 2, dims, keep));
        Add("vector_norm", a =>
        {
            (long[] dims, bool keep, double order) = (a.Ints("dims"), a.Flag("keepdim", false), a.Number("order", 2));
            return x => linalg.vector_norm(x[0], order, dims, keep);
        }, Pooled);
        Add("argmax", a => Extreme(a, (x, dim, keep) => x.argmax(dim, keep)));
        Add("argmin", a => Extreme(a, (x, dim, keep) => x.argmin(dim, keep)));
        Add("cumsum", Cumulated);
        // The largest, or smallest, numbers along dim in order, and their places; of equal ones the first.
        Add("topk", a =>
        {
            (long count, long dim, bool largest) = (a.Int("count"), a.Int("dim", -1), a.Flag("largest", true));
            return (OperatorFunction)(x =>
            {
                using var scope = NewDisposeScope();
                var (values, places) = x[0].sort(dim, largest, true);
                return [values.narrow(dim, 0, count).MoveToOuterDisposeScope(), places.narrow(dim, 0, count).MoveToOuterDisposeScope()];
            });
        });
        Add("softmax", a => { long dim = a.Int("dim"); return x => x[0].softmax(dim); }, a => a.Int("dim") == 1
            ? SpatialReach.Same : SpatialReach.Unknown);
        Add("log_softmax", a => { long dim = a.Int("dim"); return x => x[0].log_softmax(dim); }, a => a.Int("dim") == 1
            ? SpatialReach.Same : SpatialReach.Unknown);
        Add("adaptive_max_pool2d", a =>
        {
            long[] grid = a.Ints("grid");
            return x => F.adaptive_max_pool2d(x[0], grid);
        }, a => a.Ints("grid") is [1, 1] ? SpatialReach.Everything : SpatialReach.Unknown);
    }

    private static void AddMatrices()
    {
        Add("matmul", _ => x => MatrixProduct.Of(x[0], x[1]));
        Add("addmm", _ => x => x[0].addmm(x[1], x[2], 1, 1));
        Add("einsum", a => { string equation = a.Text("equation"); return x => einsum(equation, x.All()); });
        // Query, key, value, mask or absent (Vaswani et al. 2017); scale when it is not 1 / √width.
        Add("scaled_dot_product_attention", a =>
        {
            bool causal = a.Flag("causal", false);
            double scale = a.Number("scale", 0);
            return x =>
            {
                using var scope = NewDisposeScope();
                Tensor query = x[0];
                if (scale != 0) query = query * (float)(scale * Math.Sqrt(query.shape[^1]));
                return F.scaled_dot_product_attention(query, x[1], x[2], x.Optional(3), 0.0, causal).MoveToOuterDisposeScope();
            };
        });
    }

    /// <summary>Where the last two dimensions alone are padded, and they are rows and columns: each position is one of before.</summary>
    private static SpatialReach Bordered(OperatorAttributes attributes) => attributes.Ints("pads") switch
    {
        [var left, var right] => SpatialReach.Window([1], [1], [0, left], [1], end: [0, right]),
        [var left, var right, var top, var bottom] => SpatialReach.Window([1], [1], [top, left], [1], end: [bottom, right]),
        _ => SpatialReach.Unknown,
    };

    private static SpatialReach Channels(OperatorAttributes attributes) =>
        attributes.Int("dim", 1) == 1 ? SpatialReach.Same : SpatialReach.Unknown;

    private static SpatialReach Pooled(OperatorAttributes attributes) => !attributes.Has("dims") ? SpatialReach.Everything
        : attributes.Ints("dims") is [2, 3] or [-2, -1] or [-1, -2] ? SpatialReach.Everything : SpatialReach.Unknown;

    /// <summary>A reduction over dims, all of them where they are not given; keepdim.</summary>
    private static void Reduction(string name, Func<Tensor, long[], bool, Tensor> reduce) => Add(name, a =>
    {
        long[]? dims = a.Has("dims") ? a.Ints("dims") : null;
        bool keep = a.Flag("keepdim", false);
        return x => reduce(x[0], dims ?? [.. Enumerable.Range(0, (int)x[0].dim()).Select(dim => (long)dim)], keep);
    }, Pooled);

    private static Tensor Product(Tensor x, long[] dims, bool keep)
    {
        using var scope = NewDisposeScope();
        // The last first, so that those before keep their numbers.
        return dims.Select(dim => dim < 0 ? dim + x.dim() : dim).OrderDescending().Aggregate(x.alias(), (all, dim) => all.prod(dim, keep))
            .MoveToOuterDisposeScope();
    }

    private static Tensor LogSumExp(Tensor x, long[] dims, bool keep)
    {
        using var scope = NewDisposeScope();
        return dims.Select(dim => dim < 0 ? dim + x.dim() : dim).OrderDescending()
            .Aggregate(x.alias(), (all, dim) => all.logsumexp(dim, keep)).MoveToOuterDisposeScope();
    }

    /// <summary>Where the extreme along dim stands, the last of equal ones if asked.</summary>
    private static Func<OperatorCall, Tensor> Extreme(OperatorAttributes attributes, Func<Tensor, long, bool, Tensor> find)
    {
        (long dim, bool keep, bool last) = (attributes.Int("dim", 0), attributes.Flag("keepdim", false), attributes.Flag("last", false));
        return x =>
        {
            if (!last) return find(x[0], dim, keep);
            using var scope = NewDisposeScope();
            return find(x[0].flip(dim), dim, keep).neg().add((Scalar)(x[0].shape[dim < 0 ? dim + x[0].dim() : dim] - 1))
                .MoveToOuterDisposeScope();
        };
    }

    /// <summary>Sums of the numbers up to each along dim; without itself (exclusive), from the end (reverse).</summary>
    private static Func<OperatorCall, Tensor> Cumulated(OperatorAttributes attributes)
    {
        long dim = attributes.Int("dim", 0);
        (bool exclusive, bool reverse) = (attributes.Flag("exclusive", false), attributes.Flag("reverse", false));
        return x =>
        {
            using var scope = NewDisposeScope();
            Tensor value = reverse ? x[0].flip(dim) : x[0], sums = value.cumsum(dim);
            if (exclusive) sums -= value;
            return (reverse ? sums.flip(dim) : sums).MoveToOuterDisposeScope();
        };
    }

    private static Func<OperatorCall, Tensor> Squeezed(OperatorAttributes attributes)
    {
        long[] dims = attributes.Has("dims") ? attributes.Ints("dims") : [];
        if (dims.Length == 0) return x => x[0].squeeze();
        return x =>
        {
            // The last first, so that those before keep their numbers.
            long[] last = [.. dims.Select(dim => dim < 0 ? dim + x[0].dim() : dim).OrderDescending()];
            if (last.Length == 1) return x[0].squeeze(last[0]);
            using var scope = NewDisposeScope();
            return last.Aggregate(x[0], (value, dim) => value.squeeze(dim)).MoveToOuterDisposeScope();
        };
    }

    /// <summary>Every −step-th number from start down to the one before end.</summary>
    private static Tensor Backwards(Tensor x, long dim, long start, long end, long step)
    {
        long size = x.shape[dim < 0 ? dim + x.dim() : dim];
        long first = Math.Clamp(start < 0 ? start + size : start, -1, size - 1);
        long last = Math.Clamp(end < 0 ? end + size : end, -1, size - 1);
        if (first <= last) return x.slice(dim, 0, 0, 1);
        using Tensor places = arange((Scalar)first, last, step, dtype: int64, device: x.device);
        return x.index_select(dim, places);
    }

    /// <summary>The type that the attribute <c>type</c> names, as PyTorch spells it.</summary>
    private static ScalarType TypeOf(OperatorAttributes attributes)
    {
        string name = attributes.Text("type", "float32");
        return ElementTypes.TryParseTorch(name, out ElementType type)
            ? type.ToScalarType() : throw FoveaException.BadData($"There is no type of numbers '{name}'.");
    }
}
