using Fovea.Checkpoints;
using Fovea.Cli.Commands;
using Fovea.Models;

namespace Fovea.Cli.Results;

/// <summary>An architecture of the catalogue.</summary>
internal sealed record ArchitectureSummary(
    string Name, int InputSize, int? Resize, string DefaultLayer, long Parameters, IReadOnlyList<string> Layers);

/// <summary>The catalogue of architectures.</summary>
internal sealed record ModelListResult(IReadOnlyList<ArchitectureSummary> Architectures) : ICommandResult
{
    public static string Command => "`model list`";
}

/// <summary>Accuracy of weights on images.</summary>
internal sealed record ModelEvalResult : ICommandResult
{
    public static string Command => "`model eval`";

    public required string Architecture { get; init; }

    public required string Weights { get; init; }

    public required string Data { get; init; }

    public required int Classes { get; init; }

    public required int? Resize { get; init; }

    public required int InputSize { get; init; }

    public required int Images { get; init; }

    public required int Damaged { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public required double Top1 { get; init; }

    public required double Top5 { get; init; }

    public required double Loss { get; init; }

    public required double Seconds { get; init; }

    /// <summary>What gave the answers, and of libtorch why.</summary>
    public required string Engine { get; init; }

    /// <summary>The largest logits of the first images, where they were asked for.</summary>
    public required IReadOnlyList<TopLogits>? First { get; init; }
}

/// <summary>The images that a network takes.</summary>
internal sealed record NetworkInput(int Height, int Width, bool FromFile, bool ChannelsLast, bool WholeNumbers);

/// <summary>An output of a network.</summary>
internal sealed record OutputSummary(string Name, IReadOnlyList<long> Shape);

/// <summary>The layer to harvest.</summary>
internal sealed record HarvestChoice(string? Layer, string Why);

/// <summary>What a file of a network holds.</summary>
internal sealed record ModelInspectResult : ICommandResult
{
    public static string Command => "`model inspect`";

    public required string File { get; init; }

    public required string Source { get; init; }

    public required NetworkInput Input { get; init; }

    public required int? ExportedBatch { get; init; }

    public required int? FixedBatch { get; init; }

    public required string Answer { get; init; }

    public required IReadOnlyList<OutputSummary> Outputs { get; init; }

    public required long Parameters { get; init; }

    public required int Folded { get; init; }

    public required IReadOnlyList<string> NormalisationFolded { get; init; }

    /// <summary>Null where there is no such number: answers that are not finite, or have no row for each image.</summary>
    public required double? BatchDifference { get; init; }

    public required bool BatchAgrees { get; init; }

    /// <summary>What reads the layer to harvest and the answer, and of libtorch why.</summary>
    public required string Engine { get; init; }

    public required HarvestChoice Harvest { get; init; }

    public required HeadChoice Head { get; init; }

    public required IReadOnlyList<ModelLayer> Layers { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>A value that was read and written.</summary>
internal sealed record ReadValue(string Name, string File, IReadOnlyList<long> Shape);

/// <summary>Values of a network on given images.</summary>
internal sealed record ModelRunResult(string Network, long Images, IReadOnlyList<ReadValue> Values, IReadOnlyList<string> Notes)
    : ICommandResult
{
    public static string Command => "`model run`";
}

/// <summary>A network that was written as ONNX.</summary>
internal sealed record ModelExportResult(
    string File, string Network, long Bytes, int Opset, int Nodes, int Tensors, string Input, string Output, int? Batch, int Height,
    int Width, IReadOnlyList<string> Notes) : ICommandResult
{
    public static string Command => "`model export`";
}

/// <summary>A tensor of a file.</summary>
internal sealed record StoredTensor(string Name, string Dtype, IReadOnlyList<long> Shape);

/// <summary>What a file of weights holds.</summary>
internal sealed record WeightsInspectResult(
    string File, long Parameters, long Bytes, IReadOnlyList<StoredTensor> Tensors, IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<StateDictEntry> StateDicts, IReadOnlyList<string> Notes) : ICommandResult
{
    public static string Command => "`weights inspect`";
}

/// <summary>A file of weights in another format.</summary>
internal sealed record WeightsConvertResult(string File, int Tensors, long Bytes) : ICommandResult
{
    public static string Command => "`weights convert`";
}
