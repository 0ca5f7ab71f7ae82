using Fovea.Models.Graph;

namespace Fovea.Models.Pt2;

/// <summary>Operators over windows of one or three dimensions, as networks over channels, tokens or stacks of images have them.</summary>
internal static partial class Pt2Operators
{
    private static void AddSequences()
    {
        Lines["avg_pool1d"] = c => new("avg_pool1d", Row(c, new() { ["count_include_pad"] = c.Flag("count_include_pad", true) }),
            [c.Tensor("self")]);
        Lines["max_pool1d"] = Lines["max_pool1d_with_indices"] = c => new("max_pool1d", Row(c, new() { ["dilation"] = One(c, "dilation", 1) }),
            [c.Tensor("self")]);
        foreach (string kind in (string[])["avg", "max"])
        {
            // The same of images of one row.
            Lines[$"adaptive_{kind}_pool1d"] = c => new("squeeze", new() { ["dims"] = new[] { 2L } },
                [c.Before($"adaptive_{kind}_pool2d", new() { ["grid"] = new[] { 1L, Places(c) } },
                    c.Before("unsqueeze", new() { ["dim"] = 2L }, c.Tensor("self")))]);
        }
        Lines["conv_transpose1d"] = c => new("conv_transpose1d", new()
        {
            ["stride"] = One(c, "stride", 1),
            ["padding"] = One(c, "padding", 0),
            ["output_padding"] = One(c, "output_padding", 0),
            ["dilation"] = One(c, "dilation", 1),
            ["groups"] = c.Int("groups", 1),
        }, [c.Tensor("input"), c.Tensor("weight"), c.Optional("bias")]);
        Lines["conv3d"] = c => c.Argument("padding") is Pt2Argument.Text
            ? throw new Pt2RefusedException("its padding is a word") : new("conv3d", new()
            {
                ["stride"] = Three(c, "stride", [1, 1, 1]),
                ["padding"] = Three(c, "padding", [0, 0, 0]),
                ["dilation"] = Three(c, "dilation", [1, 1, 1]),
                ["groups"] = c.Int("groups", 1),
            }, [c.Tensor("input"), c.Tensor("weight"), c.Optional("bias")]);
        Lines["upsample_linear1d"] = c => Stretched(c, "linear", "half_pixel", "");
        Lines["upsample_nearest1d"] = c => Stretched(c, "nearest", "asymmetric", "floor");
        Lines["_upsample_nearest_exact1d"] = c => Stretched(c, "nearest", "half_pixel", "round_prefer_ceil");
        Lines["unfold"] = c => c.Int("size", 1) is > 0 and var size && c.Int("step", 1) is > 0 and var step
            ? new("windows", new() { ["dim"] = c.Int("dimension", 0), ["size"] = size, ["step"] = step }, [c.Tensor("self")], View: true)
            : throw new Pt2RefusedException("its windows have no size or do not move");
        Lines["col2im"] = c => new("fold", new()
        {
            ["size"] = Sides(c) is var (height, width) ? new[] { height, width } : [],
            ["kernel"] = c.Pair("kernel_size"),
            ["dilation"] = c.Pair("dilation", 1, 1),
            ["padding"] = c.Pair("padding", 0, 0),
            ["stride"] = c.Pair("stride", 1, 1),
        }, [c.Tensor("self")]);
    }

    /// <summary>Kernel, stride, padding and ceil of windows along one dimension.</summary>
    private static OperatorAttributes Row(Pt2Call c, OperatorAttributes attributes)
    {
        long kernel = One(c, "kernel_size", 1)[0], stride = c.Ints("stride", kernel) is [] ? kernel : One(c, "stride", kernel)[0];
        if (kernel < 1 || stride < 1) throw new Pt2RefusedException("its windows have no size or do not move");
        attributes["kernel"] = new[] { kernel };
        attributes["stride"] = new[] { stride };
        attributes["padding"] = One(c, "padding", 0);
        attributes["ceil"] = c.Flag("ceil_mode", false);
        return attributes;
    }

    private static long Places(Pt2Call c) => c.Ints("output_size") is [> 0 and <= LargestSide and var places]
        ? places : throw new Pt2RefusedException("its number of places cannot be");

    /// <summary>The length as the file says it, which must follow from what is asked for.</summary>
    private static Pt2Step Stretched(Pt2Call c, string mode, string coordinates, string nearest)
    {
        Pt2Slot input = c.Tensor(c.Has("input") ? "input" : "self");
        // The size that is asked for, where it is, is that of the result.
        _ = c.Argument("output_size");
        if (input.Shape is not [_, _, { Length: { } from }] || c.OutputShape is not [_, _, { Length: > 0 and <= 1 << 20 and var length }])
            throw new Pt2RefusedException("its input or its result has no three known sizes: export with them fixed");
        OperatorAttributes attributes = new()
        {
            ["axes"] = new[] { 2L },
            ["sizes"] = new[] { length },
            ["mode"] = mode,
            ["coordinates"] = c.Flag("align_corners", false) ? "align_corners" : coordinates,
        };
        if (nearest.Length > 0) attributes["nearest"] = nearest;
        double? factor = c.Argument("scale_factors") is Pt2Argument.Numbers { Items: [var one] } ? one
            : c.Has("scales") ? c.Number("scales", 1) : null;
        if (factor is { } given)
        {
            if ((long)Math.Floor(from * given) != length) throw new Pt2RefusedException("its factor does not make the size that the file says");
            attributes["scale.0"] = given;
        }
        return new("resize", attributes, [input]);
    }
}
