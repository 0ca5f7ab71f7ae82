using Fovea.Models.Graph;

namespace Fovea.Models.Pt2;

/// <summary>
/// What PyTorch's transformer modules run in evaluation in the place of their parts, one operator each: strict exports have it. Here it is
/// the parts again, as the modules define them (Vaswani et al. 2017).
/// </summary>
internal static partial class Pt2Operators
{
    private static void AddAttention()
    {
        Lines["_native_multi_head_attention"] = c => c.Has("mask") ? throw Masked()
            : IsOfItself(c) ? Attention(c, c.Tensor("query"), c.Int("num_head", 1))
            : throw new Pt2RefusedException("its queries, keys and values are different values");
        Lines["_transformer_encoder_layer_fwd"] = c => c.Has("mask") ? throw Masked()
            : c.Flag("norm_first", false) ? NormalisedFirst(c) : NormalisedAfter(c);
    }

    private static Pt2RefusedException Masked() => new("it is given a mask");

    private static bool IsOfItself(Pt2Call c) =>
        c.Tensor("query").Value == c.Tensor("key").Value && c.Tensor("query").Value == c.Tensor("value").Value;

    /// <summary>x + attention(norm(x)), then that + feed-forward(norm(that)).</summary>
    private static Pt2Step NormalisedFirst(Pt2Call c)
    {
        Pt2Slot x = c.Tensor("src");
        x = Run(c, Plus(x, Run(c, Attention(c, Run(c, Normalised(c, x, 1)), c.Int("num_heads", 1)))));
        return Plus(x, Run(c, FeedForward(c, Run(c, Normalised(c, x, 2)))));
    }

    /// <summary>norm(x + attention(x)), then norm(that + feed-forward(that)).</summary>
    private static Pt2Step NormalisedAfter(Pt2Call c)
    {
        Pt2Slot x = c.Tensor("src");
        x = Run(c, Normalised(c, Run(c, Plus(x, Run(c, Attention(c, x, c.Int("num_heads", 1))))), 1));
        return Normalised(c, Run(c, Plus(x, Run(c, FeedForward(c, x)))), 2);
    }

    /// <summary>Attention of <c>[N, T, D]</c> to itself: one product makes queries, keys and values, in this order.</summary>
    private static Pt2Step Attention(Pt2Call c, Pt2Slot x, long heads)
    {
        long width = c.Int("embed_dim", 0);
        if (heads < 1 || width < 1 || width % heads != 0
            || c.Tensor("qkv_weight").Shape is not [{ Length: { } rows }, _] || rows != 3 * width)
            throw new Pt2RefusedException($"its weights do not make {heads} heads of {width} numbers");
        Pt2Slot all = c.Before("linear", OperatorAttributes.None, x, c.Tensor("qkv_weight"), c.Optional("qkv_bias"));
        Pt2Slot mixed = c.Before("scaled_dot_product_attention", new() { ["causal"] = false, ["scale"] = 0.0 },
            Heads(0), Heads(1), Heads(2), null);
        Pt2Slot side = c.Before("transpose", new() { ["dim0"] = 1L, ["dim1"] = 2L }, mixed);
        Pt2Slot joined = c.Before("flatten", new() { ["start"] = 2L, ["end"] = 3L }, side);
        return new("linear", OperatorAttributes.None, [joined, c.Tensor("proj_weight"), c.Optional("proj_bias")]);

        Pt2Slot Heads(long part)
        {
            Pt2Slot numbers = c.Before("slice", new() { ["dim"] = 2L, ["start"] = part * width, ["end"] = (part + 1) * width }, all);
            Pt2Slot apart = c.Before("unflatten", new() { ["dim"] = 2L, ["shape"] = new[] { heads, width / heads } }, numbers);
            return c.Before("transpose", new() { ["dim0"] = 1L, ["dim1"] = 2L }, apart);
        }
    }

    private static Pt2Step FeedForward(Pt2Call c, Pt2Slot x)
    {
        Pt2Slot wide = c.Before("linear", OperatorAttributes.None, x, c.Tensor("ffn_weight_1"), c.Optional("ffn_bias_1"));
        Pt2Slot active = c.Flag("use_gelu", false)
            ? c.Before("gelu", new() { ["tanh"] = false }, wide) : c.Before("relu", OperatorAttributes.None, wide);
        return new("linear", OperatorAttributes.None, [active, c.Tensor("ffn_weight_2"), c.Optional("ffn_bias_2")]);
    }

    private static Pt2Step Normalised(Pt2Call c, Pt2Slot x, int which) =>
        new("layer_norm", new() { ["shape"] = new[] { c.Int("embed_dim", 0) }, ["eps"] = c.Number("eps", 1e-5) },
            [x, c.Tensor($"norm_weight_{which}"), c.Tensor($"norm_bias_{which}")]);

    private static Pt2Step Plus(Pt2Slot one, Pt2Slot other) => new("add", OperatorAttributes.None, [one, other]);

    private static Pt2Slot Run(Pt2Call c, Pt2Step step) => c.Before(step.Operator, step.Attributes, step.Inputs);
}
