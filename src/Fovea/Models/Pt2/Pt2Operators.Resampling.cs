using System.Globalization;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>Operators that make maps larger or smaller, and those that lay windows out.</summary>
internal static partial class Pt2Operators
{
    private const long LargestSide = 1 << 13;

    private static void AddResampling()
    {
        foreach (var (name, mode, coordinates, nearest) in ((string, string, string, string)[])
            [("upsample_nearest2d", "nearest", "asymmetric", "floor"),
                ("_upsample_nearest_exact2d", "nearest", "half_pixel", "round_prefer_ceil"),
                ("upsample_bilinear2d", "linear", "half_pixel", ""), ("upsample_bicubic2d", "cubic", "half_pixel", "")])
            Lines[name] = c => Resize(c, mode, coordinates, nearest, antialias: false);
        Lines["_upsample_bilinear2d_aa"] = c => Resize(c, "linear", "half_pixel", "", antialias: true);
        Lines["_upsample_bicubic2d_aa"] = c => Resize(c, "cubic", "half_pixel", "", antialias: true);
        Lines["affine_grid_generator"] = AffineGrid;
        Lines["conv_transpose2d"] = c => Transposed(c, "input");
        Lines["conv1d"] = c => Line(c);
        Lines["im2col"] = c =>
        {
            OperatorAttributes attributes = new()
            {
                ["kernel"] = c.Pair("kernel_size"),
                ["dilation"] = c.Pair("dilation", 1, 1),
                ["padding"] = c.Pair("padding", 0, 0),
                ["stride"] = c.Pair("stride", 1, 1),
            };
            return new("unfold", attributes, [c.Tensor("self")]);
        };
        Lines["pixel_unshuffle"] = c => new("pixel_unshuffle", new() { ["factor"] = c.Int("downscale_factor", 1) }, [c.Tensor("self")]);
        Lines["grid_sampler"] = Lines["grid_sampler_2d"] = c => c.Int("interpolation_mode", 0) is 0 or 1
            ? new("grid_sample", new()
            {
                ["mode"] = c.Int("interpolation_mode", 0) == 0 ? "bilinear" : "nearest",
                ["padding"] = c.Int("padding_mode", 0) switch { 0 => "zeros", 1 => "border", _ => "reflection" },
                ["align_corners"] = c.Flag("align_corners", false),
            }, [c.Tensor("input"), c.Tensor("grid")])
            : throw new Pt2RefusedException("it samples by cubic interpolation");
        Lines["avg_pool3d"] = c => Solid(c, "avg_pool3d");
        Lines["max_pool3d"] = Lines["max_pool3d_with_indices"] = c => Solid(c, "max_pool3d");
    }

    /// <summary>Sizes as the file says them, which must follow from what is asked for.</summary>
    private static Pt2Step Resize(Pt2Call c, string mode, string coordinates, string nearest, bool antialias)
    {
        Pt2Slot input = c.Tensor(c.Has("input") ? "input" : "self");
        (long height, long width) = Sides(c);
        if (input.Shape is not [_, _, { Length: { } from }, { Length: { } across }])
            throw new Pt2RefusedException("its input has no four known sizes: export with height and width fixed");
        bool corners = c.Flag("align_corners", false);
        OperatorAttributes attributes = new()
        {
            ["axes"] = new long[] { 2, 3 },
            ["sizes"] = new[] { height, width },
            ["mode"] = mode,
            ["coordinates"] = corners ? "align_corners" : coordinates,
            ["antialias"] = antialias,
            // PyTorch weighs what lies inside alone there.
            ["exclude_outside"] = antialias,
        };
        if (nearest.Length > 0) attributes["nearest"] = nearest;
        // Pillow's parameter, which PyTorch takes where it antialiases; elsewhere it is −0.75.
        if (antialias && mode == "cubic") attributes["cubic"] = -0.5;
        double[] factors = Factors(c);
        for (int i = 0; i < factors.Length; i++)
        {
            if ((long)Math.Floor((i == 0 ? from : across) * factors[i]) != (i == 0 ? height : width))
                throw new Pt2RefusedException("its factors do not make the sizes that the file says");
            attributes[string.Create(CultureInfo.InvariantCulture, $"scale.{i}")] = factors[i];
        }
        return new("resize", attributes, [input]);
    }

    private static double[] Factors(Pt2Call c)
    {
        if (c.Argument("scale_factors") is Pt2Argument.Numbers { Items: [var height, var width] })
            return [height, width];
        return c.Has("scales_h") && c.Has("scales_w") ? [c.Number("scales_h", 1), c.Number("scales_w", 1)] : [];
    }

    private static (long Height, long Width) Sides(Pt2Call c) =>
        // The size that is asked for, where it is, is that of the result.
        c.Argument("output_size") is var _ && c.OutputShape is [_, _, { Length: > 0 and <= LargestSide and var height }, { Length: > 0 and <= LargestSide and var width }]
            ? (height, width)
            : throw new Pt2RefusedException("its result has no four known sizes of an image: export with height and width fixed");

    /// <summary>Where an affine map, <c>[N, 2, 3]</c>, takes each position of a grid: rows (x, y, 1) times its transpose.</summary>
    private static Pt2Step AffineGrid(Pt2Call c)
    {
        if (c.OutputShape is not [_, { Length: > 0 and <= 1 << 10 and var rows }, { Length: > 0 and <= 1 << 10 and var columns }, { Length: 2 }])
            throw new Pt2RefusedException("its grid is of an unknown size: export with height and width fixed");
        // The sizes that are asked for are those of the result.
        _ = c.Argument("size");
        bool corners = c.Flag("align_corners", false);
        var positions = new float[rows * columns * 3];
        for (long i = 0; i < rows * columns; i++)
            (positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]) = (At(i % columns, columns), At(i / columns, rows), 1);
        Pt2Slot map = c.Before("transpose", new() { ["dim0"] = 1L, ["dim1"] = 2L }, c.Tensor("theta"));
        Pt2Slot made = c.Before("matmul", OperatorAttributes.None, Pt2Call.Known(tensor(positions, [rows * columns, 3])), map);
        return new("unflatten", new() { ["dim"] = 1L, ["shape"] = new[] { rows, columns } }, [made]);

        float At(long place, long count) => count == 1 && corners ? 0 : corners ? 2f * place / (count - 1) - 1 : (2f * place + 1) / count - 1;
    }

    /// <summary>Transposed convolution: the result's sizes must follow from its windows.</summary>
    private static Pt2Step Transposed(Pt2Call c, string name)
    {
        Pt2Slot input = c.Tensor(name), weight = c.Tensor("weight");
        if (weight.Shape is not [_, _, { Length: { } rows }, { Length: { } columns }]
            || input.Shape is not [_, _, { Length: { } height }, { Length: { } width }])
            throw new Pt2RefusedException("its weight or its input has not four known sizes");
        long[] stride = c.Pair("stride", 1, 1), padding = c.Pair("padding", 0, 0), more = c.Pair("output_padding", 0, 0), dilation = c.Pair(
            "dilation", 1, 1);
        if (Sides(c) != (Side(height, rows, 0), Side(width, columns, 1)))
            throw new Pt2RefusedException("its windows do not make the sizes that the file says");
        return new("conv_transpose2d", new()
        {
            ["stride"] = stride,
            ["padding"] = padding,
            ["output_padding"] = more,
            ["dilation"] = dilation,
            ["groups"] = c.Int("groups", 1),
        }, [input, weight, c.Optional("bias")]);

        long Side(long before, long kernel, int axis) =>
            (before - 1) * stride[axis] - 2 * padding[axis] + dilation[axis] * (kernel - 1) + more[axis] + 1;
    }

    /// <summary>A convolution along one dimension, such as that over channels in ECA-Net.</summary>
    private static Pt2Step Line(Pt2Call c)
    {
        if (c.Tensor("weight").Shape is not [{ Length: > 0 }, { Length: > 0 }, { Length: { } width }])
            throw new Pt2RefusedException("its weight has no three known sizes");
        long[] padding = [0], dilation = One(c, "dilation", 1);
        Pt2Slot input = c.Tensor("input");
        if (c.Argument("padding") is not Pt2Argument.Text) padding = One(c, "padding", 0);
        else if (c.Text("padding", "") == "same")
        {
            long around = dilation[0] * (width - 1);
            padding = [around / 2];
            // Where it is odd the end gets one more.
            if (around % 2 != 0) input = c.Before("pad", new() { ["pads"] = new long[] { 0, 1 }, ["value"] = 0.0 }, input);
        }
        return new("conv1d",
            new() { ["stride"] = One(c, "stride", 1), ["padding"] = padding, ["dilation"] = dilation, ["groups"] = c.Int("groups", 1) },
            [input, c.Tensor("weight"), c.Optional("bias")]);
    }

    private static long[] One(Pt2Call c, string name, long fallback) => c.Ints(name, fallback) is [>= 0 and <= 1024 and var one]
        ? [one] : throw new Pt2RefusedException($"its argument {name} is not one number that can be");

    /// <summary>Windows over three dimensions, which normalisation over channels is written with.</summary>
    private static Pt2Step Solid(Pt2Call c, string name)
    {
        if (c.Has("divisor_override")) throw new Pt2RefusedException("it divides by a number of its own");
        OperatorAttributes attributes = new() { ["kernel"] = Three(c, "kernel_size", []), ["ceil"] = c.Flag("ceil_mode", false) };
        attributes["stride"] = Three(c, "stride", attributes.Ints("kernel"));
        attributes["padding"] = Three(c, "padding", [0, 0, 0]);
        if (name == "avg_pool3d") attributes["count_include_pad"] = c.Flag("count_include_pad", true);
        else attributes["dilation"] = Three(c, "dilation", [1, 1, 1]);
        return new(name, attributes, [c.Tensor("self")]);
    }

    private static long[] Three(Pt2Call c, string name, long[] fallback)
    {
        long[] given = c.Ints(name, fallback);
        if (given.Length == 0) given = fallback;
        if (given.Length == 1) given = [given[0], given[0], given[0]];
        return given.Length == 3 && given.All(one => one is >= 0 and <= 1024)
            ? given : throw new Pt2RefusedException($"its argument {name} is not three numbers that can be");
    }
}
