using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Graph;

/// <summary>Normalisations beside those of batches and layers, and attention with all that it can be given.</summary>
public static partial class Operators
{
    private static void AddNormalisations()
    {
        // Each channel of each image by its own mean and variance (Ulyanov et al. 2016): input, weight, bias; eps.
        Add("instance_norm", a =>
        {
            double eps = a.Number("eps", 1e-5);
            return x => F.instance_norm(x[0], null, null, x.Optional(1), x.Optional(2), true, 0.1, eps);
        });
        // Over the last dimensions, as many as the weight has; also gives the mean and the reciprocal standard deviation.
        Add("layer_norm_with_statistics", WithStatistics);
        // x / √(mean of x² + eps) · weight, over the last dimensions (Zhang and Sennrich 2019); count of them.
        Add("rms_norm", a =>
        {
            (long count, Scalar eps) = (a.Int("count", 1), a.Number("eps", 1e-5));
            return x =>
            {
                using var scope = NewDisposeScope();
                Tensor size = x[0].square().mean(Last(count), true);
                Tensor value = x[0] * size.add(eps).rsqrt();
                return (x.Optional(1) is { } weight ? value * weight : value).MoveToOuterDisposeScope();
            };
        });
        Add("local_response_norm", Response, Same);
        // (x − mean) / (√variance + eps) over dims.
        Add("standardise", a =>
        {
            (long[] dims, Scalar eps) = (a.Ints("dims"), a.Number("eps", 1e-9));
            return x =>
            {
                using var scope = NewDisposeScope();
                Tensor centred = x[0] - x[0].mean(dims, true);
                return (centred / centred.square().mean(dims, true).sqrt().add(eps)).MoveToOuterDisposeScope();
            };
        });
        // x by its norm of that order along dim.
        Add("normalise", a =>
        {
            (long dim, double order) = (a.Int("dim", -1), a.Number("order", 2));
            return x => { using Tensor norm = linalg.vector_norm(x[0], order, [dim], true); return x[0] / norm; };
        }, a => a.Int("dim", -1) == 1 ? SpatialReach.Same : SpatialReach.Unknown);
        Add("attention", Attention);
    }

    private static long[] Last(long count) => [.. Enumerable.Range(1, (int)count).Select(i => -(long)i)];

    private static OperatorFunction WithStatistics(OperatorAttributes attributes)
    {
        (long count, Scalar eps) = (attributes.Int("count", 1), attributes.Number("eps", 1e-5));
        long[] last = Last(count);
        return x =>
        {
            using var scope = NewDisposeScope();
            Tensor mean = x[0].mean(last, true), centred = x[0] - mean;
            Tensor narrow = centred.square().mean(last, true).add(eps).rsqrt();
            Tensor value = centred * narrow;
            if (x.Optional(1) is { } weight) value *= weight;
            if (x.Optional(2) is { } bias) value += bias;
            return [value.MoveToOuterDisposeScope(), mean.MoveToOuterDisposeScope(), narrow.MoveToOuterDisposeScope()];
        };
    }

    /// <summary>
    /// x / (k + alpha · mean of the squares of <c>before</c> channels before, itself and <c>after</c> behind)^beta
    /// (Krizhevsky et al. 2012): channels beyond the first and last count as zeros. Any number of spatial dimensions.
    /// </summary>
    private static Func<OperatorCall, Tensor> Response(OperatorAttributes attributes)
    {
        long before = attributes.Int("before"), after = attributes.Int("after");
        Scalar alpha = attributes.Number("alpha", 1e-4), k = attributes.Number("k", 1), beta = attributes.Number("beta", 0.75);
        return x =>
        {
            using var scope = NewDisposeScope();
            Tensor squares = F.pad(x[0].square().flatten(2).unsqueeze(1), [0, 0, before, after], PaddingModes.Constant, 0);
            Tensor mean = F.avg_pool2d(squares, [before + after + 1, 1], [1, 1]).squeeze(1).reshape(x[0].shape);
            return (x[0] / mean.mul(alpha).add(k).pow(beta)).MoveToOuterDisposeScope();
        };
    }

    /// <summary>
    /// Attention (Vaswani et al. 2017) over <c>[N, heads, positions, width]</c>: query, key, value, mask or absent (true where it may
    /// look, or what is added), number of keys that are no padding for each image or absent. scale (1 / √width when 0), causal with so
    /// many <c>past</c> keys before the first query, softcap (0: none). Keys and values may have fewer heads, each for several queries.
    /// Gives the result and the products: <c>products</c> 0 as they are, 1 with the masks, 2 capped, 3 after the softmax.
    /// </summary>
    private static OperatorFunction Attention(OperatorAttributes attributes)
    {
        double scale = attributes.Number("scale", 0), cap = attributes.Number("softcap", 0);
        bool causal = attributes.Flag("causal", false);
        long past = attributes.Int("past", 0), products = attributes.Int("products", 0);
        Scalar? capped = cap > 0 ? cap : null;
        return x =>
        {
            using var scope = NewDisposeScope();
            Tensor query = x[0];
            if (query.dim() != 4 || x[1].dim() != 4 || x[2].dim() != 4 || x[1].shape[3] != query.shape[3] || x[1].shape[2] != x[2].shape[2]
                || x[1].shape[1] != x[2].shape[1] || x[1].shape[1] < 1 || query.shape[1] % x[1].shape[1] != 0
                || x[1].shape[0] != query.shape[0] || x[2].shape[0] != query.shape[0])
                throw FoveaException.BadData($"Queries [{string.Join(", ", query.shape)}], keys [{string.Join(", ", x[1].shape)}] and "
                    + $"values [{string.Join(", ", x[2].shape)}] do not fit.");
            Tensor key = Heads(x[1], query), value = Heads(x[2], query);
            using Scalar root = Math.Sqrt(scale != 0 ? scale : 1 / Math.Sqrt(query.shape[^1]));
            Tensor raw = MatrixProduct.Of(query.mul(root), key.mul(root).transpose(-1, -2)), scores = raw;
            if (x.Optional(3) is { } mask) scores += Additive(mask, key.shape[2]);
            if (causal)
            {
                Tensor allowed = ones([query.shape[2], key.shape[2]], dtype: @bool, device: query.device).tril(past);
                scores = scores.masked_fill(allowed.logical_not(), NegativeInfinity);
            }
            if (x.Optional(4) is { } lengths)
            {
                Tensor within = arange(key.shape[2], int64, query.device).unsqueeze(0).lt(lengths.to(int64).unsqueeze(1));
                scores = scores.masked_fill(within.logical_not().unsqueeze(1).unsqueeze(1), NegativeInfinity);
            }
            Tensor masked = scores;
            if (capped is not null) scores = scores.div(capped).tanh().mul(capped);
            Tensor share = scores.softmax(-1);
            Tensor shown = products switch { 0 => raw, 1 => masked, 2 => scores, _ => share };
            return [MatrixProduct.Of(share, value).MoveToOuterDisposeScope(), shown.MoveToOuterDisposeScope()];
        };
    }

    private static Scalar NegativeInfinity { get; } = double.NegativeInfinity;

    private static Tensor Heads(Tensor x, Tensor query) =>
        x.shape[1] == query.shape[1] ? x : x.repeat_interleave(query.shape[1] / x.shape[1], 1);

    /// <summary>What a mask adds; keys beyond its end are not looked at.</summary>
    private static Tensor Additive(Tensor mask, long keys)
    {
        if (mask.dtype == @bool)
            mask = zeros(mask.shape, dtype: float32, device: mask.device).masked_fill(mask.logical_not(), NegativeInfinity);
        return mask.shape[^1] == keys
            ? mask : F.pad(mask, [0, keys - mask.shape[^1]], PaddingModes.Constant, double.NegativeInfinity);
    }
}
