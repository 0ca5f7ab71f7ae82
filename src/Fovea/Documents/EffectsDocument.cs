using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// What the units of a source do when each is set to 0: <c>effects.json</c>, beside the table <see cref="EffectRow"/>. Definitions in
/// docs/reference/metrics.md.
/// </summary>
public sealed record EffectsDocument : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "effects.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary><c>neurons</c>, or the dictionary's name.</summary>
    public required string Source { get; init; }

    /// <summary>Images measured on, drawn by seed from those that no dictionary was trained on.</summary>
    public required int Images { get; init; }

    /// <summary>Whether the class is the one that the network names, because the images' classes are not its own.</summary>
    public required bool OfPredictedClass { get; init; }

    /// <summary>
    /// Whether the network has no classes, and numbers named after the logit are of how much of the unchanged answer o is left of a changed
    /// one o′, ⟨o′, o⟩ / ‖o‖².
    /// </summary>
    public bool OfAnswer { get; init; }

    /// <summary>Whether pooling and a linear head follow the layer, so that what the derivative predicts of logits is exact.</summary>
    public required bool Exact { get; init; }

    /// <summary>Operations that stand between the layer and the answer and are not linear, in order: why predictions may fail.</summary>
    public required IReadOnlyList<string> Between { get; init; }

    /// <summary>Units of the source.</summary>
    public required int Units { get; init; }

    /// <summary>Units measured: all, or those with the largest predicted effects.</summary>
    public required int Measured { get; init; }

    /// <summary>Points on the way from 0 at which integrated gradients were taken; 0: none.</summary>
    public required int IntegrationSteps { get; init; }

    /// <summary>Predicted beside measured, over units: one for neurons; two for latents, the error kept and dropped.</summary>
    public required IReadOnlyList<EffectAgreement> Agreement { get; init; }
}

/// <summary>How far predictions of units' mean effects on the logit hold.</summary>
/// <param name="Error"><c>kept</c>, <c>dropped</c>; null for neurons.</param>
/// <param name="Units">Units in which anything changes.</param>
/// <param name="Gradient">Correlation over units of the derivative's mean prediction with the measured mean; NaN for fewer than two.</param>
/// <param name="Integrated">The same of integrated gradients; null where none were taken.</param>
/// <param name="Clear">Units whose interval of the logit's change does not hold 0.</param>
/// <param name="Disagreements">Units whose derivative disagrees, by reason.</param>
public sealed record EffectAgreement(
    string? Error, int Units, double Gradient, double? Integrated, int Clear, IReadOnlyDictionary<string, int> Disagreements);

/// <summary>
/// Why the derivative's prediction of a unit's effect disagrees with what is measured: which operations behind the layer, each held to its
/// linear approximation on the unchanged image, make the unit do what was predicted (at least two thirds of the error go).
/// </summary>
public static class EffectDisagreements
{
    /// <summary>Functions that are flat beyond a bound: the network stands on a flat part, or gets there.</summary>
    public const string Saturation = "saturation";

    /// <summary>Normalisations by the values' own mean and size, as layer normalisation is.</summary>
    public const string Normalisation = "normalisation";

    /// <summary>Rectifiers and their smooth kin, leaky ones too: the change takes them to their other side.</summary>
    public const string Rectifier = "rectifier";

    /// <summary>
    /// Rectifiers alone that open where the unit is gone, and the effect is smaller than predicted or reversed: later layers make up for
    /// it.
    /// </summary>
    public const string Compensation = "compensation";

    /// <summary>Products of values with each other, as attention and gates are, and any other operation.</summary>
    public const string Products = "products";

    /// <summary>No kind alone accounts for two thirds of the error, or the network's operations cannot be held.</summary>
    public const string Several = "several";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Saturation, Normalisation, Rectifier, Compensation, Products, Several];
}
