using System.Text.Json.Nodes;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// What an autoencoder does to each vector before it encodes it, by numbers of that vector's own, and undoes after decoding: with y the
/// vector that is encoded and ŷ = f W_dec + b_dec its reconstruction, d components, ε = 10⁻⁵,
/// <code>
/// None           y = x                              x̂ = ŷ
/// LayerNorm      y = (x − μ) / (σ + ε)              x̂ = σ ŷ + μ        μ, σ: mean and standard deviation of x over d − 1
/// ConstantNorm   y = √d x / ‖x‖                     x̂ = ‖x‖ ŷ / √d     of a vector of zeros y = 0
/// </code>
/// They are SAELens' <c>layer_norm</c> and <c>constant_norm_rescale</c>. Weights cannot hold such numbers and codes do not carry them, so
/// a reconstruction needs the vector that the codes are of.
/// </summary>
public enum InputNormalization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Mean 0 and standard deviation 1.</summary>
    LayerNorm,

    /// <summary>Length √d.</summary>
    ConstantNorm,
}

/// <summary>The normalisations as SAELens' <c>normalize_activations</c> has them.</summary>
internal static class InputNormalizationWords
{
    private const string Nothing = "none", Layer = "layer_norm", Constant = "constant_norm_rescale";

    /// <summary>Its word.</summary>
    public static string Word(this InputNormalization normalization) => normalization switch
    {
        InputNormalization.LayerNorm => Layer,
        InputNormalization.ConstantNorm => Constant,
        _ => Nothing,
    };

    /// <summary>What a document's word means; null where it is none of these.</summary>
    public static InputNormalization? Of(string word) => word switch
    {
        Nothing => InputNormalization.None,
        Layer => InputNormalization.LayerNorm,
        Constant => InputNormalization.ConstantNorm,
        _ => null,
    };

    /// <summary>The same of a document's field, which says nothing where it is absent.</summary>
    public static InputNormalization? Of(JsonNode? field) => field is null ? InputNormalization.None
        : field is JsonValue value && value.TryGetValue(out string? word) ? Of(word) : null;

    /// <summary>What happens, for people; null where nothing does.</summary>
    public static string? Sentence(this InputNormalization normalization) => normalization switch
    {
        InputNormalization.LayerNorm => "Each vector is brought to mean 0 and standard deviation 1 before it is encoded (layer_norm); its "
            + "reconstruction gets them back. Codes are in the scale of the vectors so changed.",
        InputNormalization.ConstantNorm => "Each vector is brought to the length √d before it is encoded (constant_norm_rescale); its "
            + "reconstruction gets its own length back. Codes are in the scale of the vectors so changed.",
        _ => null,
    };
}
