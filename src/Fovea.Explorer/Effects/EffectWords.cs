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

    /// <summary>The number whose change is told.</summary>
    public static string Number(EffectsDocument document) => document.OfAnswer ? "how much of the network's unchanged answer is left (1 with nothing changed)"
        : $"the logit of {(document.OfPredictedClass ? "the class that the network names" : "the image's class")}";

    /// <summary>One of the answer's numbers: a class, or a number of an answer that has none.</summary>
    public static string Output(EffectsDocument document, string className, int output) => document.OfAnswer ? $"output {output}" : className;

    /// <summary>What stands between a layer and the answer, in words.</summary>
    public static string Between(EffectsDocument document) => document.Exact
        ? "Pooling and a linear head follow: predictions of the logit are exact."
        : $"Between the layer and the answer: {(document.Between.Count == 0 ? "nothing that is not linear" : string.Join(", ", document.Between))}.";
}
