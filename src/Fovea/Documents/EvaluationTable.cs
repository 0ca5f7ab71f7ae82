using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>Table 2: the document <c>evaluation.json</c>.</summary>
/// <param name="Rows">Original, modified, fine-tuned.</param>
public sealed record EvaluationTable(IReadOnlyList<EvaluationRow> Rows) : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "evaluation.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
}

/// <summary>A row of table 2.</summary>
/// <param name="Name">Which network.</param>
/// <param name="Top1">Share of images whose largest logit is the true class.</param>
/// <param name="Top5">Share of images whose five largest logits hold it.</param>
/// <param name="Loss">Mean cross-entropy in nats.</param>
/// <param name="Images">Images evaluated.</param>
public sealed record EvaluationRow(string Name, double Top1, double Top5, double Loss, int Images);
