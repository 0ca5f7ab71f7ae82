using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// A row of <c>features.parquet</c>: a unit and one of its pictures. A unit has a row for each preset it has a picture by, and one without
/// a picture if it has none.
/// </summary>
public sealed record FeatureRow : ICheckedRow, ITableRow
{
    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <summary>Channel or latent.</summary>
    [JsonPropertyName("unit")]
    public int Unit { get; set; }

    /// <summary>Share of the positions at which it is active.</summary>
    [JsonPropertyName("density")]
    public double Density { get; set; }

    /// <summary>Mean activation over all positions.</summary>
    [JsonPropertyName("mean")]
    public double Mean { get; set; }

    /// <summary>Largest activation in the dataset.</summary>
    [JsonPropertyName("max")]
    public double Max { get; set; }

    /// <summary>
    /// The 99.9th percentile of the activations over all positions, off by an eighth of itself at most; null where no pass was made.
    /// </summary>
    [JsonPropertyName("p999")]
    public double? P999 { get; set; }

    /// <summary>
    /// The 99.9th percentile of the activations over the positions at which the unit is active (2⁻¹⁰ at least), as near; what pictures are
    /// measured by where <see cref="P999"/> is not above 0, that is, where a latent is active at fewer than 0.1 % of the positions. Null
    /// where no pass was made or the unit is never active.
    /// </summary>
    [JsonPropertyName("p999Active")]
    public double? P999Active { get; set; }

    /// <summary>Class selectivity, 0 … 1; null where images have no classes or none activates the unit.</summary>
    [JsonPropertyName("selectivity")]
    public double? Selectivity { get; set; }

    /// <summary>The class that activates it most on average; null as <see cref="Selectivity"/>.</summary>
    [JsonPropertyName("topClass")]
    public int? TopClass { get; set; }

    /// <summary>Its mean activation on the images of that class; null as <see cref="Selectivity"/>.</summary>
    [JsonPropertyName("topClassMean")]
    public double? TopClassMean { get; set; }

    /// <summary>The file that the picture is a part of, relative to the table's folder; null without one.</summary>
    [JsonPropertyName("picture")]
    public string? Picture { get; set; }

    /// <summary>Left edge of the picture in that file, pixels.</summary>
    [JsonPropertyName("pictureLeft")]
    public int? PictureLeft { get; set; }

    /// <summary>Upper edge of the picture in that file, pixels.</summary>
    [JsonPropertyName("pictureTop")]
    public int? PictureTop { get; set; }

    /// <summary>Width of the picture in that file, pixels.</summary>
    [JsonPropertyName("pictureWidth")]
    public int? PictureWidth { get; set; }

    /// <summary>Height of the picture in that file, pixels.</summary>
    [JsonPropertyName("pictureHeight")]
    public int? PictureHeight { get; set; }

    /// <summary>The objective on the saved picture; null without one.</summary>
    [JsonPropertyName("activation")]
    public double? Activation { get; set; }

    /// <summary>
    /// The unit's largest activation over the positions of the saved picture, comparable with <see cref="Max"/>; null without one.
    /// </summary>
    [JsonPropertyName("peak")]
    public double? Peak { get; set; }

    /// <summary>The recipe's name; null without a picture.</summary>
    [JsonPropertyName("preset")]
    public string? Preset { get; set; }

    /// <summary>Its unit's place among all units of the group on this picture, 1 for the first; null without one.</summary>
    [JsonPropertyName("rank")]
    public int? Rank { get; set; }

    /// <summary>Mean cosine between what pictures of the unit by several seeds cause in the layer; null for a single seed.</summary>
    [JsonPropertyName("seedAgreement")]
    public double? SeedAgreement { get; set; }

    /// <summary>The mean cosine with pictures of other units.</summary>
    [JsonPropertyName("seedBaseline")]
    public double? SeedBaseline { get; set; }

    /// <summary>Probability of the unit's top class in the standard network, on this picture; null where there is none.</summary>
    [JsonPropertyName("otherEvidence")]
    public double? OtherEvidence { get; set; }

    /// <summary>Its mean probability on the pictures of other units.</summary>
    [JsonPropertyName("otherBaseline")]
    public double? OtherBaseline { get; set; }

    /// <summary>How alike the images are that it reacts to, in another network's eyes; null where none judged.</summary>
    [JsonPropertyName("monosemanticity")]
    public double? Monosemanticity { get; set; }

    /// <summary>The same for shuffled images.</summary>
    [JsonPropertyName("monosemanticityShuffled")]
    public double? MonosemanticityShuffled { get; set; }

    /// <summary>The largest share that one class has of its activation.</summary>
    [JsonPropertyName("purity")]
    public double? Purity { get; set; }

    /// <summary>The same with shuffled labels.</summary>
    [JsonPropertyName("purityShuffled")]
    public double? PurityShuffled { get; set; }

    /// <summary>1 − the overlap of its top images with those of the unit most like it.</summary>
    [JsonPropertyName("uniqueness")]
    public double? Uniqueness { get; set; }

    /// <summary>The same for sets of images of the same sizes, drawn at random.</summary>
    [JsonPropertyName("uniquenessRandom")]
    public double? UniquenessRandom { get; set; }

    /// <summary>The true factor it tells best, where the truth is known.</summary>
    [JsonPropertyName("bestFactor")]
    public string? BestFactor { get; set; }

    /// <summary>Best F1 for it.</summary>
    [JsonPropertyName("bestF1")]
    public double? BestF1 { get; set; }

    /// <summary>AUROC for it.</summary>
    [JsonPropertyName("bestAuroc")]
    public double? BestAuroc { get; set; }

    /// <summary>Where the picture is; null without one.</summary>
    public StoredPicture? PicturePlace() => StoredPicture.Of(Picture, PictureLeft, PictureTop, PictureWidth, PictureHeight);

    /// <inheritdoc/>
    public string? Inconsistency() => StoredPicture.Inconsistency([PicturePlace()]);
}
