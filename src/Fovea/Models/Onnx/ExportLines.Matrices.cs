using Fovea.Checkpoints;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Operations that reduce dimensions, and products of matrices.</summary>
internal static partial class ExportLines
{
    private static void AddReductions()
    {
        Line("mean", c => c.Op("ReduceMean", [Given(c)], ("axes", c.Dimensions("dims")), Keep(c)));
        Line("amax", c => c.Op("ReduceMax", [c.X], ("axes", c.Dimensions("dims")), Keep(c)));
        // The dimensions are an input of this one alone.
        Line("sum", c => c.Op("ReduceSum", [Given(c), c.Graph.Integers(c.Dimensions("dims"))], Keep(c)));
        Line("vector_norm", c => c.Attributes.Number("order", 2) switch
        {
            1 => c.Op("ReduceL1", [c.X], ("axes", c.Dimensions("dims")), Keep(c)),
            2 => c.Op("ReduceL2", [c.X], ("axes", c.Dimensions("dims")), Keep(c)),
            double.PositiveInfinity => c.Op("ReduceMax", [c.Op("Abs", [c.X])], ("axes", c.Dimensions("dims")), Keep(c)),
            var order => throw new ExportRefusedException($"it is a norm of the order {order}"),
        });
        Line("softmax", c => c.Op("Softmax", [c.X], ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim")))));
        Line("log_softmax", c => c.Op("LogSoftmax", [c.X], ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim")))));
    }

    private static (string, object) Keep(ExportCall c) => ("keepdims", c.Attributes.Flag("keepdim", false) ? 1L : 0L);

    private static void AddMatrices()
    {
        Line("matmul", c => c.Op("MatMul", [c.X, c[1]]));
        Line("addmm", c => c.Op("Add", [c.X, c.Op("MatMul", [c[1], c[2]])]));
        Line("einsum", c => c.Op("Einsum", [.. Enumerable.Range(0, c.Count).Select(i => c[i])],
            ("equation", c.Attributes.Text("equation").Replace(" ", "", StringComparison.Ordinal))));
        Line("scaled_dot_product_attention", Attention);
    }

    /// <summary>
    /// softmax(query · keyᵀ · scale + mask) · value (Vaswani et al. 2017, section 3.2.1); opset 23 has an operator for it.
    /// </summary>
    private static string Attention(ExportCall c)
    {
        double scale = c.Attributes.Number("scale", 0);
        if (scale == 0) scale = 1 / Math.Sqrt(c.Of.Fixed(-1));
        long[] order = [.. Enumerable.Range(0, c.Input(1).Rank).Select(i => (long)i)];
        (order[^1], order[^2]) = (order[^2], order[^1]);
        string scores = c.Op("MatMul", [c.Op("Mul", [c.X, Number(c, scale)]), c.Op("Transpose", [c[1]], ("perm", order))]);
        if (c.Attributes.Flag("causal", false))
            scores = Masked(c, scores, c.Constant("causal", ones([c.Of.Fixed(-2), c.Input(1).Fixed(-2)], dtype: @bool).tril()));
        if (c.Has(3)) scores = c.Input(3).Type == ElementType.Bool ? Masked(c, scores, c[3]) : c.Op("Add", [scores, c[3]]);
        return c.Op("MatMul", [c.Op("Softmax", [scores], ("axis", -1L)), c[2]]);
    }

    private static string Masked(ExportCall c, string scores, string mask) =>
        c.Op("Where", [mask, scores, Number(c, double.NegativeInfinity)]);
}
