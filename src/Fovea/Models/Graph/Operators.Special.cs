using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Graph;

/// <summary>Operations that few networks have: special functions, diagonals, windows along a dimension, matrices, writing by index.</summary>
public static partial class Operators
{
    private static readonly (string Name, Func<Tensor, Tensor> Function)[] SpecialFunctions =
    [
        ("erfinv", x => x.erfinv()), ("lgamma", x => x.lgamma()), ("digamma", x => x.digamma()),
        ("sinc", x => x.sinc()), ("i0", x => x.i0()),
    ];

    private static void AddSpecial()
    {
        foreach (var (name, function) in SpecialFunctions) Add(name, _ => x => function(x[0]), Same);
        Add("atan2", _ => x => x[0].atan2(x[1]), Same);
        Add("copysign", _ => x => x[0].copysign(x[1]), Same);
        Add("xlogy", _ => x => x[0].xlogy(x[1]), Same);
        // Of a number and one that is not one, the number.
        Add("fmax", _ => x => x[0].fmax(x[1]), Same);
        Add("fmin", _ => x => x[0].fmin(x[1]), Same);
        // What stands for NaN, +∞ and −∞: by itself 0 and the largest and smallest number of the type.
        Add("nan_to_num", a =>
        {
            double nan = a.Number("nan", 0);
            double? most = a.Has("posinf") ? a.Number("posinf") : null, least = a.Has("neginf") ? a.Number("neginf") : null;
            return x => x[0].nan_to_num(nan, most, least);
        }, Same);
        Add("cumprod", a => { long dim = a.Int("dim"); return x => x[0].cumprod(dim); });
        Add("logcumsumexp", a => { long dim = a.Int("dim"); return x => x[0].logcumsumexp(dim); });
        Add("cummax", a => Running(a.Int("dim"), (x, dim) => x.cummax(dim)));
        Add("cummin", a => Running(a.Int("dim"), (x, dim) => x.cummin(dim)));
        Add("min_and_max", a =>
        {
            (long dim, bool keep) = (a.Int("dim"), a.Flag("keepdim", false));
            return (OperatorFunction)(x => [x[0].amin([dim], keep), x[0].amax([dim], keep)]);
        });
        // Of equal numbers the first stands first.
        Add("argsort", a =>
        {
            (long dim, bool descending) = (a.Int("dim", -1), a.Flag("descending", false));
            return x =>
            {
                var (values, places) = x[0].sort(dim, descending, true);
                values.Dispose();
                return places;
            };
        });
        Add("diagonal", a =>
        {
            (long offset, long one, long other) = (a.Int("offset", 0), a.Int("dim1", 0), a.Int("dim2", 1));
            return x => x[0].diagonal(offset, one, other);
        });
        Add("diag_embed", a =>
        {
            (long offset, long one, long other) = (a.Int("offset", 0), a.Int("dim1", -2), a.Int("dim2", -1));
            return x => diag_embed(x[0], offset, one, other);
        });
        // Windows of size numbers along dim, step apart; the numbers of each are a new last dimension.
        Add("windows", a =>
        {
            (long dim, long size, long step) = (a.Int("dim"), a.Int("size"), a.Int("step"));
            return x => x[0].unfold(dim, size, step);
        });
        // The inverse of unfold: columns of windows' numbers summed where they lie: size, kernel, dilation, padding, stride.
        Add("fold", a =>
        {
            long[] size = a.Ints("size"), kernel = a.Ints("kernel"), dilation = a.Ints("dilation", 1, 1), padding = a.Ints("padding", 0, 0),
                stride = a.Ints("stride", 1, 1);
            return x => F.fold(x[0], (size[0], size[1]), (kernel[0], kernel[1]), (dilation[0], dilation[1]), (padding[0], padding[1]),
                (stride[0], stride[1]));
        });
        Add("meshgrid", a =>
        {
            string order = a.Text("indexing", "ij");
            return (OperatorFunction)(x => [.. meshgrid(x.All(), order)]);
        });
        Add("cdist", a => { double p = a.Number("p", 2); return x => cdist(x[0], x[1], p); });
        Add("matrix_exp", _ => x => { using Tensor whole = x[0].contiguous(); return whole.matrix_exp(); });
        Add("inverse", _ => x => linalg.inv(x[0]));
        Add("det", _ => x => linalg.det(x[0]));
        // gather of a value and an index that are repeated where the other has more along another dimension.
        Add("take_along_dim", a => { long dim = a.Int("dim"); return x => x[0].take_along_dim(x[1], dim); });
        // A value, updates, and one index a dimension, absent where a dimension is taken whole; accumulate adds.
        Add("index_put", a => { bool accumulate = a.Flag("accumulate", false); return x => Put(x, accumulate); });
        // A value, whole positions along dim, and what is added there, alpha times.
        Add("index_add", a =>
        {
            (long dim, Scalar alpha) = (a.Int("dim"), a.Number("alpha", 1));
            return x => x[0].index_add(dim, x[1], x[2], alpha);
        });
    }

    private static Tensor Put(OperatorCall x, bool accumulate)
    {
        using var scope = NewDisposeScope();
        Tensor?[] given = [.. Enumerable.Range(2, x.Count - 2).Select(x.Optional)];
        TensorIndex[] indices = [.. given.Select(index => index is null ? TensorIndex.Colon : TensorIndex.Tensor(index))];
        // libtorch 2.10 crashes where it adds at places of some dimensions and takes others whole: those are given their places too.
        if (accumulate && given.Any(index => index is null)) indices = Everywhere(x[0], given);
        return x[0].clone().index_put_(x[1], indices, accumulate).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Places for every dimension, in the order in which numbers are picked: what is indexed stands where the first index does if indices are
    /// neighbours, and first of all if they are not.
    /// </summary>
    private static TensorIndex[] Everywhere(Tensor x, Tensor?[] given)
    {
        int[] picked = [.. Enumerable.Range(0, given.Length).Where(i => given[i] is not null)];
        if (picked.Any(i => given[i]!.dtype == ScalarType.Bool)) throw FoveaException.BadData("Adding where a mask is, along some dimensions alone, is not known.");
        Tensor[] together = [.. broadcast_tensors([.. picked.Select(i => given[i]!.to(int64))])];
        int size = (int)together[0].dim(), rank = (int)x.dim(), first = picked[^1] - picked[0] == picked.Length - 1 ? picked[0] : 0;
        int[] whole = [.. Enumerable.Range(0, rank).Except(picked)];
        var indices = new TensorIndex[rank];
        for (int i = 0; i < picked.Length; i++)
            indices[picked[i]] = TensorIndex.Tensor(together[i].reshape([.. together[i].shape, .. Enumerable.Repeat(1L, whole.Count(dim => dim >= first))]));
        for (int i = 0; i < whole.Length; i++)
        {
            // Its place among the result's dimensions, counted from the last one.
            long[] shape = [.. Enumerable.Repeat(1L, whole.Length + size)];
            shape[whole[i] < first ? i : i + size] = x.shape[whole[i]];
            indices[whole[i]] = TensorIndex.Tensor(arange(x.shape[whole[i]], int64, x.device).view(shape));
        }
        return indices;
    }

    private static OperatorFunction Running(long dim, Func<Tensor, long, (Tensor Values, Tensor Places)> extreme) => x =>
    {
        var (values, places) = extreme(x[0], dim);
        return [values, places];
    };
}
