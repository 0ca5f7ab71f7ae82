using System.Text.Json.Serialization;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The document <c>cfg.json</c> beside an autoencoder's weights: SAELens' fields under SAELens' names, then our own under
/// <c>fovea</c>, which other readers ignore.
/// </summary>
internal sealed record AutoencoderConfiguration
{
    /// <summary><c>standard</c>, <c>topk</c>, <c>jumprelu</c>.</summary>
    [JsonPropertyName("architecture")]
    public required string Architecture { get; init; }

    [JsonPropertyName("d_in")]
    public required int InputSize { get; init; }

    [JsonPropertyName("d_sae")]
    public required int LatentSize { get; init; }

    [JsonPropertyName("dtype")]
    public string DType { get; init; } = "float32";

    [JsonPropertyName("device")]
    public string Device { get; init; } = "cpu";

    /// <summary>b_dec is subtracted before encoding.</summary>
    [JsonPropertyName("apply_b_dec_to_input")]
    public bool ApplyDecoderBiasToInput { get; init; } = true;

    /// <summary>Always <c>none</c>: our scale is folded into the weights.</summary>
    [JsonPropertyName("normalize_activations")]
    public string NormalizeActivations { get; init; } = "none";

    [JsonPropertyName("reshape_activations")]
    public string ReshapeActivations { get; init; } = "none";

    /// <summary>TopK only.</summary>
    [JsonPropertyName("k")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? K { get; init; }

    [JsonPropertyName("metadata")]
    public Dictionary<string, string> Metadata { get; init; } = [];

    /// <summary>What SAELens has no field for.</summary>
    [JsonPropertyName("fovea")]
    public FoveaFields? Fovea { get; init; }

    /// <summary>The variant, its settings as they act on raw activations, and what training was asked for.</summary>
    internal sealed record FoveaFields
    {
        public required string Variant { get; init; }

        public int Axis { get; init; } = 1;

        /// <summary>The layer it was trained on, where that is known.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Layer { get; init; }

        public required VariantOptions Settings { get; init; }

        public AutoencoderOptions? Training { get; init; }

        /// <summary>The number that training vectors were multiplied by, already folded away.</summary>
        public double? InputScale { get; init; }
    }
}
