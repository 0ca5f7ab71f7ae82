using Fovea.Interpretation;

namespace Fovea.Explorer.RunFiles;

/// <summary>The scores of units and pictures in a table, which may lack any of them.</summary>
internal static class ScoreColumns
{
    /// <summary>The scores of a row's unit, where they are not known from its other rows.</summary>
    public static UnitScores Unit(ParquetTable table, int row, UnitScores known) => new()
    {
        Monosemanticity = known.Monosemanticity ?? table.Number(row, "monosemanticity"),
        MonosemanticityShuffled = known.MonosemanticityShuffled ?? table.Number(row, "monosemanticityShuffled"),
        Purity = known.Purity ?? table.Number(row, "purity"),
        PurityShuffled = known.PurityShuffled ?? table.Number(row, "purityShuffled"),
        Uniqueness = known.Uniqueness ?? table.Number(row, "uniqueness"),
        UniquenessRandom = known.UniquenessRandom ?? table.Number(row, "uniquenessRandom"),
        BestFactor = known.BestFactor ?? table.Text(row, "bestFactor"),
        BestF1 = known.BestF1 ?? table.Number(row, "bestF1"),
        BestAuroc = known.BestAuroc ?? table.Number(row, "bestAuroc"),
    };

    /// <summary>The scores of a row's picture.</summary>
    public static PictureScores Picture(ParquetTable table, int row) => new()
    {
        Rank = table.Integer(row, "rank"),
        SeedAgreement = table.Number(row, "seedAgreement"),
        SeedBaseline = table.Number(row, "seedBaseline"),
        OtherEvidence = table.Number(row, "otherEvidence"),
        OtherBaseline = table.Number(row, "otherBaseline"),
    };
}
