using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>What a run takes its images for: <c>data.json</c>.</summary>
/// <param name="TrainingImages">Images that training reads; null where the run does not train.</param>
/// <param name="ValidationImages">Images that evaluation reads.</param>
/// <param name="Notes">What was left out or decided and might surprise.</param>
public sealed record RunData(int? TrainingImages, int ValidationImages, IReadOnlyList<string> Notes) : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "data.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Layout, splits, classes, what is skipped, links; null where the source does not say.</summary>
    public DataDescription? Data { get; init; }
}
