using System.Text.Json.Serialization;
using Fovea.Numerics;

namespace Fovea.Documents;

/// <summary>
/// Layers and networks side by side: of the neurons and the dictionaries of some runs what they keep, what they mean and what they do
/// (<c>fovea layers --out</c>). What a run did not measure is null. Definitions in docs/reference/metrics.md.
/// </summary>
public sealed record LayersDocument : IDocument
{
    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>By run in the order given, by layer in that asked for, else by name; neurons first.</summary>
    public required IReadOnlyList<LayerRow> Rows { get; init; }
}

/// <summary>The units of one source of a layer in numbers.</summary>
public sealed record LayerRow
{
    /// <summary>The name of the run's folder.</summary>
    public required string Run { get; init; }

    /// <summary>The network.</summary>
    public required string Network { get; init; }

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary><c>neurons</c>, or the dictionary's name.</summary>
    public required string Source { get; init; }

    /// <summary>The dictionary's variant; null for neurons.</summary>
    public string? Variant { get; init; }

    /// <summary>Number of units; null where nothing says it.</summary>
    public int? Units { get; init; }

    /// <summary>Active latents a vector, on held-out vectors.</summary>
    public double? L0 { get; init; }

    /// <summary>Fraction of variance unexplained of these.</summary>
    public double? Fvu { get; init; }

    /// <summary>Share of the latents that none of these activates.</summary>
    public double? DeadFraction { get; init; }

    /// <summary>Top-1 of the network as it is.</summary>
    public double? Top1 { get; init; }

    /// <summary>Top-1 lost with the reconstruction in the layer's place.</summary>
    public PairedDifference? Top1Lost { get; init; }

    /// <summary>Without a classifier: the cosine of the network's answer with that with the reconstruction in place.</summary>
    public PairedDifference? Cosine { get; init; }

    /// <summary>Without a classifier: the relative error of the answer.</summary>
    public PairedDifference? RelativeError { get; init; }

    /// <summary>Mean MonoSemanticity of the units that have one.</summary>
    public double? Monosemanticity { get; init; }

    /// <summary>The same with shuffled images: chance.</summary>
    public double? MonosemanticityShuffled { get; init; }

    /// <summary>Units whose effects were measured and that change something on some image; latents with the error kept.</summary>
    public int? Measured { get; init; }

    /// <summary>Of these, those whose interval of the effect does not hold 0. One in twenty without any effect would be by chance.</summary>
    public int? Clear { get; init; }

    /// <summary>Correlation of predicted and measured effects over them.</summary>
    public double? Predicted { get; init; }

    /// <summary>
    /// Mean decoder cosine of latents matched with those of another seed: of the first pair in the layer's <c>replication.json</c> that the
    /// dictionary is one of, as all that follows. Pairs with further seeds stand there.
    /// </summary>
    public double? SeedCosine { get; init; }

    /// <summary>Correlation of their effects with those of the matched latents.</summary>
    public IntervalEstimate? SeedEffect { get; init; }

    /// <summary>Mean cosine of their effects on all classes.</summary>
    public IntervalEstimate? SeedClasses { get; init; }

    /// <summary>The same of latents that were not matched: chance.</summary>
    public double? SeedClassesOthers { get; init; }
}
