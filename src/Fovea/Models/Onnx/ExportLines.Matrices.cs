using Fovea.Checkpoints;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Operations that reduce dimensions, and products of matrices.</summary>
internal static partial class ExportLines
{
    private static void AddReductions()
    {
        foreach (var (name, operation) in ((string, string)[])[("mean", "ReduceMean"), ("amax", "ReduceMax"), ("amin", "ReduceMin"),
            ("prod", "ReduceProd"), ("sum_square", "ReduceSumSquare"), ("log_sum", "ReduceLogSum"), ("logsumexp", "ReduceLogSumExp"),
            ("l1_norm", "ReduceL1"), ("l2_norm", "ReduceL2")])
            Line(name, c => c.Op(operation, [Given(c)], ("axes", Over(c)), Keep(c)));
        // The dimensions are an input of this one alone.
        Line("sum", c => c.Op("ReduceSum", [Given(c), c.Graph.Integers(Over(c))], Keep(c)));
        Line("vector_norm", c => Norm(c, c.X, Over(c), Keep(c)));
        Line("variance", Variance);
        Lines.Add("variance_and_mean", c => [Variance(c), c.Op("ReduceMean", [c.X], ("axes", Over(c)), Keep(c))]);
        foreach (var (name, operation) in ((string, string)[])[("argmax", "ArgMax"), ("argmin", "ArgMin")])
            Line(name, c => c.Op(operation, [c.X], Axis(c), Keep(c), ("select_last_index", c.Attributes.Flag("last", false) ? 1L : 0L)));
        foreach (string kind in (string[])["Max", "Min"])
        {
            Lines.Add($"{kind.ToLowerInvariant()}_along", c =>
                [c.Op($"Reduce{kind}", [c.X], ("axes", (long[])[c.Of.Dimension(c.Attributes.Int("dim"))]), Keep(c)),
                    c.Op($"Arg{kind}", [c.X], Axis(c), Keep(c))]);
        }
        Line("cumsum", c => c.Op("CumSum", [Given(c), c.Graph.Scalar(c.Of.Dimension(c.Attributes.Int("dim", 0)), ElementType.I64)],
            ("exclusive", c.Attributes.Flag("exclusive", false) ? 1L : 0L), ("reverse", c.Attributes.Flag("reverse", false) ? 1L : 0L)));
        Lines.Add("topk", c => c.Many("TopK", [c.X, c.Graph.Integers(c.Attributes.Int("count"))], 2,
            ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim", -1))), ("largest", c.Attributes.Flag("largest", true) ? 1L : 0L)));
        Line("softmax", c => c.Op("Softmax", [c.X], ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim")))));
        Line("log_softmax", c => c.Op("LogSoftmax", [c.X], ("axis", (long)c.Of.Dimension(c.Attributes.Int("dim")))));
    }

    /// <summary>The dimensions that are reduced: all where none are named.</summary>
    private static long[] Over(ExportCall c) =>
        c.Attributes.Has("dims") ? c.Dimensions("dims") : [.. Enumerable.Range(0, c.Of.Rank).Select(dim => (long)dim)];

    private static string Norm(ExportCall c, string x, long[] dims, (string, object) keep) => c.Attributes.Number("order", 2) switch
    {
        1 => c.Op("ReduceL1", [x], ("axes", dims), keep),
        2 => c.Op("ReduceL2", [x], ("axes", dims), keep),
        double.PositiveInfinity => c.Op("ReduceMax", [c.Op("Abs", [x])], ("axes", dims), keep),
        var order => throw new ExportRefusedException($"it is a norm of the order {order}"),
    };

    /// <summary>The squares of what is left without the mean, by their number less the correction; its root if asked.</summary>
    private static string Variance(ExportCall c)
    {
        long[] dims = Over(c);
        double count = dims.Aggregate(1.0, (all, dim) => all * c.Of.Fixed(dim)) - c.Attributes.Number("correction", 1);
        string centred = c.Op("Sub", [c.X, c.Op("ReduceMean", [c.X], ("axes", dims), ("keepdims", 1L))]);
        string sum = c.Op("ReduceSumSquare", [centred], ("axes", dims), Keep(c));
        string variance = c.Op("Mul", [sum, Number(c, 1 / Math.Max(0, count))]);
        return c.Attributes.Flag("root", false) ? c.Op("Sqrt", [variance]) : variance;
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
