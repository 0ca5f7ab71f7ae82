using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// One line of <c>history.jsonl</c> (figures 4 and 5). It holds no clock, so that the same training gives the same bytes.
/// </summary>
/// <param name="Epoch">From 1.</param>
/// <param name="LearningRate">That of the epoch's first step.</param>
/// <param name="Train">Measured on the augmented batches as they were trained on: before each step, weights moving, batch norm in training
/// mode.</param>
/// <param name="Validation">Measured after the epoch, without augmentation, batch norm in evaluation mode.</param>
public sealed record TrainingEpoch(int Epoch, double LearningRate, SplitScores Train, SplitScores Validation) : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "history.jsonl";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
}

/// <summary>Means over the images of a split.</summary>
/// <param name="Loss">Cross-entropy in nats.</param>
/// <param name="Top1">Share of images whose largest logit is the true class.</param>
/// <param name="Top5">Share of images whose five largest logits hold it.</param>
public sealed record SplitScores(double Loss, double Top1, double Top5);
