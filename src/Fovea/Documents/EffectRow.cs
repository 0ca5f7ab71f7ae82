using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// A row of <c>effects.parquet</c>: what becomes of the network's answers when one unit is set to 0 at every position. The class is the
/// image's own, or the one that the network names where the images' classes are not its own; of a network without classes the logit is how
/// much of its unchanged answer is left, ⟨o′, o⟩ / ‖o‖². Latents have a row with the dictionary's error
/// kept, compared with the network as it is, and one with it dropped, compared with the dictionary spliced in. Definitions in
/// docs/reference/metrics.md.
/// </summary>
public sealed record EffectRow : ITableRow
{
    /// <summary>File name.</summary>
    public const string FileName = "effects.parquet";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <summary>Neuron or latent.</summary>
    [JsonPropertyName("unit")]
    public int Unit { get; set; }

    /// <summary><c>kept</c> or <c>dropped</c>: what becomes of the dictionary's error; null for neurons.</summary>
    [JsonPropertyName("error")]
    public string? Error { get; set; }

    /// <summary>Images measured on, n.</summary>
    [JsonPropertyName("images")]
    public int Images { get; set; }

    /// <summary>Images in which the unit is not 0 everywhere, so that setting it to 0 changes anything.</summary>
    [JsonPropertyName("active")]
    public int Active { get; set; }

    /// <summary>Mean change of the class's logit when the unit is set to 0, over all images: after less before.</summary>
    [JsonPropertyName("logit")]
    public double Logit { get; set; }

    /// <summary>Lower end of its 95 % interval.</summary>
    [JsonPropertyName("logitLower")]
    public double LogitLower { get; set; }

    /// <summary>Upper end.</summary>
    [JsonPropertyName("logitUpper")]
    public double LogitUpper { get; set; }

    /// <summary>Mean change of the class's probability; null, as top-1, where the network has no classes.</summary>
    [JsonPropertyName("probability")]
    public double? Probability { get; set; }

    /// <summary>Lower end of its 95 % interval.</summary>
    [JsonPropertyName("probabilityLower")]
    public double? ProbabilityLower { get; set; }

    /// <summary>Upper end.</summary>
    [JsonPropertyName("probabilityUpper")]
    public double? ProbabilityUpper { get; set; }

    /// <summary>Change of top-1: below 0 where setting the unit to 0 does harm.</summary>
    [JsonPropertyName("accuracy")]
    public double? Accuracy { get; set; }

    /// <summary>Lower end of its 95 % interval.</summary>
    [JsonPropertyName("accuracyLower")]
    public double? AccuracyLower { get; set; }

    /// <summary>Upper end.</summary>
    [JsonPropertyName("accuracyUpper")]
    public double? AccuracyUpper { get; set; }

    /// <summary>Mean change of the logit over the images of <see cref="Active"/>; null where there are none.</summary>
    [JsonPropertyName("activeLogit")]
    public double? ActiveLogit { get; set; }

    /// <summary>The class whose logit changes most without sign, on the mean of all images; null where nothing changes.</summary>
    [JsonPropertyName("topClass")]
    public int? TopClass { get; set; }

    /// <summary>The mean change of that class's logit.</summary>
    [JsonPropertyName("topClassLogit")]
    public double? TopClassLogit { get; set; }

    /// <summary>Mean change of the logit that the derivative predicts; null where nothing changes.</summary>
    [JsonPropertyName("gradient")]
    public double? Gradient { get; set; }

    /// <summary>
    /// Correlation of predicted and measured over the images of <see cref="Active"/>; null where one of them does not vary.
    /// </summary>
    [JsonPropertyName("gradientCorrelation")]
    public double? GradientCorrelation { get; set; }

    /// <summary>Σ|predicted − measured| / Σ|measured| over them; null where nothing is measured.</summary>
    [JsonPropertyName("gradientError")]
    public double? GradientError { get; set; }

    /// <summary>The same by integrated gradients from 0 to the layer's output; null where none were taken.</summary>
    [JsonPropertyName("integrated")]
    public double? Integrated { get; set; }

    /// <summary>Their correlation.</summary>
    [JsonPropertyName("integratedCorrelation")]
    public double? IntegratedCorrelation { get; set; }

    /// <summary>Their error.</summary>
    [JsonPropertyName("integratedError")]
    public double? IntegratedError { get; set; }

    /// <summary>Why the derivative and the measurement disagree (<see cref="EffectDisagreements"/>); null where they agree.</summary>
    [JsonPropertyName("disagreement")]
    public string? Disagreement { get; set; }
}
