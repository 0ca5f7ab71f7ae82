using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fovea.Dictionaries.SaeLens;

/// <summary>What a <c>cfg.json</c> of any version of SAELens means in version 6's words.</summary>
internal static class SaeLensVersions
{
    /// <summary>
    /// The version of the layout that is written. Without one SAELens takes the document for one of version 5 and rewrites it.
    /// </summary>
    public const string Layout = "6.0.0";

    /// <summary>How activations are brought to a scale before the encoder, as one of SAELens' words.</summary>
    public static string Normalization(this SaeConfiguration file) => file.NormalizeActivations?.GetValueKind() switch
    {
        null or JsonValueKind.False => "none",
        JsonValueKind.True => "expected_average_only_in",
        JsonValueKind.String => file.NormalizeActivations.GetValue<string>(),
        _ => file.NormalizeActivations.ToJsonString(),
    };

    /// <summary>The document in version 6's words: TopK was an activation function of the standard architecture before.</summary>
    public static SaeConfiguration Modern(this SaeConfiguration file)
    {
        string activation = file.ActivationFunction ?? file.ActivationName ?? "relu";
        if (activation is "relu" or "topk" && (file.Architecture ?? "standard") is not "standard" and not "topk") return file;
        return activation switch
        {
            "relu" => file with { Architecture = file.Architecture ?? "standard" },
            "topk" => file with
            {
                Architecture = "topk",
                K = file.K
                ?? (file.ActivationArguments?["k"] is JsonValue k && k.TryGetValue(out double value) ? value : null)
            },
            _ => file with { Architecture = $"{file.Architecture ?? "standard"} with {activation}" },
        };
    }
}
