using System.Text.Json.Serialization;
using Fovea.Numerics;

namespace Fovea.Documents;

/// <summary>
/// What a dictionary keeps of a network's answer, whatever the answer is: <c>faithfulness.json</c>, the network with the dictionary's
/// reconstruction in place of a layer's output. For networks without classes. Definitions in docs/reference/metrics.md.
/// </summary>
public record FaithfulnessDocument : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "faithfulness.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary>Images evaluated, but for those of <see cref="Silent"/>.</summary>
    public required int Images { get; init; }

    /// <summary>Images whose answer is zero in every number: nothing can be compared with it, and they are left out.</summary>
    public required int Silent { get; init; }

    /// <summary>With each vector of the layer replaced by its reconstruction.</summary>
    public required AnswerScores Spliced { get; init; }

    /// <summary>With each vector of the layer replaced by zeros.</summary>
    public required AnswerScores ZeroAblated { get; init; }

    /// <summary>With each vector of the layer replaced by the mean over training images; null where no mean was given.</summary>
    public AnswerScores? MeanAblated { get; init; }
}

/// <summary>How near a changed network's answers are to its own, image by image; means with their 95 % intervals.</summary>
/// <param name="Cosine">y · ŷ / (‖y‖ ‖ŷ‖): 1 where the direction stays; 0 where ŷ is zero.</param>
/// <param name="RelativeError">‖ŷ − y‖ / ‖y‖: 0 where nothing changes, 1 for zeros.</param>
public sealed record AnswerScores(PairedDifference Cosine, PairedDifference RelativeError);
