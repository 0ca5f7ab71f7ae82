using Fovea.IO;
using Fovea.Models.Import;
using Fovea.Models.Onnx;
using Fovea.Models.Pt2;

namespace Fovea.Models;

/// <summary>Networks in files of other tools; the form is found from the content, the name decides nothing.</summary>
public static class NetworkFile
{
    /// <summary>Reads a network; dispose it.</summary>
    /// <param name="path">The file: <c>.pt2</c> of <c>torch.export.save</c>, or <c>.onnx</c>.</param>
    /// <param name="output">Which of its outputs is the answer; null: found.</param>
    /// <param name="classes">How many classes the answer has, where that is known: it helps to choose among several outputs.</param>
    /// <param name="before">A file whose graph images go through first; its answer is the network's images. Null: none.</param>
    /// <param name="images">Height and width of the images that it will be given, for an ONNX file that leaves them open and calculates
    /// with them: it then takes this size alone. Null: such a file is refused.</param>
    /// <exception cref="FoveaException">The file is missing, damaged or of no known form, or holds something that is not run here; the
    /// message says what.</exception>
    public static ImportedNetwork Open(
        string path, string? output = null, int? classes = null, string? before = null, (int Height, int Width)? images = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (before is null) return One(path, output, classes, images);
        ImportedNetwork first = One(before, null, null, images);
        try
        {
            return GraphBefore.Join(first, One(path, output, classes, images));
        }
        finally
        {
            first.Dispose();
        }
    }

    /// <summary>The files that a network's file stands for: itself, and those beside it that hold its weights.</summary>
    internal static IReadOnlyList<string> FilesOf(string path) =>
        File.Exists(path) && OnnxFile.IsOne(path) ? [path, .. OnnxFile.FilesBeside(path)] : [path];

    private static string Catalogue => string.Join(", ", Architectures.All.Select(one => one.Name));

    private static ImportedNetwork One(string path, string? output, int? classes, (int Height, int Width)? images)
    {
        if (Directory.Exists(path)) throw FoveaException.BadData($"{path} is a folder. Give the file of a network.");
        PlainFile.Require(path);
        if (!File.Exists(path)) throw FoveaException.BadData($"Cannot read the network {path}: there is no such file.");
        if (new FileInfo(path).Length == 0) throw FoveaException.BadData($"{path} is empty. Fetch or export it again.");
        LfsPointer.Refuse(path);
        if (Pt2File.IsOne(path)) return Pt2File.Open(path, output, classes);
        if (OnnxFile.IsOne(path)) return OnnxFile.Open(path, output, classes, images);
        throw FoveaException.BadData(
            $"{path} is no exported network. In PyTorch, torch.export.save(torch.export.export(model.eval(), (images,), "
                + "dynamic_shapes=({0: torch.export.Dim.DYNAMIC},)), \"network.pt2\") writes one, torch.onnx.export another. (A .pth file contains weights alone. Where they are of one of the "
                    + $"catalogue's networks, {Catalogue}, a recipe names both: [model] architecture = \"resnet18\", weights = \"FILE.pth\"; or fovea model export --arch resnet18 --weights FILE.pth --out FILE.onnx makes one of it.)");
    }
}
