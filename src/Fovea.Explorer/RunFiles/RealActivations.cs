namespace Fovea.Explorer.RunFiles;

/// <summary>What real images make of a unit: how strongly they drive it, and which class most.</summary>
public sealed record RealActivations
{
    /// <summary>The 99.9th percentile of its activations, over all positions.</summary>
    public double? P999 { get; init; }

    /// <summary>The same over the positions at which it is active.</summary>
    public double? P999Active { get; init; }

    /// <summary>Whether it is active so seldom that pictures are measured by <see cref="P999Active"/>.</summary>
    public bool IsRare => P999 is not > 0 && P999Active is > 0;

    /// <summary>What pictures are measured by; null for a unit that is never active, or only below 0.</summary>
    public double? Reference => IsRare ? P999Active : P999 is > 0 ? P999 : null;

    /// <summary>How far its most driving class stands out from the others.</summary>
    public double? Selectivity { get; init; }

    /// <summary>That class, and the mean activation over its images.</summary>
    public int? TopClass { get; init; }
    public double? TopClassMean { get; init; }

    /// <summary>What a row has, where it is not known from the unit's other rows.</summary>
    internal static RealActivations Read(ParquetTable table, int row, RealActivations known) => new()
    {
        P999 = known.P999 ?? table.Number(row, "p999"),
        P999Active = known.P999Active ?? table.Number(row, "p999Active"),
        Selectivity = known.Selectivity ?? table.Number(row, "selectivity"),
        TopClass = known.TopClass ?? table.Integer(row, "topClass"),
        TopClassMean = known.TopClassMean ?? table.Number(row, "topClassMean"),
    };
}
