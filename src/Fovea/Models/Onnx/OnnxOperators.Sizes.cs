using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Operators that make numbers, ask for sizes, and change them.</summary>
internal static partial class OnnxOperators
{
    private static void AddSizes()
    {
        Add("Constant", Constant);
        Add("ConstantOfShape", Filled);
        Add("Shape", Sizes);
        Add("Size", c => c.AtPoints(c[0], sizes => tensor(sizes.Aggregate(1L, (all, size) => all * size))));
        Add("Reshape", Reshaped);
        Add("Concat", Joined);
    }

    private static OnnxValue Constant(OnnxCall c)
    {
        if (c.HasAttribute("value")) return c.TensorOf("value");
        if (c.HasAttribute("value_float")) return OnnxCall.Constant(tensor((float)c.Number("value_float")));
        if (c.HasAttribute("value_int")) return OnnxCall.Constant(tensor(c.Int("value_int")));
        if (c.HasAttribute("value_floats")) return OnnxCall.Constant(tensor(c.Numbers("value_floats").Select(one => (float)one).ToArray()));
        if (c.HasAttribute("value_ints")) return OnnxCall.Constant(tensor(c.Ints("value_ints")));
        throw new OnnxRefusedException("it holds no numbers");
    }

    /// <summary>One number, 0 where the file says none, in a shape that it says.</summary>
    private static OnnxValue Filled(OnnxCall c)
    {
        OperatorAttributes attributes = OnnxCall.Attributes(c.Sizes(0));
        Tensor value = c.HasAttribute("value") ? c.TensorOf("value").At(0).reshape(-1) : zeros(1);
        if (value.numel() != 1) throw new OnnxRefusedException("it is filled with several numbers");
        attributes["scalar"] = value.is_floating_point() ? value.item<float>() * 1.0 : value.to(int64).item<long>();
        attributes["type"] = Checkpoints.ElementTypes.TorchName(Checkpoints.ElementTypes.Of(value.dtype));
        return c.Add("full", attributes);
    }

    /// <summary>The sizes of a value, known at each point; from start to end since opset 15.</summary>
    private static OnnxValue Sizes(OnnxCall c)
    {
        int rank = c.Rank(c[0]);
        long start = Clamped(c.Int("start", 0)), end = Clamped(c.Int("end", rank));
        return c.AtPoints(c[0], sizes => tensor(sizes[(int)start..(int)Math.Max(start, end)]));

        long Clamped(long at) => Math.Clamp(at < 0 ? at + rank : at, 0, rank);
    }

    /// <summary>
    /// To sizes that the file says: 0 is the input's own, −1 what is left. Where the exporter fixed the number of images, the size that
    /// stands where theirs does is freed, if freeing is asked for.
    /// </summary>
    private static OnnxValue Reshaped(OnnxCall c)
    {
        OnnxSize[] given = c.Version < 5 ? [.. c.Ints("shape").Select(size => new OnnxSize(size, false))] : c.Sizes(1);
        OnnxSize[] old = c.SizesOf(c[0]);
        bool zero = c.Flag("allowzero", false);
        for (int i = 0; i < given.Length; i++)
        {
            if (given[i] is not { Count: 0, PerImage: false } || zero) continue;
            given[i] = i < old.Length ? old[i] : throw new OnnxRefusedException($"it keeps size {i} of {old.Length}");
        }
        if (c.BakedBatch is { } batch && c[0] is OnnxValue.InGraph { OfImages: true }) Free(c, given, old, batch);
        int left = Array.FindIndex(given, size => size is { Count: -1, PerImage: false });
        if (left >= 0 && given.Any(size => size.PerImage) && Left(given, old, left) is { } rest) given[left] = rest;
        if (given.Count(size => size is { Count: -1, PerImage: false }) > 1)
            throw new OnnxRefusedException("two of its sizes are what is left");
        return c.Reshape(c[0], given);
    }

    /// <summary>What is left for a size where the others are known.</summary>
    private static OnnxSize? Left(OnnxSize[] given, OnnxSize[] old, int left)
    {
        (Int128 all, int images) = Product(old);
        (Int128 others, int perImage) = Product([.. given.Where((_, i) => i != left)]);
        if (others == 0 || all % others != 0 || images - perImage is not (0 or 1)) return null;
        return new OnnxSize((long)(all / others), images > perImage);

        static (Int128, int) Product(OnnxSize[] sizes) =>
            (sizes.Aggregate((Int128)1, (product, size) => product > long.MaxValue ? product : product * size.Count),
                sizes.Count(size => size.PerImage));
    }

    /// <summary>
    /// Frees the size that stands where the images' does: after as many numbers as stand before theirs, and a multiple of the batch.
    /// </summary>
    private static void Free(OnnxCall c, OnnxSize[] given, OnnxSize[] old, int batch)
    {
        int images = Array.FindIndex(old, size => size.PerImage);
        if (images < 0 || given.Any(size => size.PerImage)) return;
        Int128 before = old.Take(images).Aggregate((Int128)1, (all, size) => all * size.Count), passed = 1;
        for (int i = 0; i < given.Length && given[i].Count > 0; passed *= given[i++].Count)
        {
            if (passed != before || given[i].Count % batch != 0) continue;
            // Sizes of 1 before it are none of the images', unless one image was exported.
            given[i] = new OnnxSize(given[i].Count / batch, true);
            c.Freed();
            return;
        }
    }

    /// <summary>
    /// One after the other. Where the exporter fixed the number of images, what was made for that many is made for any, if freeing is asked
    /// for: a class token stands before the tokens of each image.
    /// </summary>
    private static OnnxValue Joined(OnnxCall c)
    {
        OnnxValue[] parts = c.All;
        int rank = parts.Max(c.Rank);
        long axis = c.Axis(c.Int("axis", c.Version < 4 ? 1 : null), rank);
        if (parts.Length == 1) return parts[0];
        if (c.BakedBatch is { } batch) Spread(c, parts, rank, (int)axis, batch);
        return c.Add("cat", new() { ["dim"] = axis }, parts);
    }

    private static void Spread(OnnxCall c, OnnxValue[] parts, int rank, int axis, int batch)
    {
        if (parts.Any(part => c.Rank(part) != rank)) return;
        OnnxSize[][] sizes = [.. parts.Select(c.SizesOf)];
        for (int dim = 0; dim < rank; dim++)
        {
            OnnxSize images = sizes.Select(one => one[dim]).FirstOrDefault(size => size.PerImage);
            if (dim == axis || !images.PerImage) continue;
            for (int i = 0; i < parts.Length; i++)
            {
                if (sizes[i][dim].PerImage || sizes[i][dim].Count != images.Count * batch) continue;
                OnnxValue one = c.Add("slice", new() { ["dim"] = dim, ["start"] = 0, ["end"] = 1 }, parts[i]);
                OnnxSize[] wide = [.. sizes[i]];
                wide[dim] = images;
                parts[i] = c.Add("expand", OnnxCall.Attributes(wide), one);
                c.Freed();
            }
        }
    }
}
