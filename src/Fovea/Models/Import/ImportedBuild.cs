using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Models.Graph;
using TorchSharp;

namespace Fovea.Models.Import;

/// <summary>Makes the network of a program: which output is the answer, what it needs, and names.</summary>
internal static class ImportedBuild
{
    /// <summary>Operations that multiply what they read, or work it out like that.</summary>
    private static readonly HashSet<string> Multiplying =
    [
        "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "linear", "addmm", "batch_norm",
        "layer_norm", "group_norm", "instance_norm", "prelu", "matmul",
    ];

    /// <summary>The network; dispose it.</summary>
    /// <param name="program">The program.</param>
    /// <param name="asked">Which of its outputs is the answer; null: found by shape.</param>
    /// <param name="classes">How many classes the answer has, where that is known.</param>
    /// <param name="fixedBatch">How many images its operations take together; null: any number.</param>
    /// <exception cref="FoveaException">The answer depends on something that is not run here.</exception>
    public static ImportedNetwork Build(ImportedProgram program, string? asked, int? classes, int? fixedBatch)
    {
        List<string> notes = [.. program.Notes];
        var (name, answer) = Choose(program, asked, classes, notes);
        string[] outputs =
            [answer, .. program.Outputs.Where(one => one.Value is not null && one.Value != answer).Select(one => one.Value!)];
        var nodes = Live(ImageEntry.Of(program), outputs);
        var layers = new ImportedLayers(nodes, outputs, program.IsMap);
        HashSet<string> used = [.. nodes.SelectMany(node => node.Node.Inputs)];
        GraphWeight[] weights = [.. program.Weights.Where(weight => used.Contains(weight.Name))];
        RequireNumbers(program, weights, nodes.Select(one => one.Node));
        int idle = program.Weights.Count(weight => weight.Kind != WeightKind.Counter)
            - weights.Count(weight => weight.Kind != WeightKind.Counter);
        if (idle > 0) notes.Add($"{idle} tensors of the file are not read by what is run in evaluation; they are left out.");
        AddNotes(program, fixedBatch, notes);

        var renamed = new ImportedNames(program.Images, weights, nodes, layers.Layers);
        var graph = new NetworkGraph(Path.GetFileName(program.Path), renamed.Input, renamed.Of(answer),
            [.. nodes.Select(
                node => node.Node with { Inputs = [.. node.Node.Inputs.Select(renamed.Of)],
                    Outputs = [.. node.Node.Outputs.Select(renamed.Of)] })],
            weights, [.. layers.Layers.Select(layer => layer with { Value = renamed.Of(layer.Value) })])
        {
            FixedBatch = fixedBatch,
        };
        // One value under one name is one output, however often it is given.
        NetworkOutput[] given = [.. program.Outputs.Where(one => one.Value is not null).DistinctBy(one => (one.Name, one.Value)).Select(one => new NetworkOutput(one.Name,
            renamed.Of(one.Value!), one.Shape.Skip(1).All(side => side is not null) ? [.. one.Shape.Skip(1).Select(side => side!.Value)] : []))];
        if (NumbersBefore.Of(graph, given.First(one => one.Value == graph.Output).Shape).Operation is { } probabilities)
            notes.Add($"Its answer is probabilities ({probabilities}). The numbers that they are made of are taken in their place: losses, "
                + "maps and pictures of classes are of those. fovea model run gives the answer as written.");
        return new ImportedNetwork
        {
            Graph = graph,
            Weights = new StateDict(weights.Select(weight => KeyValuePair.Create(weight.Name, program.Tensors[weight.Name].clone()))),
            ImageSize = program.ImageSize,
            SizeOfImages = program.SizeOfImages,
            ChannelsLast = program.ChannelsLast,
            WholeNumbers = program.WholeNumbers,
            Outputs = given,
            Source = program.Source,
            Notes = notes,
            ExportedBatch = program.Batch,
            Answer = name,
            Folded = program.Folded,
            NormalisationFolded = program.NormalisationFolded,
        };
    }

    /// <summary>
    /// A weight that is no number makes every answer none, which would show hours later; so does an infinite one that is multiplied. (What
    /// is added may be −∞: a mask.)
    /// </summary>
    private static void RequireNumbers(ImportedProgram program, IEnumerable<GraphWeight> weights, IEnumerable<GraphNode> nodes)
    {
        using var scope = torch.NewDisposeScope();
        HashSet<string> multiplied = [.. nodes.Where(node => Multiplying.Contains(node.Operator.Name)).SelectMany(node => node.Inputs)];
        foreach (GraphWeight weight in weights)
        {
            torch.Tensor numbers = program.Tensors[weight.Name];
            if (!numbers.is_floating_point() || numbers.numel() == 0 || numbers.sum().isfinite().item<bool>()) continue;
            // A constant that code writes down may be none: what stands in the place of something.
            string? what = weight.Kind != WeightKind.Constant && numbers.isnan().any().item<bool>() ? "NaN"
                : multiplied.Contains(weight.Name) && numbers.isinf().any().item<bool>() ? "infinite numbers" : null;
            if (what is not null)
                throw FoveaException.BadData($"{program.Path}: its tensor {weight.Name} holds {what}. The training that it is from went "
                    + "wrong: export the network of an earlier step.");
        }
    }

    private static void AddNotes(ImportedProgram program, int? fixedBatch, List<string> notes)
    {
        if (program.WasTraining)
            notes.Add("The network was exported in training mode; it is run in evaluation: running statistics, no dropout.");
        if (program.NormalisationFolded is [var first, ..] folded)
            notes.Add($"The exporter multiplied the batch normalisation into {folded.Count} convolutions or linear layers (the first "
                + $"is {first}): their values "
                + "are those after it, their weights are not the network's own, and there is nothing to measure anew.");
        string[] unknown = [.. program.Nodes.SelectMany(node => node.Modules).Where(call => call.Call == ModuleCall.Unknown)
            .Select(call => call.Path).Distinct()];
        if (unknown.Length > 0)
            notes.Add($"The file does not tell the calls of {string.Join(", ", unknown)} apart, of which the same steps follow each other "
                + "several times: no layer has that name, but those of its parts are told apart (NAME@1 is the second call).");
        if (program.ChannelsLast)
            notes.Add("The file takes images as [images, height, width, 3]; their axes are moved first, and layers are maps as everywhere.");
        if (program.SizeOfImages)
            notes.Add($"The file leaves height and width of images open and calculates with them: it is read for images of "
                + $"{program.ImageSize?.Height} × {program.ImageSize?.Width} alone.");
        if (program.WholeNumbers)
            notes.Add("The file takes images as whole numbers from 0 to 255, and what it does to them is in it: mean and standard deviation "
                + "are not asked for. Here they are the same numbers as float32, so that there are gradients.");
        if (program.Converted.Count > 0) notes.Add($"Numbers of the type {string.Join(", ", program.Converted)} are float32 here.");
        foreach (var other in program.Outputs)
            if (other.Value is null) notes.Add($"Its output {other.Name} is left out: {other.Why}.");
        if (program.IsForOne && fixedBatch is not null)
            notes.Add("The file leaves the number of images open and calculates with it in ways that are known for one alone: images are run one at a time.");
        else if (fixedBatch is not null)
            notes.Add($"The file holds the number of images, {fixedBatch}, in its sizes: images are run {fixedBatch} at a time, and the "
                + $"last ones filled up.");
        else if (program.Batch is { } batch && program.Freed)
            notes.Add($"The file was exported for {batch} images at a time; that number was taken out of its sizes and any number is "
                + $"run, with the same answers.");
    }

    private static (string Name, string Value) Choose(ImportedProgram program, string? asked, int? classes, List<string> notes)
    {
        string List() => string.Join(", ", program.Outputs.Select(one =>
            $"{one.Name} [{string.Join(", ", one.Shape.Select(size => size?.ToString(CultureInfo.InvariantCulture) ?? "any"))}]"));
        if (program.Outputs.Count == 0) throw FoveaException.BadData($"{program.Path} gives no tensor that depends on the images.");
        var usable = program.Outputs.Where(one => one.Value is not null).ToArray();
        if (asked is not null)
        {
            var one = program.Outputs.FirstOrDefault(output => output.Name == asked);
            if (one.Name is null) throw FoveaException.BadConfiguration($"{program.Path} has no output '{asked}'; it has {List()}.");
            return (one.Name, one.Value ?? throw program.CannotRun(one.Why));
        }
        var rows = usable.Where(one => one.Shape.Count == 2).ToArray();
        if (classes is not null && rows.Where(one => one.Shape[1] == classes).ToArray() is [var fits])
            return (fits.Name, fits.Value!);
        if (program.Outputs.Count == 1)
            return (program.Outputs[0].Name, program.Outputs[0].Value ?? throw program.CannotRun(program.Outputs[0].Why));
        if (usable.Length == 0) throw program.CannotRun(program.Outputs[0].Why);
        var chosen = rows.FirstOrDefault(one => one.Name == "logits") is { Name: not null } logits ? logits : rows.Length > 0
            ? rows[0] : usable[0];
        if (rows.Length != 1)
            notes.Add($"It has {program.Outputs.Count} outputs ({List()}); {chosen.Name} is taken as the answer. Another one is asked "
                + "for by its name: --output, in a recipe [model] output.");
        return (chosen.Name, chosen.Value!);
    }

    /// <summary>The nodes that an output depends on.</summary>
    private static List<(GraphNode Node, IReadOnlyList<ModuleCall> Modules)> Live(
        IReadOnlyList<(GraphNode Node, IReadOnlyList<ModuleCall> Modules)> nodes, IEnumerable<string> outputs)
    {
        HashSet<string> needed = [.. outputs];
        List<(GraphNode, IReadOnlyList<ModuleCall>)> live = [];
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            var (node, _) = nodes[i];
            if (!node.Outputs.Any(needed.Contains)) continue;
            live.Add(nodes[i]);
            foreach (string input in node.Inputs) needed.Add(input);
        }
        live.Reverse();
        return live;
    }
}
