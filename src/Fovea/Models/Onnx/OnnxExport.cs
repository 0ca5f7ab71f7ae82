using Fovea.IO;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>Networks as ONNX files (IR 8, opset 17), for ONNX Runtime and other tools.</summary>
public static class OnnxExport
{
    /// <summary>The version of ONNX's operators that is written.</summary>
    public const int Opset = 17;

    /// <summary>Bytes that a file may have: protobuf counts in 31 bits.</summary>
    public const long LargestFile = int.MaxValue;

    /// <summary>
    /// Writes a network as it is in evaluation: <c>[N, 3, H, W]</c> → its answer, N free unless the network takes only a fixed number of
    /// images. Values keep the layers' names, tensors those of <see cref="ImageModel.State"/>. The file is there whole or not at all.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How; null: as <see cref="OnnxExportOptions"/> says.</param>
    /// <param name="cancellation">Ends it; nothing is left then.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="FoveaException">Configuration: the file exists. Data: the network has an operation that has no form in ONNX, or
    /// more numbers than such a file holds; the message names the layer. Resource: it cannot be written.</exception>
    public static OnnxExportSummary Write(
        ImageModel model, string path, OnnxExportOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OnnxExportOptions();
        model = model.AsWritten();
        RequireFree(path, options.Overwrite);
        (int height, int width) = options.ImageSize ?? model.Preprocessing.OutputSize;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // Values of tokens as the network has them: grids are this program's way to look at them.
        NetworkGraph network = GridRewrite.Undo(model.Graph);
        ExportTrace trace = ExportTrace.Of(network, model, new Probe { Output = true }, height, width, cancellation);
        ExportGraph graph = Translate(network, model, trace);
        ExportMessage file = new ExportFile(network, model, trace, graph).Message(options.Preprocessing);
        if (file.Length > LargestFile)
        {
            throw FoveaException.BadData(
                $"{model.Architecture} would fill {file.Length / 1e9:0.0} GB, and an ONNX file ends at 2 GB: it cannot be written.");
        }
        AtomicFile.Write(path, stream => file.WriteTo(stream, cancellation));
        return new OnnxExportSummary(
            path, file.Length, graph.Nodes.Count, graph.Tensors.Count, network.Input, network.Output, network.FixedBatch, height, width)
        {
            AnswerShape = [.. trace[network.Output].Sizes.Skip(1).Select(one => one.Count)],
        };
    }

    /// <summary>Throws where <see cref="Write"/> would because of what is at a path.</summary>
    /// <exception cref="FoveaException">There is a folder, or a file that is not to be replaced.</exception>
    public static void RequireFree(string path, bool overwrite)
    {
        if (Directory.Exists(path)) throw FoveaException.BadConfiguration($"{path} is a folder. Give the name of the file to write.");
        if (!overwrite && File.Exists(path))
            throw FoveaException.BadConfiguration($"{path} exists. Give another name, or --force to replace it.");
    }

    /// <summary>A network as a file in memory, for images to some of its values: no metadata, nothing that they do not depend on.</summary>
    /// <param name="network">The network as it was written.</param>
    /// <param name="model">Its weights.</param>
    /// <param name="trace">Sizes of what the values depend on.</param>
    /// <param name="outputs">The values.</param>
    /// <exception cref="FoveaException">Data: a layer cannot be written as ONNX.</exception>
    /// <exception cref="ExportRefusedException">It has more numbers than such a file holds.</exception>
    internal static byte[] ForReading(NetworkGraph network, ImageModel model, ExportTrace trace, IReadOnlyList<string> outputs)
    {
        ExportGraph graph = Translate(network, model, trace);
        ExportMessage file = new ExportFile(network, model, trace, graph).ForReading(outputs);
        if (file.Length > Array.MaxLength)
            throw new ExportRefusedException($"its weights would fill {file.Length / 1e9:0.0} GB, and ONNX in memory ends at 2 GB");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)file.Length);
        using var stream = new MemoryStream(bytes);
        file.WriteTo(stream, CancellationToken.None);
        return bytes;
    }

    private static ExportGraph Translate(NetworkGraph network, ImageModel model, ExportTrace trace)
    {
        var names = network.Weights.Select(weight => weight.Name).Concat(network.Nodes.SelectMany(node => node.Outputs));
        var graph = new ExportGraph(names.Append(network.Input), network.Input);
        foreach (GraphNode node in trace.Nodes)
        {
            string value = node.Outputs.First(trace.Has);
            if (!IsOfTheCatalogue(node.Operator)) throw Refused(value, node, "it is an operator of its own, known by its function alone");
            Func<ExportCall, string[]> line = ExportLines.Of(node.Operator.Name)
                ?? throw Refused(value, node, "this operator is not among those that are written");
            int start = graph.Nodes.Count;
            try
            {
                string[] made = line(new ExportCall(graph, trace, node));
                for (int i = 0; i < node.Outputs.Count; i++)
                    if (trace.Has(node.Outputs[i])) graph.Name(start, made[i], node.Outputs[i]);
            }
            catch (ExportRefusedException e)
            {
                throw Refused(value, node, e.Message);
            }
        }
        HashSet<string> read = [.. graph.Nodes.SelectMany(node => node.Inputs)];
        foreach (var (name, weight) in model.State)
            if (read.Contains(name)) graph.Weight(name, weight);
        return graph;
    }

    /// <summary>A network's own operator may have a name of the catalogue and do something else.</summary>
    private static bool IsOfTheCatalogue(Operator one) => Operators.All.Contains(one);

    private static FoveaException Refused(string layer, GraphNode node, string why) => FoveaException.BadData(
        $"The layer {layer} ({node.Operator}) cannot be written as ONNX: {why}.");
}

/// <summary>How a network is written as ONNX.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Whether a file that exists is replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether the file says what images go through first (<see cref="ImageModel.Preprocessing"/>).</summary>
    public bool Preprocessing { get; init; } = true;

    /// <summary>Height and width of the images in pixels; null: those of the preprocessing.</summary>
    public (int Height, int Width)? ImageSize { get; init; }
}

/// <summary>A network that was written as ONNX.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Nodes">ONNX's operators in it.</param>
/// <param name="Tensors">Tensors in it.</param>
/// <param name="Input">The name of its input, <c>[N, 3, H, W]</c>.</param>
/// <param name="Output">The name of its answer.</param>
/// <param name="Batch">The only number of images that it takes together; null: any.</param>
/// <param name="Height">Of the images, in pixels.</param>
/// <param name="Width">Of the images, in pixels.</param>
public sealed record OnnxExportSummary(
    string Path, long Bytes, int Nodes, int Tensors, string Input, string Output, int? Batch, int Height, int Width)
{
    /// <summary>The answer's sizes for one image, <c>[200]</c>.</summary>
    public IReadOnlyList<long> AnswerShape { get; init; } = [];
}
