using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>
/// Reads what <c>torch.export.save</c> writes, <c>.pt2</c>, as data: a program as JSON, weights as raw bytes. Nothing in the file is
/// executed, and no object of it is built. Read are schema 8 (PyTorch 2.5 to 2.14), both forms of archive.
/// </summary>
public static class Pt2File
{
    private const long MostCompared = 1 << 26;

    /// <summary>Whether a file is one of these, from its content.</summary>
    /// <exception cref="FoveaException">It cannot be read.</exception>
    public static bool IsOne(string path)
    {
        Span<byte> start = stackalloc byte[4];
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) < 4 || !start.StartsWith("PK"u8)) return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read the network {path}: {e.Message}", e);
        }
        try
        {
            using var zip = StoredArchive.Open(path, "exported network");
            return Pt2Archive.IsOne(zip.Names);
        }
        catch (FoveaException)
        {
            // An archive that is damaged: opening it says how.
            return true;
        }
    }

    /// <summary>Reads a network; dispose it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="output">Which of its outputs is the answer; null: found by shape, with a note where that is a choice.</param>
    /// <param name="classes">How many classes the answer has, where that is known: it helps to choose.</param>
    /// <exception cref="FoveaException">
    /// The file is missing, damaged, of another schema, holds compiled code, or its answer depends on an operator, an object or a loop that
    /// is not run here; the message names it with the module in which it stands.
    /// </exception>
    public static ImportedNetwork Open(string path, string? output = null, int? classes = null)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using Pt2Archive archive = Pt2Archive.Open(path);
        Pt2Program program = archive.ReadProgram();
        Dictionary<string, Tensor> weights = archive.ReadWeights(), constants = archive.ReadConstants();
        ImportedNetwork network = Build(
            Pt2Importer.Read(program, weights, constants, path, free: true), program, path, output, classes, null);
        if (network.ImageSize is not { } size) return network;
        if (network.ExportedBatch is not { } batch) return Tried(network, size, path);

        // The exporter fixed the number of images: sizes were freed from it, which the numbers have to bear out.
        ImportedNetwork? literal = null;
        try
        {
            literal = Build(Pt2Importer.Read(program, weights, constants, path, free: false), program, path, output, classes, batch);
            bool agree = Agree(network, literal, size, batch, path);
            (agree ? literal : network).Dispose();
            return agree ? network : literal;
        }
        catch
        {
            network.Dispose();
            literal?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether the freed network gives images alone what the network as written gives them together, with others beside them.
    /// </summary>
    private static bool Agree(ImportedNetwork freed, ImportedNetwork literal, (int Height, int Width) size, int batch, string path)
    {
        if ((batch + 1L) * 3 * size.Height * size.Width > MostCompared) return false;
        using var scope = NewDisposeScope();
        Tensor images = BatchCheck.Noise(batch + 1, size.Height, size.Width), expected = Run(literal, images, path);
        try
        {
            using ImageModel one = freed.ToModel(Whole(images), asWritten: true);
            Tensor together = one.Forward(images), alone = one.Forward(images.narrow(0, batch, 1));
            return together.shape.AsSpan().SequenceEqual(expected.shape)
                && BatchCheck.Relative(together, expected) < BatchCheck.Rounding
                    && BatchCheck.Relative(alone, expected.narrow(0, batch, 1)) < BatchCheck.Rounding;
        }
        catch (Exception e) when (IsOfLibtorch(e))
        {
            // It refuses shapes that do not fit: the number of images is in them.
            return false;
        }
    }

    /// <summary>The network, if it can be run at all: sizes of a file may lie, and libtorch finds it out.</summary>
    private static ImportedNetwork Tried(ImportedNetwork network, (int Height, int Width) size, string path)
    {
        if (3L * size.Height * size.Width > MostCompared) return network;
        using var scope = NewDisposeScope();
        try
        {
            Run(network, BatchCheck.Noise(1, size.Height, size.Width), path);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static Tensor Run(ImportedNetwork network, Tensor images, string path)
    {
        try
        {
            using ImageModel model = network.ToModel(Whole(images), asWritten: true);
            return model.Forward(images);
        }
        catch (Exception e) when (IsOfLibtorch(e) || e is FoveaException { Kind: FailureKind.Data })
        {
            throw FoveaException.BadData($"{path} cannot be run as it is written: {e.Message.Split('\n')[0]}. Export it again.", e);
        }
    }

    private static Imaging.Preprocessing Whole(Tensor images) =>
        Imaging.Preprocessing.ImageNet(null, (int)Math.Max(images.shape[2], images.shape[3]));

    private static bool IsOfLibtorch(Exception e) => e is not (FoveaException or OutOfMemoryException or OperationCanceledException);

    private static ImportedNetwork Build(Pt2Importer program, Pt2Program source, string path, string? asked, int? classes, int? fixedBatch)
    {
        List<string> notes = [];
        var (name, answer) = Choose(program, path, asked, classes, notes);
        string[] outputs =
            [answer, .. program.Outputs.Where(one => one.Value is not null && one.Value != answer).Select(one => one.Value!)];
        var nodes = Live(program, outputs);
        var layers = new Pt2Layers(nodes, outputs, source.Shapes);
        HashSet<string> used = [.. nodes.SelectMany(node => node.Node.Inputs)];
        GraphWeight[] weights = [.. program.Weights.Where(weight => used.Contains(weight.Name))];
        int idle = program.Weights.Count(weight => weight.Kind != WeightKind.Counter)
            - weights.Count(weight => weight.Kind != WeightKind.Counter);
        if (idle > 0) notes.Add($"{idle} tensors of the file are not read by what is run in evaluation; they are left out.");
        if (program.WasTraining)
            notes.Add("The network was exported in training mode; it is run in evaluation: running statistics, no dropout.");
        if (program.Converted.Count > 0) notes.Add($"Numbers of the type {string.Join(", ", program.Converted)} are float32 here.");
        foreach (var other in program.Outputs)
            if (other.Value is null) notes.Add($"Its output {other.Name} is left out because of {other.Why}.");
        if (fixedBatch is not null)
            notes.Add($"The file holds the number of images, {fixedBatch}, in its sizes: images are run {fixedBatch} at a time, and the "
                + $"last ones filled up.");
        else if (program.Batch is { } batch && program.Freed)
            notes.Add($"The file was exported for {batch} images at a time; that number was taken out of its sizes and any number is "
                + $"run, with the same answers.");

        var renamed = new Pt2Names(program.Images, weights, nodes, layers.Layers);
        var graph = new NetworkGraph(Path.GetFileName(path), renamed.Input, renamed.Of(answer),
            [.. nodes.Select(
                node => node.Node with { Inputs = [.. node.Node.Inputs.Select(renamed.Of)],
                    Outputs = [.. node.Node.Outputs.Select(renamed.Of)] })],
            weights, [.. layers.Layers.Select(layer => layer with { Value = renamed.Of(layer.Value) })])
        {
            FixedBatch = fixedBatch,
        };
        Pt2Size height = program.ImageShape[2], width = program.ImageShape[3];
        (int, int)? size = Side(height) is { } rows && Side(width) is { } columns ? (rows, columns) : null;
        return new ImportedNetwork
        {
            Graph = graph,
            Weights = new StateDict(weights.Select(weight => KeyValuePair.Create(weight.Name, program.Tensors[weight.Name].clone()))),
            ImageSize = size,
            Outputs = [.. program.Outputs.Where(one => one.Value is not null)
                .Select(one => new NetworkOutput(one.Name, renamed.Of(one.Value!),
                one.Shape.Skip(1).All(side => side.Length is not null) ? [.. one.Shape.Skip(1).Select(side => side.Length!.Value)] : []))],
            Source = source.TorchVersion.Length > 0 ? $"torch.export, PyTorch {source.TorchVersion}" : "torch.export",
            Notes = notes,
            ExportedBatch = program.Batch,
            Answer = name,
            Folded = program.Folded,
        };
    }

    private static int? Side(Pt2Size side) => side.Length is > 0 and <= 1 << 15 ? (int)side.Length : null;

    private static (string Name, string Value) Choose(Pt2Importer program, string path, string? asked, int? classes, List<string> notes)
    {
        string List() =>
            string.Join(", ",
                program.Outputs.Select(
                    one => $"{one.Name} [{string.Join(", ", one.Shape.Select(size => size.Length?.ToString(CultureInfo.InvariantCulture) ?? "any"))}]"));
        if (program.Outputs.Count == 0) throw FoveaException.BadData($"{path} gives no tensor that depends on the images.");
        var usable = program.Outputs.Where(one => one.Value is not null).ToArray();
        if (asked is not null)
        {
            var one = program.Outputs.FirstOrDefault(output => output.Name == asked);
            if (one.Name is null) throw FoveaException.BadConfiguration($"{path} has no output '{asked}'; it has {List()}.");
            return (one.Name, one.Value ?? throw program.CannotRun(one.Why));
        }
        var rows = usable.Where(one => one.Shape.Count == 2).ToArray();
        if (classes is not null && rows.Where(one => one.Shape[1].Length == classes).ToArray() is [var fits])
            return (fits.Name, fits.Value!);
        if (program.Outputs.Count == 1)
            return (program.Outputs[0].Name, program.Outputs[0].Value ?? throw program.CannotRun(program.Outputs[0].Why));
        if (usable.Length == 0) throw program.CannotRun(program.Outputs[0].Why);
        var chosen = rows.FirstOrDefault(one => one.Name == "logits") is { Name: not null } logits ? logits : rows.Length > 0
            ? rows[0] : usable[0];
        if (rows.Length != 1)
            notes.Add($"It has {program.Outputs.Count} outputs ({List()}); {chosen.Name} is taken as the answer. Another one is asked "
                + $"for by its name.");
        return (chosen.Name, chosen.Value!);
    }

    /// <summary>The nodes that an output depends on.</summary>
    private static List<(GraphNode Node, IReadOnlyList<Pt2ModuleCall> Modules)> Live(Pt2Importer program, IEnumerable<string> outputs)
    {
        HashSet<string> needed = [.. outputs];
        List<(GraphNode, IReadOnlyList<Pt2ModuleCall>)> live = [];
        for (int i = program.Nodes.Count - 1; i >= 0; i--)
        {
            var (node, _) = program.Nodes[i];
            if (!node.Outputs.Any(needed.Contains)) continue;
            live.Add(program.Nodes[i]);
            foreach (string input in node.Inputs) needed.Add(input);
        }
        live.Reverse();
        return live;
    }
}
