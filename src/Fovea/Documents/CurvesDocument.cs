using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// What is left of a class's answer when only the m units that matter most for it are kept, or when they are taken away:
/// <c>curves.json</c>. Units are ranked for each class by their mean attribution to its logit on half of its images, and judged on the
/// other half; where no two classes have four images, for each image by itself. Definitions in docs/reference/metrics.md.
/// </summary>
public sealed record CurvesDocument : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "curves.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary>The classes whose images are judged.</summary>
    public required IReadOnlyList<int> Classes { get; init; }

    /// <summary>
    /// Whether units were ranked for each image by itself, on the image that they are judged on, because no two classes have four images:
    /// these curves then speak of explanations of images, not of units of a class.
    /// </summary>
    public bool OfImages { get; init; }

    /// <summary>Images that units were ranked on.</summary>
    public required int RankedOn { get; init; }

    /// <summary>Images judged.</summary>
    public required int Images { get; init; }

    /// <summary>The network as it is on these images: top-1.</summary>
    public required EffectEstimate Accuracy { get; init; }

    /// <summary>The class's mean probability.</summary>
    public required EffectEstimate Probability { get; init; }

    /// <summary>Neurons, the dictionaries of the layer, principal components, random directions.</summary>
    public required IReadOnlyList<UnitCurve> Curves { get; init; }
}

/// <summary>The curves of a set of units.</summary>
public sealed record UnitCurve
{
    /// <summary><c>neurons</c>, a dictionary's name, <c>pca</c>, <c>random</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is a yardstick that was made for these curves: components of the layer's vectors, or random directions.</summary>
    public required bool IsBaseline { get; init; }

    /// <summary>Units.</summary>
    public required int Units { get; init; }

    /// <summary>By growing m.</summary>
    public required IReadOnlyList<CurvePoint> Points { get; init; }

    /// <summary>
    /// Area under the probability that is kept, over log₂(1 + m), divided by the network's own: 1 where the first unit alone keeps all, 0
    /// where nothing is kept.
    /// </summary>
    public required double KeptArea { get; init; }

    /// <summary>The same of the probability that remains: the lower, the more of the class's answer the first units carry.</summary>
    public required double RemovedArea { get; init; }
}

/// <summary>What the m first units do.</summary>
/// <param name="Count">m.</param>
/// <param name="KeptAccuracy">Top-1 with all other units set to 0, and the dictionary's error dropped.</param>
/// <param name="KeptProbability">The class's mean probability, likewise.</param>
/// <param name="RemovedAccuracy">Top-1 with the m units set to 0, and the error kept.</param>
/// <param name="RemovedProbability">The class's mean probability, likewise.</param>
/// <param name="OtherAccuracy">Top-1 on images of another class, drawn for each image, with the units of the image's class set to 0: the
/// damage beside.</param>
/// <param name="Sufficiency">Kept probability / the network's own.</param>
/// <param name="Necessity">1 − remaining probability / the network's own.</param>
public sealed record CurvePoint(
    int Count, EffectEstimate KeptAccuracy, EffectEstimate KeptProbability, EffectEstimate RemovedAccuracy,
    EffectEstimate RemovedProbability, EffectEstimate OtherAccuracy, double Sufficiency, double Necessity);
