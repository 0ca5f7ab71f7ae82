using Fovea.Checkpoints;
using Fovea.Cli.Commands;

namespace Fovea.Cli.Results;

/// <summary>An architecture of the catalogue.</summary>
internal sealed record ArchitectureSummary(string Name, int InputSize, int? Resize, string DefaultLayer, long Parameters, IReadOnlyList<string> Layers);

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

    /// <summary>The largest logits of the first images, where they were asked for.</summary>
    public required IReadOnlyList<TopLogits>? First { get; init; }
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
