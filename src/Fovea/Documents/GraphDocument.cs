using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>A network that is not of the catalogue, as named values and operations: <c>graph.json</c>, beside its weights.</summary>
public sealed record GraphDocument : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "graph.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>The value that images are.</summary>
    public required string Input { get; init; }

    /// <summary>The value that is the answer.</summary>
    public required string Output { get; init; }

    /// <summary>The only number of images that can be run together; null: any.</summary>
    public int? FixedBatch { get; init; }

    /// <summary>The steps in order.</summary>
    public required IReadOnlyList<GraphNodeEntry> Nodes { get; init; }

    /// <summary>The tensors, in the order in which checkpoints list them.</summary>
    public required IReadOnlyList<GraphWeightEntry> Weights { get; init; }

    /// <summary>Names under which values are read.</summary>
    public required IReadOnlyList<GraphLayerEntry> Layers { get; init; }
}

/// <summary>A step of a network.</summary>
/// <param name="Operator">The operation's name in the catalogue.</param>
/// <param name="Attributes">Its fixed arguments.</param>
/// <param name="Inputs">Values it reads; an empty name is an absent one.</param>
/// <param name="Outputs">Values it makes.</param>
public sealed record GraphNodeEntry(
    string Operator, IReadOnlyList<GraphAttributeEntry> Attributes, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);

/// <summary>A fixed argument; one of the five is given.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Whole">A whole number.</param>
/// <param name="Number">A number, as text: JSON has no word for infinity and does not tell 1 from 1.0.</param>
/// <param name="Flag">Yes or no.</param>
/// <param name="Text">A word.</param>
/// <param name="Wholes">Whole numbers.</param>
public sealed record GraphAttributeEntry(string Name, long? Whole, string? Number, bool? Flag, string? Text, IReadOnlyList<long>? Wholes);

/// <summary>A tensor of a network.</summary>
/// <param name="Name">Its name in checkpoints.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Kind">Parameter, buffer, counter or constant.</param>
/// <param name="Type">The type of its numbers, as in safetensors.</param>
public sealed record GraphWeightEntry(string Name, IReadOnlyList<long> Shape, string Kind, string Type);

/// <summary>A name under which a value is read.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value.</param>
/// <param name="Kind">The operation that makes it, or <c>block</c>.</param>
/// <param name="Positions">False where it has four axes that are not known to be images, channels, rows and columns; else absent.</param>
public sealed record GraphLayerEntry(
    string Name, string Value, string Kind, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Positions = null);
