using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// Whether what latents do is the same in dictionaries that differ by their training's seed alone: <c>replication.json</c>. Definitions in
/// docs/reference/metrics.md.
/// </summary>
public sealed record ReplicationDocument : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "replication.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary>Images measured on.</summary>
    public required int Images { get; init; }

    /// <summary>Each two dictionaries that were trained alike, with other seeds.</summary>
    public required IReadOnlyList<EffectReplication> Pairs { get; init; }
}

/// <summary>
/// Effects of the latents of two dictionaries, each set to 0 with the error kept, matched one to one by their decoders' cosines.
/// </summary>
public sealed record EffectReplication
{
    /// <summary>The first dictionary.</summary>
    public required string A { get; init; }

    /// <summary>The second.</summary>
    public required string B { get; init; }

    /// <summary>Latents that are matched.</summary>
    public required int Matched { get; init; }

    /// <summary>
    /// Pairs that were measured and of which both change something on some image: all, or those of the first dictionary's latents with the
    /// largest predicted effects.
    /// </summary>
    public required int Live { get; init; }

    /// <summary>Their mean decoder cosine; null without any.</summary>
    public required double? Cosine { get; init; }

    /// <summary>
    /// Correlation over them of the mean change of the class's logit, with a 95 % interval by pair (bootstrap); null for fewer than three. By
    /// chance 0.
    /// </summary>
    public required IntervalEstimate? Effect { get; init; }

    /// <summary>Pairs whose decoders have a cosine of 0.7 at least.</summary>
    public required int Near { get; init; }

    /// <summary>The same correlation over these; null for fewer than three.</summary>
    public required IntervalEstimate? NearEffect { get; init; }

    /// <summary>
    /// Mean cosine of the two latents' changes of all classes' logits, averaged over images, with its interval by pair; null for fewer than
    /// three.
    /// </summary>
    public required IntervalEstimate? Classes { get; init; }

    /// <summary>Chance: its mean over all pairs that were not matched.</summary>
    public required double? ClassesOthers { get; init; }
}
