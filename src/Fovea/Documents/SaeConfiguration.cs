using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Fovea.IO;

namespace Fovea.Documents;

/// <summary>
/// <c>cfg.json</c> beside an autoencoder's weights, in SAELens' layout (docs/reference/saelens.md): it has that program's keys and no
/// schema number of ours. Keys of earlier versions of SAELens are those that change what the weights mean. SAELens drops keys that it does
/// not know, so ours stand under <c>fovea</c>.
/// </summary>
public sealed record SaeConfiguration
{
    /// <summary>File name.</summary>
    public const string FileName = "cfg.json";

    /// <summary>SAELens' name of what the weights do: <c>standard</c>, <c>topk</c>, <c>jumprelu</c>, <c>gated</c>,
    /// <c>matching_pursuit</c>.</summary>
    [JsonPropertyName("architecture")]
    public string? Architecture { get; init; }

    /// <summary>Length of a vector.</summary>
    [JsonPropertyName("d_in")]
    public int? InputSize { get; init; }

    /// <summary>Number of latents.</summary>
    [JsonPropertyName("d_sae")]
    public int? LatentSize { get; init; }

    /// <summary>Type of the weights.</summary>
    [JsonPropertyName("dtype")]
    public string? DType { get; init; }

    /// <summary>Where SAELens is to put them.</summary>
    [JsonPropertyName("device")]
    public string? Device { get; init; }

    /// <summary>Whether b_dec is subtracted before encoding.</summary>
    [JsonPropertyName("apply_b_dec_to_input")]
    public bool? ApplyDecoderBiasToInput { get; init; }

    /// <summary>How activations are brought to a scale before the encoder: a word; a truth value before SAELens 3.</summary>
    [JsonPropertyName("normalize_activations")]
    public JsonNode? NormalizeActivations { get; init; }

    /// <summary>How activations are reshaped.</summary>
    [JsonPropertyName("reshape_activations")]
    public string? ReshapeActivations { get; init; }

    /// <summary>TopK: k, a whole number.</summary>
    [JsonPropertyName("k"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? K { get; init; }

    /// <summary>TopK: latents compete by z‖d‖ instead of z.</summary>
    [JsonPropertyName("rescale_acts_by_decoder_norm"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? RescaleByDecoderNorm { get; init; }

    /// <summary>Matching pursuit: a residual that is shorter ends a vector's steps.</summary>
    [JsonPropertyName("residual_threshold"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ResidualThreshold { get; init; }

    /// <summary>SAELens' version, the network, the layer, how it was trained and what came out.</summary>
    [JsonPropertyName("metadata")]
    public JsonObject? Metadata { get; init; }

    /// <summary>Version 5: <c>relu</c> or <c>topk</c>, with <see cref="ActivationArguments"/>.</summary>
    [JsonPropertyName("activation_fn"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ActivationFunction { get; init; }

    /// <summary>Earlier name of <see cref="ActivationFunction"/>.</summary>
    [JsonPropertyName("activation_fn_str"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ActivationName { get; init; }

    /// <summary>Version 5: what <see cref="ActivationFunction"/> takes.</summary>
    [JsonPropertyName("activation_fn_kwargs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? ActivationArguments { get; init; }

    /// <summary>What SAELens has no key for; null in a file of another program.</summary>
    [JsonPropertyName("fovea"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SaeOrigin? Fovea { get; init; }

    /// <summary>The sparsity setting: k, λ; null where the file does not say.</summary>
    [JsonIgnore]
    public double? Sparsity =>
        K ?? (Fovea?.Settings["sparsity"] is JsonValue value && value.TryGetValue(out double number) ? number : null);

    /// <summary>
    /// All that it says, in the file's order, nested settings as <c>training.batchSize</c>; our own keys without their prefix.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts() =>
        [.. JsonFacts.Shown(JsonSerializer.SerializeToNode(this, JsonFile.Options))
        .Select(fact =>
            KeyValuePair.Create(
                fact.Key.StartsWith("fovea.", StringComparison.Ordinal) ? fact.Key["fovea.".Length..] : fact.Key, fact.Value))];

    /// <summary>Reads the file.</summary>
    /// <exception cref="FoveaException">Data: it is missing or damaged.</exception>
    public static SaeConfiguration Read(string path) => JsonFile.Read<SaeConfiguration>(path);
}

/// <summary>The variant of an autoencoder, its settings as they act on raw activations, and what training was asked for.</summary>
public sealed record SaeOrigin
{
    /// <summary>Fovea's name of the variant.</summary>
    public required string Variant { get; init; }

    /// <summary>The axis of the activations that vectors lie along.</summary>
    public int Axis { get; init; } = 1;

    /// <summary>The layer it was trained on, where that is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Layer { get; init; }

    /// <summary>The fingerprint of the network it was trained on, where that is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Network { get; init; }

    /// <summary>The variant's settings.</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>What training was asked for; null where that is not known.</summary>
    public JsonObject? Training { get; init; }

    /// <summary>The number that training vectors were multiplied by, already folded away.</summary>
    public double? InputScale { get; init; }
}
