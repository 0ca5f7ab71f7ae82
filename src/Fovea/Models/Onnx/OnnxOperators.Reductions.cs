using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Operators that reduce dimensions, or run along one.</summary>
internal static partial class OnnxOperators
{
    // The version since which the dimensions are an input.
    private static readonly (string Onnx, string Catalogue, long Since)[] Reduced =
    [
        ("ReduceSum", "sum", 13), ("ReduceMean", "mean", 18), ("ReduceMax", "amax", 18), ("ReduceMin", "amin", 18),
        ("ReduceProd", "prod", 18), ("ReduceL1", "l1_norm", 18), ("ReduceL2", "l2_norm", 18), ("ReduceLogSum", "log_sum", 18),
        ("ReduceLogSumExp", "logsumexp", 18), ("ReduceSumSquare", "sum_square", 18),
    ];

    private static void AddReductions()
    {
        foreach (var (name, catalogue, since) in Reduced) Add(name, c => Reduce(c, catalogue, since));
        Add("ArgMax", c => Extreme(c, "argmax"));
        Add("ArgMin", c => Extreme(c, "argmin"));
        Add("Softmax", c => Along(c, (dim, x) => c.Add("softmax", new() { ["dim"] = dim }, x)));
        Add("LogSoftmax", c => Along(c, (dim, x) => c.Add("log_softmax", new() { ["dim"] = dim }, x)));
        Add("Hardmax", c => Along(c, (dim, x) => c.Add("hardmax", new() { ["dim"] = dim }, x)));
        Add("CumSum", c =>
        {
            ScalarType type = OnnxCall.TypeOf(c[0]);
            return To(c, c.Add("cumsum", new()
            {
                ["dim"] = c.Axis((long)c.Scalar(1), c.Rank(c[0])),
                ["exclusive"] = c.Flag("exclusive", false),
                ["reverse"] = c.Flag("reverse", false),
            }, c[0]), type);
        });
        AddMany("TopK", c =>
        {
            long dim = c.Axis(c.Int("axis", -1), c.Rank(c[0])), count = c.Version >= 10 ? (long)c.Scalar(1) : c.Int("k");
            if (c.SizesOf(c[0])[dim] is { PerImage: true } || count < 0 || count > c.SizesOf(c[0])[dim].Count)
                throw new OnnxRefusedException($"it picks {count} of dimension {dim}");
            return c.AddMany("topk", new() { ["count"] = count, ["dim"] = dim, ["largest"] = c.Flag("largest", true) }, 2, c[0]);
        });
    }

    private static OnnxValue Reduce(OnnxCall c, string name, long since)
    {
        int rank = c.Rank(c[0]);
        long[]? axes = Axes(c, 1, since);
        if (axes is null or [])
        {
            if (c.Flag("noop_with_empty_axes", false)) return c[0];
            axes = [.. Enumerable.Range(0, rank).Select(dim => (long)dim)];
        }
        axes = [.. axes.Select(axis => c.Axis(axis, rank)).Distinct().Order()];
        bool keep = c.Flag("keepdims", true);
        ScalarType type = OnnxCall.TypeOf(c[0]);
        if (name is "amax" or "amin" && c.AllSizesOf(c[0]).Any(sizes => axes.Any(axis => sizes[axis] == 0)))
            return OfNothing(c, name, axes, keep, c.SizesOf(c[0]), type);
        // A number without dimensions stands for itself.
        if (rank == 0 && name is not ("sum_square" or "log_sum" or "l1_norm" or "l2_norm")) return c[0];
        OnnxValue x = type.IsFloating() || name is "sum" or "amax" or "amin" or "prod" or "l1_norm" or "sum_square"
            ? c[0] : To(c, c[0], ScalarType.Float32);
        return To(c, c.Add(name, new() { ["dims"] = axes, ["keepdim"] = keep }, x), type);
    }

    /// <summary>The largest of no numbers is −∞, the smallest ∞.</summary>
    private static OnnxValue OfNothing(OnnxCall c, string name, long[] axes, bool keep, OnnxSize[] sizes, ScalarType type)
    {
        if (!type.IsFloating()) throw new OnnxRefusedException("it reduces nothing");
        var left = sizes.Select((size, dim) => axes.Contains(dim) ? new OnnxSize(1, false) : size)
            .Where((_, dim) => keep || !axes.Contains(dim));
        OperatorAttributes attributes = OnnxCall.Attributes([.. left]);
        attributes["scalar"] = name == "amax" ? double.NegativeInfinity : double.PositiveInfinity;
        return c.Add("full", attributes);
    }

    private static OnnxValue Extreme(OnnxCall c, string name) => c.Add(name, new()
    {
        ["dim"] = c.Axis(c.Int("axis", 0), c.Rank(c[0])),
        ["keepdim"] = c.Flag("keepdims", true),
        ["last"] = c.Flag("select_last_index", false),
    }, c[0]);

    /// <summary>
    /// An operation along one dimension; before version 13 along all from that one on together.
    /// </summary>
    private static OnnxValue Along(OnnxCall c, Func<long, OnnxValue, OnnxValue> operation)
    {
        int rank = c.Rank(c[0]);
        long axis = c.Axis(c.Int("axis", c.Version >= 13 ? -1 : 1), rank);
        OnnxSize[] sizes = c.SizesOf(c[0]);
        if (c.Version >= 13 || sizes.Skip((int)axis + 1).All(size => size is { Count: 1, PerImage: false })) return operation(axis, c[0]);
        OnnxValue flat = c.Add("flatten", new() { ["start"] = axis, ["end"] = -1L }, c[0]);
        return c.Reshape(operation(axis, flat), sizes);
    }
}
