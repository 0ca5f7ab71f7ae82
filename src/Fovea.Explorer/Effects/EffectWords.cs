namespace Fovea.Explorer.Effects;

/// <summary>What pages say of effects.</summary>
internal static class EffectWords
{
    /// <summary>A source's name for people.</summary>
    public static string Source(string source) => source == RunLayout.Neurons ? "Neurons" : $"Latents of {source}";

    /// <summary>A curve's name for people.</summary>
    public static string Curve(string name) => name switch
    {
        RunLayout.Neurons => "neurons",
        "pca" => "principal components",
        "random" => "random directions",
        _ => name,
    };

    /// <summary>What became of a dictionary's error.</summary>
    public static string Error(string? error) => error is null ? "" : $"error {error}";

    /// <summary>A reason for a disagreement, in words.</summary>
    public static string Disagreement(string? reason) => reason switch
    {
        null => "",
        EffectDisagreements.Saturation => "saturation: a flat part of a bounded function",
        EffectDisagreements.Normalisation => "normalisation by the values' own size",
        EffectDisagreements.Rectifier => "rectifiers change sides",
        EffectDisagreements.Compensation => "later layers make up for it",
        EffectDisagreements.Products => "products of changed values, as in attention",
        EffectDisagreements.Several => "no one kind of operation alone",
        _ => reason,
    };

    /// <summary>What stands between a layer and the answer, in words.</summary>
    public static string Between(EffectsDocument document) => document.Exact
        ? "Pooling and a linear head follow: predictions of the logit are exact."
        : $"Between the layer and the answer: {(document.Between.Count == 0 ? "nothing that is not linear" : string.Join(", ", document.Between))}.";
}
