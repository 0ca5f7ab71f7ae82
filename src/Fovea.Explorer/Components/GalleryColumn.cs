using System.Globalization;
using Fovea.Explorer.Contents;

namespace Fovea.Explorer.Components;

/// <summary>A number by which a gallery can be sorted and filtered, in the unit in which its cards show it.</summary>
/// <param name="Key">Its name in the page's address and in the cards' attributes: lower-case letters.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Value">The number of a unit; null where it is not known.</param>
public sealed record GalleryColumn(string Key, string Label, Func<Feature, double?> Value)
{
    private static readonly GalleryColumn[] All =
    [
        new("unit", "Number", unit => unit.Unit),
        new("density", "Active, %", unit => unit.Row?.Density * 100),
        new("max", "Maximum", unit => unit.Row?.Max),
        new("ratio", "Picture over 99.9th percentile", unit => unit.Ratio(unit.Main)),
        new("seeds", "Agreement of seeds", unit => unit.Main?.Row.SeedAgreement),
        new("selectivity", "Selectivity", unit => unit.Row?.Selectivity),
        new("monosemanticity", "Monosemanticity", unit => unit.Row?.Monosemanticity),
        new("purity", "Class purity", unit => unit.Row?.Purity),
        new("uniqueness", "Uniqueness", unit => unit.Row?.Uniqueness),
        new("elsewhere", "Class in another network", unit => unit.Main?.Row.OtherEvidence),
        new("truth", "Best F1", unit => unit.Row?.BestF1),
    ];

    /// <summary>Those that some unit has a number for.</summary>
    internal static IReadOnlyList<GalleryColumn> Of(IReadOnlyList<Feature> units) =>
        [.. All.Where(column => units.Any(unit => column.Attribute(unit) is not null))];

    /// <summary>The number as the script reads it.</summary>
    public string? Attribute(Feature unit) =>
        Value(unit) is { } value && double.IsFinite(value) ? value.ToString("G6", CultureInfo.InvariantCulture) : null;
}
