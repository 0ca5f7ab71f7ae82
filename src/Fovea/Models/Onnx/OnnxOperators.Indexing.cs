using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Operators that pick and place by tables of positions.</summary>
internal static partial class OnnxOperators
{
    private static void AddIndexing()
    {
        Add("Gather", c =>
        {
            long dim = c.Axis(c.Int("axis", 0), c.Rank(c[0]));
            if (c.Fixed(1) is { } index && index.dim() == 0)
                return c.Add("select", new() { ["dim"] = dim, ["index"] = (long)c.Scalar(1) }, c[0]);
            return OfEachImage(c) ?? c.Add("take", new() { ["dim"] = dim }, c[0], c[1]);
        });
        Add("GatherElements", c => c.Add("gather", new() { ["dim"] = c.Axis(c.Int("axis", 0), c.Rank(c[0])) }, c[0], c[1]));
        Add("GatherND", c => c.Add("gather_nd", new() { ["batch_dims"] = c.Int("batch_dims", 0) }, c[0], c[1]));
        Add("Scatter", c => ScatterAlong(c, "none"));
        Add("ScatterElements", c => ScatterAlong(c, Reduction(c)));
        Add("ScatterND", c => c.Add("scatter_nd", new() { ["reduce"] = Reduction(c) }, c[0], c[1], c[2]));
        Add("OneHot", OneHot);
        Add("Compress", Compress);
        Add("NonZero", c => c[0] is OnnxValue.Known { IsFixed: true } ? c.Add("nonzero", OperatorAttributes.None, c[0])
            : throw new OnnxRefusedException("how much it makes depends on the images' numbers"));
    }

    private static string Reduction(OnnxCall c) => c.Text("reduction", "none") is var how and ("none" or "add" or "mul" or "max" or "min")
        ? how : throw new OnnxRefusedException($"it puts numbers together by '{c.Text("reduction")}'");

    private static OnnxValue ScatterAlong(OnnxCall c, string reduce) => c.Add(
        "scatter", new() { ["dim"] = c.Axis(c.Int("axis", 0), c.Rank(c[0])), ["reduce"] = reduce }, c[0], c[1], c[2]);

    /// <summary>The second of two values at the positions, the first elsewhere; negative positions count from the end.</summary>
    private static OnnxValue OneHot(OnnxCall c)
    {
        double depth = c.Scalar(1);
        if (!(depth is >= 1 and <= MostNumbers)) throw new OnnxRefusedException($"it has {depth} places");
        OnnxValue index = To(c, c[0], ScalarType.Int64);
        int rank = c.Rank(index) + 1;
        long axis = c.Axis(c.Int("axis", -1), rank);
        OnnxValue shifted = c.Add("add", new() { ["scalar"] = (long)depth }, index);
        index = c.Add("where", OperatorAttributes.None, c.Add("lt", new() { ["scalar"] = 0L }, index), shifted, index);
        long[] along = [.. Enumerable.Repeat(1L, rank)];
        along[axis] = (long)depth;
        OnnxValue places = OnnxCall.Constant(arange((long)depth, int64).reshape(along));
        OnnxValue on = c.Add("eq", OperatorAttributes.None, c.Add("unsqueeze", new() { ["dim"] = axis }, index), places);
        return c.Add("where", OperatorAttributes.None, on, Value(1), Value(0));

        OnnxValue Value(long which) => c.Add("select", new() { ["dim"] = 0L, ["index"] = which }, c[2]);
    }

    /// <summary>Along a dimension, or of all numbers in a row, those whose condition holds.</summary>
    private static OnnxValue Compress(OnnxCall c)
    {
        if (c.Fixed(1) is null) throw new OnnxRefusedException("how much it makes depends on the images' numbers");
        long[] places = [.. c.Wholes(1).Index().Where(one => one.Item != 0).Select(one => (long)one.Index)];
        bool all = !c.HasAttribute("axis");
        OnnxValue value = all ? c.Add("flatten", new() { ["start"] = 0L, ["end"] = -1L }, c[0]) : c[0];
        return c.Add("index_select", new() { ["dim"] = all ? 0 : c.Axis(c.Int("axis"), c.Rank(c[0])) }, value, Listed(places));
    }
}
