using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Graph;

/// <summary>Operations that read between positions.</summary>
public static partial class Operators
{
    private const long LargestResampled = 1 << 16, LargestWeights = 1 << 23;

    private static void AddResampling()
    {
        // axes; for each of them sizes (0: by its scale), scale.0, scale.1 … (absent: by its size); mode, coordinates, nearest, cubic,
        // exclude_outside, antialias, extrapolation; part_start.0, part_end.0 …; policy: stretch, not_larger, not_smaller.
        Add("resize", Resized);
        Add("grid_sample", a =>
        {
            GridSampleMode mode = a.Text("mode", "bilinear") == "nearest" ? GridSampleMode.Nearest : GridSampleMode.Bilinear;
            GridSamplePaddingMode padding = a.Text("padding", "zeros") switch
            {
                "border" => GridSamplePaddingMode.Border,
                "reflection" => GridSamplePaddingMode.Reflection,
                _ => GridSamplePaddingMode.Zeros,
            };
            bool corners = a.Flag("align_corners", false);
            return x => F.grid_sample(x[0], x[1], mode, padding, corners);
        });
    }

    private static Func<OperatorCall, Tensor> Resized(OperatorAttributes a)
    {
        AxisResampling[] ways = [.. a.Ints("axes").Select((_, i) => new AxisResampling
        {
            Mode = a.Text("mode", "nearest"),
            Coordinates = a.Text("coordinates", "half_pixel"),
            Nearest = a.Text("nearest", "round_prefer_floor"),
            Cubic = (float)a.Number("cubic", -0.75),
            ExcludeOutside = a.Flag("exclude_outside", false),
            Antialias = a.Flag("antialias", false),
            Part = ((float)a.Number(Nth("part_start", i), 0), (float)a.Number(Nth("part_end", i), 1)),
        })];
        Scalar extrapolation = a.Number("extrapolation", 0);
        return x =>
        {
            using var scope = NewDisposeScope();
            Tensor value = x[0].alias();
            foreach (var ((axis, made, scale), way) in Resizes(a, x[0].shape).Zip(ways))
            {
                // One position for each: there is nothing between.
                if (scale == 1 && way.Coordinates != "tf_crop_and_resize") continue;
                value = Resample(value, axis, way, value.shape[axis], made, scale, extrapolation);
            }
            return value.MoveToOuterDisposeScope();
        };
    }

    /// <summary>What a resize makes of each of its axes: how many positions, by which scale.</summary>
    /// <exception cref="FoveaException">Of none, none or too many.</exception>
    internal static List<(int Axis, long Made, float Scale)> Resizes(OperatorAttributes a, long[] shape)
    {
        long[] axes = a.Ints("axes"), sizes = a.Ints("sizes"), now = [.. shape];
        string policy = a.Text("policy", "stretch");
        float? common = policy == "stretch" ? null : Common(axes, sizes, shape, policy == "not_larger");
        List<(int, long, float)> all = [];
        for (int i = 0; i < axes.Length; i++)
        {
            long size = now[axes[i]];
            float scale = common ?? (a.Has(Nth("scale", i)) ? (float)a.Number(Nth("scale", i)) : (float)sizes[i] / size);
            long made = common is not null ? (long)(scale * size + 0.5f) : sizes[i] > 0 ? sizes[i] : (long)MathF.Floor(size * scale);
            if (size == 0 || made is < 1 or > LargestResampled || !(scale > 0))
                throw FoveaException.BadData($"A resize makes {made} positions of {size}.");
            // A scale of one leaves the positions as they are, but where another part of them is asked for.
            now[axes[i]] = scale == 1 && a.Text("coordinates", "half_pixel") != "tf_crop_and_resize" ? size : made;
            all.Add(((int)axes[i], now[axes[i]], scale));
        }
        return all;
    }

    private static string Nth(string name, int axis) => string.Create(CultureInfo.InvariantCulture, $"{name}.{axis}");

    /// <summary>One scale for all axes, so that no size becomes larger, or none smaller, than asked.</summary>
    private static float Common(long[] axes, long[] sizes, long[] shape, bool smallest)
    {
        var scales = axes.Select((axis, i) => (float)sizes[i] / shape[axis]);
        return smallest ? scales.Min() : scales.Max();
    }

    private static Tensor Resample(Tensor x, int axis, AxisResampling way, long size, long made, float scale, Scalar extrapolation)
    {
        float[] positions = [.. Enumerable.Range(0, (int)made).Select(at => way.Position(at, size, made, scale))];
        Tensor value;
        if (way.Mode == "nearest")
        {
            value = x.index_select(axis, tensor(positions.Select(at => way.NearestTo(at, size)).ToArray(), device: x.device));
        }
        else
        {
            if (made * size > LargestWeights) throw FoveaException.BadData($"A resize makes {made} positions of {size}.");
            var weights = new float[made * size];
            for (int i = 0; i < made; i++) way.Weigh(positions[i], size, scale, weights.AsSpan((int)(i * size), (int)size));
            Tensor matrix = tensor(weights, [made, size], device: x.device).to(x.dtype);
            value = MatrixProduct.Of(x.transpose(axis, -1), matrix.t()).transpose(axis, -1);
        }
        bool[] outside = [.. positions.Select(at => way.Outside(at, size))];
        if (!outside.Any(one => one)) return value;
        long[] shape = [.. Enumerable.Repeat(1L, (int)x.dim())];
        shape[axis] = made;
        return value.masked_fill(tensor(outside, device: x.device).view(shape), extrapolation);
    }
}
