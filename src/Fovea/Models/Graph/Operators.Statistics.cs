using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Graph;

/// <summary>Spread and extremes along dimensions, and operations that take another value's sizes.</summary>
public static partial class Operators
{
    private static void AddStatistics()
    {
        // The variance over dims (all when not given), the squares' sum divided by their number less correction; root: its square root.
        Add("variance", a => { Spread spread = new(a); return x => spread.Of(x[0]).MoveToOuterDisposeScope(); });
        Add("variance_and_mean", a =>
        {
            Spread spread = new(a);
            return (OperatorFunction)(x =>
            {
                using var scope = NewDisposeScope();
                return [spread.Of(x[0]).MoveToOuterDisposeScope(), spread.Mean(x[0]).MoveToOuterDisposeScope()];
            });
        });
        // The largest, or smallest, values along dim, and where they stand.
        Add("max_along", a => Along(a, (x, dim, keep) => x.max(dim, keep)));
        Add("min_along", a => Along(a, (x, dim, keep) => x.min(dim, keep)));
        Add("expand_as", _ => x => x[0].expand(x[1].shape), Same);
        Add("reshape_as", _ => x => x[0].reshape(x[1].shape));
        // A weight in the direction of v and of the length g for each place along dim (Salimans and Kingma 2016): v, g.
        Add("weight_norm", a =>
        {
            long dim = a.Int("dim", 0);
            return x =>
            {
                using var scope = NewDisposeScope();
                long[] others = [.. Enumerable.Range(0, (int)x[0].dim()).Select(one => (long)one).Where(one => one != dim)];
                return (x[0] * (x[1] / linalg.vector_norm(x[0], 2, others, true))).MoveToOuterDisposeScope();
            };
        });
        // The product of two values along dim by both of their lengths, which count as at least eps.
        Add("cosine_similarity", a =>
        {
            (long dim, Scalar eps) = (a.Int("dim", 1), a.Number("eps", 1e-8));
            return x =>
            {
                using var scope = NewDisposeScope();
                // Both in the sizes that they have together: dim is one of those.
                IList<Tensor> both = broadcast_tensors(x[0], x[1]);
                Tensor one = linalg.vector_norm(both[0], 2, [dim], true).clamp_min(eps);
                Tensor other = linalg.vector_norm(both[1], 2, [dim], true).clamp_min(eps);
                return ((both[0] / one) * (both[1] / other)).sum([dim]).MoveToOuterDisposeScope();
            };
        });
        Add("eye", a =>
        {
            (long rows, long columns) = (a.Int("rows"), a.Int("columns"));
            ScalarType type = TypeOf(a);
            return _ => eye(rows, columns, dtype: type);
        });
        Add("glu", a => { long dim = a.Int("dim", -1); return x => F.glu(x[0], dim); });
        Add("log_sigmoid", _ => x => F.logsigmoid(x[0]), Same);
        Add("log1p", _ => x => x[0].log1p(), Same);
        Add("log2", _ => x => x[0].log2(), Same);
        Add("log10", _ => x => x[0].log10(), Same);
        Add("expm1", _ => x => x[0].expm1(), Same);
        Add("exp2", _ => x => x[0].exp2(), Same);
        Add("trunc", _ => x => x[0].trunc(), Same);
        // scalar to the power of a value.
        Add("power_of", a =>
        {
            Scalar number = a.Scalar("scalar");
            // TorchSharp's own form with a number first throws.
            return x => { using Tensor of = full([], number, device: x[0].device); return of.pow(x[0]); };
        }, Same);
        Add("div_floor", Two((a, b) => a.div(b, RoundingMode.floor), (a, number) => a.div(number, RoundingMode.floor)), Same);
        Add("pixel_unshuffle", a => { long factor = a.Int("factor"); return x => F.pixel_unshuffle(x[0], factor); });
        // Each window's numbers as one column: kernel, dilation, padding, stride.
        Add("unfold", a =>
        {
            long[] kernel = a.Ints("kernel"), dilation = a.Ints("dilation", 1, 1), padding = a.Ints("padding", 0, 0), stride = a.Ints(
                "stride", 1, 1);
            return x => F.unfold(
                x[0], (kernel[0], kernel[1]), (dilation[0], dilation[1]), (padding[0], padding[1]), (stride[0], stride[1]));
        });
    }

    private static OperatorFunction Along(
        OperatorAttributes attributes, Func<Tensor, long, bool, (Tensor Values, Tensor Places)> find)
    {
        (long dim, bool keep) = (attributes.Int("dim"), attributes.Flag("keepdim", false));
        return x =>
        {
            var (values, places) = find(x[0], dim, keep);
            return [values, places];
        };
    }

    /// <summary>Variance in the form that loses no digits where the mean is large: the mean is subtracted first.</summary>
    private sealed class Spread(OperatorAttributes attributes)
    {
        private readonly long[] _dims = attributes.Has("dims") ? attributes.Ints("dims") : [];
        private readonly double _correction = attributes.Number("correction", 1);
        private readonly bool _keep = attributes.Flag("keepdim", false), _root = attributes.Flag("root", false);

        public Tensor Mean(Tensor x) => _dims.Length == 0 ? x.mean() : x.mean(_dims, _keep);

        public Tensor Of(Tensor x)
        {
            using var scope = NewDisposeScope();
            long[] dims = _dims.Length > 0 ? _dims : [.. Enumerable.Range(0, (int)x.dim()).Select(dim => (long)dim)];
            double count = dims.Aggregate(1.0, (all, dim) => all * x.shape[dim < 0 ? dim + x.dim() : dim]);
            Tensor variance = (x - x.mean(dims, true)).square().sum(dims, _keep) * (float)(1 / Math.Max(0, count - _correction));
            return (_root ? variance.sqrt() : variance).MoveToOuterDisposeScope();
        }
    }
}
