using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>The document <c>sweep.json</c>: every dictionary of a sweep as a point.</summary>
public sealed record SweepDocument : ICheckedDocument
{
    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>File name.</summary>
    public const string FileName = "sweep.json";

    /// <summary>The sweep's name.</summary>
    public required string Name { get; init; }

    /// <summary>The layer.</summary>
    public required string Layer { get; init; }

    /// <summary>For people.</summary>
    public required string Description { get; init; }

    /// <summary>Parts of the images; 1: the run's own split.</summary>
    public required int Folds { get; init; }

    /// <summary>Filters of the measures, the main one first.</summary>
    public required IReadOnlyList<string> Validate { get; init; }

    /// <summary>The points, autoencoders first.</summary>
    public required IReadOnlyList<SweepPoint> Points { get; init; }

    /// <summary>How alike the dictionaries of different seeds are, where a setting was trained with several.</summary>
    public required IReadOnlyList<SweepStability> Stability { get; init; }

    /// <summary>What was to be a point and is none; null where all are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SweepFailure>? Failed { get; init; }

    /// <inheritdoc/>
    public string? Inconsistency() =>
        Folds < 1 || Validate.Count == 0 ? "folds or validate is empty"
        : Points.FirstOrDefault(
            point => Validate.Any(filter => !point.Measures.TryGetValue(filter, out var folds) || folds.Count != Folds)) is { } point
            ? $"point '{point.Id}' has not one measure a fold for each of 'validate'"
        : Points.FirstOrDefault(one => !one.Baseline && !StoredPicture.IsInside(one.Id)) is { } outside
            ? $"'{outside.Id}' is not a folder's name"
        : null;
}

/// <summary>One dictionary as it is measured: an autoencoder, at one clip value, or a plain dictionary, at one k.</summary>
public sealed record SweepPoint
{
    /// <summary>Its folder under <c>members/</c>, for plain dictionaries the name alone.</summary>
    public required string Id { get; init; }

    /// <summary>What points of one curve share.</summary>
    public required string Label { get; init; }

    /// <summary>The variant or plain dictionary.</summary>
    public required string Architecture { get; init; }

    /// <summary>A plain dictionary.</summary>
    public required bool Baseline { get; init; }

    /// <summary>The filter whose draws it was trained on.</summary>
    public required string Filter { get; init; }

    /// <summary>The sparsity setting: k, λ.</summary>
    public double? Sparsity { get; init; }

    /// <summary>The clip value it is measured at, on scaled vectors; null for all but L1.</summary>
    public double? Clip { get; init; }

    /// <summary>Which of several seeds.</summary>
    public int Seed { get; init; }

    /// <summary>Length of a vector.</summary>
    public required int DIn { get; init; }

    /// <summary>Number of latents.</summary>
    public required int DSae { get; init; }

    /// <summary>By filter, on held-out vectors as they are (not capped); one a fold.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<DictionaryScores>> Measures { get; init; }

    /// <summary>The classifier with it spliced in; over all folds' images. Null where it was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SpliceDocument? Splice { get; init; }

    /// <summary>The same for a network without classes: how far its answer moves.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FaithfulnessDocument? Faithfulness { get; init; }
}

/// <summary>Dictionaries of one setting and different seeds, matched.</summary>
/// <param name="Id">The setting.</param>
/// <param name="Seeds">How many.</param>
/// <param name="MatchedCosine">Mean over pairs of seeds of the mean cosine after Hungarian matching.</param>
/// <param name="MaximumCosine">Mean over ordered pairs of the mean maximum cosine.</param>
public sealed record SweepStability(string Id, int Seeds, double MatchedCosine, double MaximumCosine);

/// <summary>A dictionary that a sweep went on without.</summary>
/// <param name="Id">As <see cref="SweepPoint.Id"/>.</param>
/// <param name="Baseline">A plain dictionary, which could not be fitted; else an autoencoder whose numbers went wrong.</param>
/// <param name="Reason">For people: what happened and what to do about it.</param>
public sealed record SweepFailure(string Id, bool Baseline, string Reason);
