using Fovea.Checkpoints;
using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>The images' sizes as a file says them; null where it leaves one open.</summary>
/// <param name="Name">The input.</param>
/// <param name="Batch">How many together.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
/// <param name="IsLast">Whether colours are the last axis: <c>[N, H, W, 3]</c>.</param>
/// <param name="IsWhole">Whether they are whole numbers.</param>
/// <param name="IsBound">Whether the file leaves height or width open, and they are those of the images that it is opened for.</param>
/// <param name="IsAlone">Whether the file leaves their number open, and it is opened for one.</param>
internal readonly record struct OnnxImages(
    string Name, long? Batch, long? Height, long? Width, bool IsLast, bool IsWhole, bool IsBound, bool IsAlone);

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
            ? $"{_path} takes no images: its inputs are {(list.Length == 0 ? "none" : list)}, where one of [images, 3, height, width] or "
                + "[images, height, width, 3] is needed."
            : $"{_path} takes {inputs.Length} inputs ({list}), where one of images is given. Export a module that takes images alone.");

        static string Word(OnnxDimension size) =>
            size.Length?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? (size.Name.Length > 0 ? size.Name : "any");
    }

    private static bool IsImages(OnnxValueInfo input) =>
        input.Sizes is [_, var second, _, var last] && (second.Length is null or 3 || last.Length is 3)
            && OnnxTypes.Of(input.Type) is { } type && (type.IsFloatingPoint() || WholeImages.Holds(type));

    /// <summary>
    /// Whether colours are the last axis: the file says so, or leaves all sizes open and moves the last axis to the front first.
    /// </summary>
    private static bool IsLast(OnnxGraph graph, OnnxValueInfo images) => (images.Sizes![1].Length, images.Sizes[3].Length) switch
    {
        (3, _) => false,
        (_, 3) => true,
        _ => graph.Nodes.FirstOrDefault(node => node.Inputs.Contains(images.Name)) is { } first && first.Operator == "Transpose"
            && first.Attributes.GetValueOrDefault("perm")?.Wholes is [0, 3, 1, 2],
    };

    /// <summary>Whether a file's images may be of any height or width.</summary>
    public static bool LeavesSizeOpen(OnnxModel model) =>
        model.Graph?.Inputs.Any(input => input.Sizes is { Count: 4 } sides && sides.Skip(1).Any(side => Size(side) is null)) == true;

    private OnnxValue.InGraph TakeImages(
        OnnxGraph graph, OnnxValueInfo info, bool free, (int Height, int Width)? size, bool one, out OnnxImages images)
    {
        bool last = IsLast(graph, info), whole = OnnxTypes.Of(info.Type) is { } type && !type.IsFloatingPoint();
        int first = last ? 1 : 2;
        long? batch = Size(info.Sizes![0]), height = Size(info.Sizes[first]), width = Size(info.Sizes[first + 1]);
        bool alone = one && batch is null;
        if (alone) batch = 1;
        bool bound = size is not null && (height is null || width is null);
        (height, width) = (height ?? size?.Height, width ?? size?.Width);
        if (batch > MostBatch) throw Bad($"it says that it takes {batch} images together");
        if (height > MostSide || width > MostSide) throw Bad($"it says that it takes images of {height} × {width}");
        if (info.Type != OnnxTypes.Single && !whole) _tensors.Converted.Add(OnnxTypes.Name(info.Type));
        images = new OnnxImages(info.Name, batch, height, width, last, whole, bound, alone);
        (long rows, long columns) = (height ?? UsualSide, width ?? UsualSide);
        List<OnnxPoint> points = batch is { } together && !free
            ? [new OnnxPoint(together, rows, columns)] : [new OnnxPoint(2, rows, columns), new OnnxPoint(3, rows, columns)];
        if (height is null || width is null)
            points.Add(points[0] with { Height = height ?? OtherSide, Width = width ?? OtherSide });
        Points = points;
        BakedBatch = free ? (int?)batch : null;
        return new OnnxValue.InGraph(true,
            [.. points.Select(point => last
                ? new[] { point.Images, point.Height, point.Width, 3 } : [point.Images, 3, point.Height, point.Width])],
            whole ? OnnxTypes.Here(info.Type)!.Value.ToScalarType() : ScalarType.Float32)
        { Name = info.Name, IsWhole = whole };
    }

    /// <summary>A size of the images; early files say 0 or −1 where one is open.</summary>
    private static long? Size(OnnxDimension size) => size.Length is > 0 and var length ? length : null;
}
