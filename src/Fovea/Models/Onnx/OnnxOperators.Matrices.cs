using Fovea.Models.Graph;

namespace Fovea.Models.Onnx;

/// <summary>Products of matrices.</summary>
internal static partial class OnnxOperators
{
    private static void AddMatrices()
    {
        Add("MatMul", c => c.Add("matmul", OperatorAttributes.None, c[0], c[1]));
        Add("Gemm", Product);
        Add("Einsum", c => c.Add("einsum", new() { ["equation"] = c.Text("equation") }, c.All));
        AddMany("Attention", Attention);
    }

    /// <summary>alpha · A · B + beta · C, as a linear layer where it is one.</summary>
    private static OnnxValue Product(OnnxCall c)
    {
        double alpha = c.Number("alpha", 1), beta = c.Number("beta", 1);
        OnnxValue a = c.Flag("transA", false) ? Turned(c, c[0]) : c[0], b = c.Flag("transB", false) ? c[1] : Turned(c, c[1]);
        if (c.Rank(c[0]) != 2 || c.Rank(c[1]) != 2) throw new OnnxRefusedException("it multiplies what are no matrices");
        OnnxValue? bias = c.Optional(2);
        bool inside = bias is not null && alpha == 1 && beta == 1
            && c.SizesOf(bias) is var sizes && sizes.SkipLast(1).All(size => size is { Count: 1, PerImage: false })
            && sizes.Length > 0 && sizes[^1] == c.SizesOf(b)[0];
        if (inside && c.Rank(bias!) == 2) bias = Kept(bias!, c.Reshape(bias!, [c.SizesOf(b)[0]]));
        OnnxValue product = c.Add("linear", OperatorAttributes.None, a, b, inside ? bias : null);
        if (alpha != 1) product = c.Add("mul", new() { ["scalar"] = alpha }, product);
        if (inside || bias is null || beta == 0) return product;
        if (beta != 1) bias = c.Add("mul", new() { ["scalar"] = beta }, bias);
        return c.Add("add", OperatorAttributes.None, product, bias);
    }

    /// <summary>A transposed weight is named so: it must not load into a network that has it the other way round.</summary>
    private static OnnxValue Turned(OnnxCall c, OnnxValue matrix)
    {
        OnnxValue made = c.Add("permute", new() { ["dims"] = new[] { 1L, 0 } }, matrix);
        if (made is OnnxValue.Known && matrix.Name.Length > 0) made.Name = $"{matrix.Name}.transposed";
        return made;
    }

    /// <summary>
    /// Query, key, value, each <c>[N, heads, positions, width]</c> or <c>[N, positions, heads · width]</c>; mask; keys and values of
    /// earlier calls; number of keys for each image.
    /// </summary>
    private static OnnxValue[] Attention(OnnxCall c)
    {
        bool flat = c.Rank(c[0]) == 3;
        long heads = c.Int("q_num_heads", 0), shared = c.Int("kv_num_heads", 0);
        if (flat && (heads < 1 || shared < 1)) throw new OnnxRefusedException("the file does not say how many heads it has");
        OnnxValue query = Apart(c[0], heads), key = Apart(c[1], shared), value = Apart(c[2], shared);
        long past = 0;
        if (c.Has(4))
        {
            OnnxSize before = c.SizesOf(c[4])[2];
            past = before.PerImage ? throw new OnnxRefusedException("its earlier keys depend on the number of images") : before.Count;
            key = c.Add("cat", new() { ["dim"] = 2L }, c[4], key);
            value = c.Add("cat", new() { ["dim"] = 2L }, c[5], value);
        }
        double scale = c.Number("scale", 0), cap = c.Number("softcap", 0);
        bool causal = c.Flag("is_causal", false);
        OnnxValue? mask = c.Optional(3), lengths = c.Optional(6);
        // ONNX's definition caps what is masked, so that masked keys are looked at again; ONNX Runtime masks what is capped.
        if (cap != 0 && (causal || mask is not null || lengths is not null))
            throw new OnnxRefusedException("it caps products and masks some, in an order on which ONNX and ONNX Runtime do not agree");
        OnnxSize[] q = c.SizesOf(query), k = c.SizesOf(key);
        bool plain = cap == 0 && lengths is null && !Needs(c, 3) && q[1] == k[1] && !(causal && (mask is not null || past > 0))
            && (mask is null || c.SizesOf(mask)[^1] == k[2]);
        OnnxValue[] made = plain
            ? [c.Add("scaled_dot_product_attention", new() { ["causal"] = causal, ["scale"] = scale }, query, key, value, mask)]
            : [.. c.AddMany("attention", new()
            {
                ["causal"] = causal,
                ["past"] = past,
                ["scale"] = scale,
                ["softcap"] = cap,
                ["products"] = c.Int("qk_matmul_output_mode", 0),
            }, Needs(c, 3) ? 2 : 1, query, key, value, mask, lengths)];
        if (flat)
        {
            OnnxValue rows = c.Add("permute", new() { ["dims"] = new long[] { 0, 2, 1, 3 } }, made[0]);
            made[0] = c.Add("flatten", new() { ["start"] = 2L, ["end"] = 3L }, rows);
        }
        return [made[0], key, value, .. made.Skip(1)];

        OnnxValue Apart(OnnxValue x, long count) => !flat ? x : c.Add("permute", new() { ["dims"] = new long[] { 0, 2, 1, 3 } },
            c.Add("unflatten", new() { ["dim"] = 2L, ["shape"] = new[] { count, -1 } }, x));
    }
}
