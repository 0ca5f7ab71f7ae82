using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>The document <c>metrics.json</c> of a trained autoencoder: the codes and reconstructions of inference.</summary>
public sealed record AutoencoderReport : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "metrics.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The dictionary's name.</summary>
    public required string Name { get; init; }

    /// <summary>The variant.</summary>
    public required string Architecture { get; init; }

    /// <summary>Length of a vector.</summary>
    public required int DIn { get; init; }

    /// <summary>Number of latents.</summary>
    public required int DSae { get; init; }

    /// <summary>The sparsity setting that training used (on scaled vectors).</summary>
    public required double Sparsity { get; init; }

    /// <summary>The number that vectors were multiplied by in training; losses are in that scale.</summary>
    public required double InputScale { get; init; }

    /// <summary>Steps taken.</summary>
    public required long Steps { get; init; }

    /// <summary>Training vectors that are far longer than most; null where they are not known, as of an imported autoencoder.</summary>
    public VectorOutliers? Outliers { get; init; }

    /// <summary>How well the batches were mixed; absent where the vectors are of no store of activations.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MixingQuality? Mixing { get; init; }

    /// <summary>Cosines between the decoder's rows.</summary>
    public DirectionCoherence? Coherence { get; init; }

    /// <summary>On a random sample of the training vectors, as many as there are held-out ones.</summary>
    public required AutoencoderScores Train { get; init; }

    /// <summary>On the held-out vectors; null where there are none.</summary>
    public AutoencoderScores? Validation { get; init; }

    /// <summary>On further held-out sets, by their names; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, AutoencoderScores>? Others { get; init; }
}
