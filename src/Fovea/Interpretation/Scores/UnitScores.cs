namespace Fovea.Interpretation;

/// <summary>The scores of one unit as tables hold them; null where one could not be had.</summary>
public sealed record UnitScores
{
    /// <summary>
    /// How alike the images are that it reacts to, in another network's eyes (<see cref="Interpretation.Monosemanticity"/>).
    /// </summary>
    public double? Monosemanticity { get; init; }

    /// <summary>The mean of that over all ways of shuffling the images.</summary>
    public double? MonosemanticityShuffled { get; init; }

    /// <summary>The largest share that one class has of its activation (<see cref="ClassPurityScore.Weighted"/>).</summary>
    public double? Purity { get; init; }

    /// <summary>The same with shuffled labels.</summary>
    public double? PurityShuffled { get; init; }

    /// <summary>1 − the overlap of its top images with those of the unit most like it (<see cref="UniquenessScore.Nearest"/>).</summary>
    public double? Uniqueness { get; init; }

    /// <summary>The same for sets of images of the same sizes, drawn at random.</summary>
    public double? UniquenessRandom { get; init; }

    /// <summary>The true factor it tells best, where the truth is known (<see cref="UnitConcept"/>).</summary>
    public string? BestFactor { get; init; }

    /// <summary>Best F1 for it.</summary>
    public double? BestF1 { get; init; }

    /// <summary>AUROC for it.</summary>
    public double? BestAuroc { get; init; }
}

/// <summary>The scores of one picture as tables hold them; null where one could not be had.</summary>
public sealed record PictureScores
{
    /// <summary>The unit's place among all units of its group on its picture, 1 for the first (<see cref="PictureReaction"/>).</summary>
    public int? Rank { get; init; }

    /// <summary>
    /// Mean cosine between what its pictures by several seeds cause in the layer (<see cref="Interpretation.SeedAgreement"/>).
    /// </summary>
    public double? SeedAgreement { get; init; }

    /// <summary>The mean cosine with pictures of other units.</summary>
    public double? SeedBaseline { get; init; }

    /// <summary>Probability of the unit's top class in the other network (<see cref="ClassEvidence"/>).</summary>
    public double? OtherEvidence { get; init; }

    /// <summary>Its mean probability on the pictures of other units.</summary>
    public double? OtherBaseline { get; init; }
}
