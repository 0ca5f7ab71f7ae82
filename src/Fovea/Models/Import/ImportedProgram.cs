using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Import;

/// <summary>
/// A network as a reader of files hands it over: nodes of the catalogue under the file's own names, with what the file says.
/// </summary>
internal sealed class ImportedProgram
{
    /// <summary>The file, for messages.</summary>
    public required string Path { get; init; }

    /// <summary>The nodes with the modules each stands in.</summary>
    public required IReadOnlyList<(GraphNode Node, IReadOnlyList<ModuleCall> Modules)> Nodes { get; init; }

    /// <summary>The tensors it carries.</summary>
    public required IReadOnlyList<GraphWeight> Weights { get; init; }

    /// <summary>Their numbers.</summary>
    public required IReadOnlyDictionary<string, Tensor> Tensors { get; init; }

    /// <summary>The name of the images' value.</summary>
    public required string Images { get; init; }

    /// <summary>Whether the file takes images as <c>[N, H, W, 3]</c>.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>Whether the file takes images as whole numbers from 0 to 255.</summary>
    public bool WholeNumbers { get; init; }

    /// <summary>Height and width of the images; null where one is left open.</summary>
    public required (int Height, int Width)? ImageSize { get; init; }

    /// <summary>Whether the file leaves that open, and it is the size of the images that it was opened for.</summary>
    public bool SizeOfImages { get; init; }

    /// <summary>The number of images that the file was exported for, where it is fixed.</summary>
    public required int? Batch { get; init; }

    /// <summary>Whether a fixed number of images was taken out of some size.</summary>
    public required bool Freed { get; init; }

    /// <summary>Whether the file leaves the number of images open, and it is read for one.</summary>
    public bool IsForOne { get; init; }

    /// <summary>How many operations were calculated while reading.</summary>
    public required int Folded { get; init; }

    /// <summary>Whether anything was exported in training mode.</summary>
    public required bool WasTraining { get; init; }

    /// <summary>Types of floating-point numbers that became single ones.</summary>
    public required IReadOnlyCollection<string> Converted { get; init; }

    /// <summary>The outputs: a value of the graph, or why there is none, and sizes, null where the file leaves them open.</summary>
    public required IReadOnlyList<(string Name, string? Value, string Why, IReadOnlyList<long?> Shape)> Outputs { get; init; }

    /// <summary>Whether a value has the four sizes of maps of images, or the three of tokens.</summary>
    public required Func<string, bool> IsMap { get; init; }

    /// <summary>The form of the file, and the tool that wrote it where it says so.</summary>
    public required string Source { get; init; }

    /// <summary>What the reader says of the file.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What to do about an operator that is not run here.</summary>
    public required string ExportAgain { get; init; }

    /// <summary>Convolutions into which the exporter multiplied the batch normalisation that followed.</summary>
    public IReadOnlyList<string> NormalisationFolded { get; init; } = [];

    /// <summary>The error of a network whose answer cannot be calculated.</summary>
    public FoveaException CannotRun(string why) => FoveaException.BadData(
        why == Constant ? $"{Path} always gives the same: {why}." : $"{Path} cannot be run here because of {why}. {ExportAgain}");

    /// <summary>Why an output that is the same for all images is none.</summary>
    public const string Constant = "its answer does not depend on the images";
}
