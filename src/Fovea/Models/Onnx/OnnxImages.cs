using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>The images' sizes as a file says them; null where it leaves one open.</summary>
internal readonly record struct OnnxImages(string Name, long? Batch, long? Height, long? Width);

/// <summary>Finds what the images are.</summary>
internal sealed partial class OnnxImporter
{
    private const long UsualSide = 224;
    private const long OtherSide = 288;
    private const long MostSide = 1 << 15;

    private OnnxValueInfo FindImages(OnnxGraph graph)
    {
        HashSet<string> given = [.. graph.Tensors.Select(tensor => tensor.Name), .. graph.Sparse];
        OnnxValueInfo[] inputs = [.. graph.Inputs.Where(input => !given.Contains(input.Name))];
        OnnxValueInfo[] images = [.. inputs.Where(IsImages)];
        if (inputs.FirstOrDefault(input => input.Name.Length == 0) is not null) throw Bad("an input of it has no name");
        if (images.Length == 1 && inputs.Length == 1) return images[0];
        string list = string.Join("; ", inputs.Select(input =>
            $"{input.Name} {OnnxTypes.Name(input.Type)} [{string.Join(", ", (input.Sizes ?? []).Select(Word))}]"));
        throw FoveaException.BadData(images.Length == 0
            ? $"{_path} takes no images: its inputs are {(list.Length == 0 ? "none" : list)}, where one of [images, 3, height, width] is "
                + "needed."
            : $"{_path} takes {inputs.Length} inputs ({list}), where one of images is given. Export a module that takes images alone.");

        static string Word(OnnxDimension size) =>
            size.Length?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? (size.Name.Length > 0 ? size.Name : "any");
    }

    private static bool IsImages(OnnxValueInfo input) =>
        input.Sizes is [_, { Length: null or 3 }, _, _] && OnnxTypes.Of(input.Type) is { } type
            && Checkpoints.ElementTypes.IsFloatingPoint(type);

    private OnnxValue.InGraph TakeImages(OnnxValueInfo info, bool free, out OnnxImages images)
    {
        long? batch = Size(info.Sizes![0]), height = Size(info.Sizes[2]), width = Size(info.Sizes[3]);
        if (batch > MostBatch) throw Bad($"it says that it takes {batch} images together");
        if (height > MostSide || width > MostSide) throw Bad($"it says that it takes images of {height} × {width}");
        if (info.Type != OnnxTypes.Single) _tensors.Converted.Add(OnnxTypes.Name(info.Type));
        images = new OnnxImages(info.Name, batch, height, width);
        (long rows, long columns) = (height ?? UsualSide, width ?? UsualSide);
        List<OnnxPoint> points = batch is { } together && !free
            ? [new OnnxPoint(together, rows, columns)] : [new OnnxPoint(2, rows, columns), new OnnxPoint(3, rows, columns)];
        if (height is null || width is null)
            points.Add(points[0] with { Height = height ?? OtherSide, Width = width ?? OtherSide });
        Points = points;
        BakedBatch = free ? (int?)batch : null;
        return new OnnxValue.InGraph(true, [.. points.Select(point => new[] { point.Images, 3, point.Height, point.Width })],
            ScalarType.Float32)
        { Name = info.Name };
    }

    /// <summary>A size of the images; early files say 0 or −1 where one is open.</summary>
    private static long? Size(OnnxDimension size) => size.Length is > 0 and var length ? length : null;
}
