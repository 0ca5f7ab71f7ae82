using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Fovea.Dictionaries.Sparse;

namespace Fovea.Dictionaries.SaeLens;

/// <summary>
/// The document <c>cfg.json</c> as SAELens 6 reads and writes it, with the fields of earlier versions that change what the weights mean
/// (docs/reference/saelens.md). SAELens drops top-level fields that it does not know, so ours stand under <c>fovea</c>.
/// </summary>
internal sealed record SaeLensConfiguration
{
    /// <summary>The version of the layout that is written. Without one SAELens takes the document for one of version 5 and rewrites it.</summary>
    public const string LayoutVersion = "6.0.0";

    [JsonPropertyName("architecture")]
    public string? Architecture { get; init; }

    [JsonPropertyName("d_in")]
    public int? InputSize { get; init; }

    [JsonPropertyName("d_sae")]
    public int? LatentSize { get; init; }

    [JsonPropertyName("dtype")]
    public string? DType { get; init; }

    [JsonPropertyName("device")]
    public string? Device { get; init; }

    [JsonPropertyName("apply_b_dec_to_input")]
    public bool? ApplyDecoderBiasToInput { get; init; }

    /// <summary>A word; a truth value before version 3, null where not said.</summary>
    [JsonPropertyName("normalize_activations")]
    public JsonNode? NormalizeActivations { get; init; }

    [JsonPropertyName("reshape_activations")]
    public string? ReshapeActivations { get; init; }

    /// <summary>TopK: k, a whole number.</summary>
    [JsonPropertyName("k")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? K { get; init; }

    /// <summary>TopK: latents compete by z‖d‖ instead of z.</summary>
    [JsonPropertyName("rescale_acts_by_decoder_norm")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? RescaleByDecoderNorm { get; init; }

    [JsonPropertyName("metadata")]
    public JsonObject? Metadata { get; init; }

    /// <summary>Version 5: <c>relu</c> or <c>topk</c>, with <see cref="ActivationArguments"/>.</summary>
    [JsonPropertyName("activation_fn")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ActivationFunction { get; init; }

    /// <summary>Earlier name of <see cref="ActivationFunction"/>.</summary>
    [JsonPropertyName("activation_fn_str")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ActivationName { get; init; }

    [JsonPropertyName("activation_fn_kwargs")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? ActivationArguments { get; init; }

    /// <summary>What SAELens has no field for.</summary>
    [JsonPropertyName("fovea")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AutoencoderConfiguration.FoveaFields? Fovea { get; init; }

    /// <summary>How activations are brought to a scale before the encoder, as one of SAELens' words.</summary>
    public string Normalization() => NormalizeActivations?.GetValueKind() switch
    {
        null or JsonValueKind.False => "none",
        JsonValueKind.True => "expected_average_only_in",
        JsonValueKind.String => NormalizeActivations.GetValue<string>(),
        _ => NormalizeActivations.ToJsonString(),
    };

    /// <summary>The document in version 6's words: TopK was an activation function of the standard architecture before.</summary>
    public SaeLensConfiguration Modern()
    {
        string activation = ActivationFunction ?? ActivationName ?? "relu";
        if (activation is "relu" or "topk" && (Architecture ?? "standard") is not "standard" and not "topk") return this;
        return activation switch
        {
            "relu" => this with { Architecture = Architecture ?? "standard" },
            "topk" => this with { Architecture = "topk", K = K ?? (ActivationArguments?["k"] is JsonValue k && k.TryGetValue(out double value) ? value : null) },
            _ => this with { Architecture = $"{Architecture ?? "standard"} with {activation}" },
        };
    }
}
