using System.Globalization;
using Fovea.Models.Graph;

namespace Fovea.Models.Onnx;

/// <summary>Operators that read between positions.</summary>
internal static partial class OnnxOperators
{
    private static void AddResampling()
    {
        Add("Resize", Resize);
        Add("Upsample", c => Scaled(c, new()
        {
            ["mode"] = c.Text("mode", "nearest"),
            ["coordinates"] = "asymmetric",
            ["nearest"] = "floor",
        }, c.Version >= 9 ? c.Reals(1) : c.Numbers("scales"), null));
        Add("GridSample", c =>
        {
            string mode = c.Text("mode", c.Version >= 20 ? "linear" : "bilinear");
            if (mode is "cubic" or "bicubic") throw new OnnxRefusedException("it reads between positions by cubic interpolation");
            return c.Add("grid_sample", new()
            {
                ["mode"] = mode == "nearest" ? mode : "bilinear",
                ["padding"] = c.Text("padding_mode", "zeros"),
                ["align_corners"] = c.Flag("align_corners", false),
            }, c[0], c[1]);
        });
    }

    private static OnnxValue Resize(OnnxCall c)
    {
        if (c.Version < 11)
        {
            return Scaled(c, new()
            {
                ["mode"] = c.Text("mode", "nearest"),
                ["coordinates"] = "asymmetric",
                ["nearest"] = "floor",
            }, c.Reals(1), null);
        }
        var attributes = new OperatorAttributes
        {
            ["mode"] = c.Text("mode", "nearest"),
            ["coordinates"] = c.Text("coordinate_transformation_mode", "half_pixel"),
            ["nearest"] = c.Text("nearest_mode", "round_prefer_floor"),
            ["cubic"] = c.Number("cubic_coeff_a", -0.75),
            ["exclude_outside"] = c.Flag("exclude_outside", false),
            ["extrapolation"] = c.Number("extrapolation_value", 0),
            ["antialias"] = c.Flag("antialias", false),
        };
        bool bySize = c.Has(3) && c.SizesOf(c[3]) is [{ Count: > 0 }];
        if (bySize && c.Text("keep_aspect_ratio_policy", "stretch") is not "stretch" and var policy) attributes["policy"] = policy;
        return Scaled(c, attributes, bySize ? null : c.Reals(2), bySize ? c.Sizes(3) : null);
    }

    /// <summary>Resampling of the dimensions that change.</summary>
    private static OnnxValue Scaled(OnnxCall c, OperatorAttributes attributes, double[]? scales, OnnxSize[]? sizes)
    {
        int rank = c.Rank(c[0]), count = scales?.Length ?? sizes!.Length;
        long[] axes = c.HasAttribute("axes") ? [.. c.Ints("axes").Select(axis => c.Axis(axis, rank))]
            : [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
        if (axes.Length != count) throw new OnnxRefusedException($"it says {count} sizes for {axes.Length} dimensions");
        OnnxSize[] own = c.SizesOf(c[0]);
        bool part = c.Text("coordinate_transformation_mode", "") == "tf_crop_and_resize", common = attributes.Has("policy");
        double[] roi = part ? c.Reals(1) : [];
        if (part && roi.Length != 2 * count) throw new OnnxRefusedException("the part of its input is not said");
        List<long> changed = [], made = [];
        for (int i = 0; i < count; i++)
        {
            bool whole = !part || roi[i] == 0 && roi[i + count] == 1;
            if (whole && !common && (scales is not null ? scales[i] == 1 : sizes![i] == own[axes[i]])) continue;
            if (own[axes[i]].PerImage || sizes is not null && sizes[i].PerImage)
                throw new OnnxRefusedException("it changes the number of images");
            if (scales is not null) attributes[Nth("scale", changed.Count)] = scales[i];
            if (part) (attributes[Nth("part_start", changed.Count)], attributes[Nth("part_end", changed.Count)]) = (roi[i], roi[i + count]);
            changed.Add(axes[i]);
            made.Add(sizes is not null ? sizes[i].Count : 0);
        }
        if (changed.Count == 0) return c[0];
        attributes["axes"] = changed.ToArray();
        attributes["sizes"] = made.ToArray();
        return c.Add("resize", attributes, c[0]);
    }

    private static string Nth(string name, int axis) => string.Create(CultureInfo.InvariantCulture, $"{name}.{axis}");
}
