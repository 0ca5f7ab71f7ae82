using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// Reads networks in the form of ONNX (<c>.onnx</c>), what <c>torch.onnx.export</c> and other tools write, as data: a graph of operators as
/// protocol buffers, weights within or in a file beside it. Nothing in the file is executed.
/// </summary>
public static class OnnxFile
{
    /// <summary>Whether a file is one of these, from its content; one that is called <c>.onnx</c> is taken for one, so that opening it says
    /// what is wrong with it.</summary>
    /// <exception cref="FoveaException">It cannot be read.</exception>
    public static bool IsOne(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return true;
        using var reader = new ProtoReader(path);
        try
        {
            bool graph = false, version = false;
            for (int field; (field = reader.Next()) != 0;)
            {
                if (field > 30) return false;
                graph |= field == 7 && reader.IsBytes;
                version |= field == 1;
                reader.Skip();
            }
            return graph && version;
        }
        catch (FoveaException)
        {
            return false;
        }
    }

    /// <summary>Files in its folder that hold its weights.</summary>
    /// <exception cref="FoveaException">The file is damaged.</exception>
    internal static IReadOnlyList<string> FilesBeside(string path)
    {
        using var reader = new ProtoReader(path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return [.. (new OnnxParser(reader).Read().Graph?.Tensors ?? []).Where(tensor => tensor.IsOutside)
            .Select(tensor => tensor.Outside.GetValueOrDefault("location", "")).Where(OnnxTensors.IsBeside).Distinct()
            .Select(location => Path.Combine(folder, location)).Where(File.Exists)];
    }

    /// <summary>Reads a network; dispose it.</summary>
    /// <param name="path">The file; one with its weights must lie beside it where it names one.</param>
    /// <param name="output">Which of its outputs is the answer; null: found by shape, with a note where that is a choice.</param>
    /// <param name="classes">How many classes the answer has, where that is known: it helps to choose.</param>
    /// <param name="images">Height and width of the images that it will be given, for a file that leaves them open and calculates with
    /// them.</param>
    /// <exception cref="FoveaException">
    /// The file or its weights are missing or damaged, or its answer depends on an operator or a loop that is not run here; the message
    /// names it with the module in which it stands.
    /// </exception>
    public static ImportedNetwork Open(
        string path, string? output = null, int? classes = null, (int Height, int Width)? images = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var reader = new ProtoReader(path);
        OnnxModel model = new OnnxParser(reader).Read();
        IReadOnlyList<string> notes = OnnxVersions.Require(model, path);
        using var tensors = new OnnxTensors(reader, path);
        bool open = images is not null && OnnxImporter.LeavesSizeOpen(model);
        return ImportedTrial.OpenForOne(one =>
        {
            try
            {
                // One image is one of a size that is known.
                return Read(one && open ? images : null, one);
            }
            catch (FoveaException e) when (open && !one && e.Kind == FailureKind.Data)
            {
                return Read(images, one);
            }
        });

        ImportedNetwork Read((int Height, int Width)? size, bool one) =>
            ImportedTrial.Open(free => OnnxImporter.Read(model, tensors, path, free, size, one, notes), output, classes);
    }
}
