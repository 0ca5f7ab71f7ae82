using Fovea.Explorer.Contents;

namespace Fovea.Explorer.Galleries;

/// <summary>A number of a unit that the explorer's galleries are sorted and bounded by: each that a row of the run's table has.</summary>
/// <param name="Key">Its name in addresses: letters and digits.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Value">The number; null where it is not known.</param>
/// <param name="Percent">Whether it is in per cent.</param>
public sealed record UnitNumber(string Key, string Label, Func<Feature, double?> Value, bool Percent = false)
{
    /// <summary>All of them, those that are asked for most first.</summary>
    public static IReadOnlyList<UnitNumber> All { get; } =
    [
        new("unit", "Number", unit => unit.Unit),
        new("density", "Active, %", unit => unit.Row?.Density * 100, Percent: true),
        new("max", "Maximum", unit => unit.Row?.Max),
        new("mean", "Mean activation", unit => unit.Row?.Mean),
        new("p999", "99.9th percentile", unit => unit.Row?.P999),
        new("p999Active", "99.9th percentile of when it fires", unit => unit.Row?.P999Active),
        new("ratio", "Picture over 99.9th percentile", unit => unit.Ratio(unit.Main)),
        new("peak", "Peak on its picture", unit => unit.Main?.Row.Peak),
        new("activation", "Objective on its picture", unit => unit.Main?.Row.Activation),
        new("rank", "Rank on its picture", unit => unit.Main?.Row.Rank),
        new("seeds", "Agreement of seeds", unit => unit.Main?.Row.SeedAgreement),
        new("seedsChance", "Agreement of seeds, by chance", unit => unit.Main?.Row.SeedBaseline),
        new("selectivity", "Selectivity", unit => unit.Row?.Selectivity),
        new("topClassMean", "Mean on its class", unit => unit.Row?.TopClassMean),
        new("monosemanticity", "Monosemanticity", unit => unit.Row?.Monosemanticity),
        new("monosemanticityChance", "Monosemanticity, by chance", unit => unit.Row?.MonosemanticityShuffled),
        new("purity", "Class purity", unit => unit.Row?.Purity),
        new("purityChance", "Class purity, by chance", unit => unit.Row?.PurityShuffled),
        new("uniqueness", "Uniqueness", unit => unit.Row?.Uniqueness),
        new("uniquenessChance", "Uniqueness, by chance", unit => unit.Row?.UniquenessRandom),
        new("elsewhere", "Class in another network", unit => unit.Main?.Row.OtherEvidence),
        new("elsewhereChance", "Class in another network, by chance", unit => unit.Main?.Row.OtherBaseline),
        new("truth", "Best F1", unit => unit.Row?.BestF1),
        new("auroc", "Best AUROC", unit => unit.Row?.BestAuroc),
    ];

    private static readonly Dictionary<string, UnitNumber> ByKey = All.ToDictionary(one => one.Key, StringComparer.Ordinal);

    /// <summary>The number of a key; null where there is none.</summary>
    public static UnitNumber? Find(string key) => ByKey.GetValueOrDefault(key);

    /// <summary>A unit's number; null where it is not known or not finite.</summary>
    public double? Of(Feature unit) => Value(unit) is { } value && double.IsFinite(value) ? value : null;
}
