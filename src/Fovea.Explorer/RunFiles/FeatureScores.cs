namespace Fovea.Explorer.RunFiles;

/// <summary>How much one unit means one thing: measurements over real images, each beside what chance gives.</summary>
public sealed record FeatureScores
{
    /// <summary>The 99.9th percentile of its activations on real images.</summary>
    public double? P999 { get; init; }

    /// <summary>How far its most driving class stands out from the others.</summary>
    public double? Selectivity { get; init; }

    /// <summary>That class, and the mean activation over its images.</summary>
    public int? TopClass { get; init; }
    public double? TopClassMean { get; init; }

    public double? Monosemanticity { get; init; }
    public double? MonosemanticityShuffled { get; init; }
    public double? Purity { get; init; }
    public double? PurityShuffled { get; init; }
    public double? Uniqueness { get; init; }

    /// <summary>The true factor it follows best, where the truth is known.</summary>
    public string? BestFactor { get; init; }
    public double? BestF1 { get; init; }
    public double? BestAuroc { get; init; }

    /// <summary>Whether there is anything but percentiles and classes.</summary>
    public bool Exists => (Selectivity ?? Monosemanticity ?? Purity ?? Uniqueness ?? BestF1 ?? BestAuroc) is not null;

    /// <summary>The scores of a row, where it has them, else those known from the unit's other rows.</summary>
    internal static FeatureScores Read(ParquetTable table, int row, FeatureScores known) => new()
    {
        P999 = known.P999 ?? table.Number(row, "p999"),
        Selectivity = known.Selectivity ?? table.Number(row, "selectivity"),
        TopClass = known.TopClass ?? table.Integer(row, "topClass"),
        TopClassMean = known.TopClassMean ?? table.Number(row, "topClassMean"),
        Monosemanticity = known.Monosemanticity ?? table.Number(row, "monosemanticity"),
        MonosemanticityShuffled = known.MonosemanticityShuffled ?? table.Number(row, "monosemanticityShuffled"),
        Purity = known.Purity ?? table.Number(row, "purity"),
        PurityShuffled = known.PurityShuffled ?? table.Number(row, "purityShuffled"),
        Uniqueness = known.Uniqueness ?? table.Number(row, "uniqueness"),
        BestFactor = known.BestFactor ?? table.Text(row, "bestFactor"),
        BestF1 = known.BestF1 ?? table.Number(row, "bestF1"),
        BestAuroc = known.BestAuroc ?? table.Number(row, "bestAuroc"),
    };
}
