using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// One line of <c>history.jsonl</c>. Lines of split <c>train</c> are averages over the batches as trained since the line before; lines of
/// split <c>validation</c> are over all held-out vectors at that moment.
/// </summary>
public sealed record AutoencoderHistoryLine : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "history.jsonl";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Passes done, a fraction inside a pass.</summary>
    public required double Epoch { get; init; }

    /// <summary>Training vectors seen so far.</summary>
    public required long Vectors { get; init; }

    /// <summary><c>train</c> or <c>validation</c>.</summary>
    public required string Split { get; init; }

    /// <summary>The objective, see <see cref="AutoencoderScores.Loss"/>.</summary>
    public required double Loss { get; init; }

    /// <summary>See <see cref="AutoencoderScores.Reconstruction"/>.</summary>
    public required double Reconstruction { get; init; }

    /// <summary>See <see cref="AutoencoderScores.Sparsity"/>.</summary>
    public required double Sparsity { get; init; }

    /// <summary>See <see cref="AutoencoderScores.Fvu"/>.</summary>
    public required double Fvu { get; init; }

    /// <summary>See <see cref="AutoencoderScores.L0"/>.</summary>
    public required double L0 { get; init; }

    /// <summary>See <see cref="AutoencoderScores.DeadFraction"/>.</summary>
    public required double DeadFraction { get; init; }

    /// <summary>The line of some scores.</summary>
    internal static AutoencoderHistoryLine Of(string split, long step, double epoch, long vectors, AutoencoderScores scores) => new()
    {
        Step = step,
        Epoch = epoch,
        Vectors = vectors,
        Split = split,
        Loss = scores.Loss,
        Reconstruction = scores.Reconstruction,
        Sparsity = scores.Sparsity,
        Fvu = scores.Fvu,
        L0 = scores.L0,
        DeadFraction = scores.DeadFraction,
    };
}
