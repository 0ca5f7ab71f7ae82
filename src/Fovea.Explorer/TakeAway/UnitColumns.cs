using System.Globalization;
using Fovea.Explorer.Contents;
using Fovea.Interpretation;

namespace Fovea.Explorer.TakeAway;

/// <summary>The columns of a selection of units: where a unit is, what people call it, its class, and each number of the run's table.</summary>
internal static class UnitColumns
{
    // Each column of the run's table; the unit stands before them.
    private static readonly (string Name, Func<FeatureRow, object?> Value)[] OfRow =
        [.. FeatureTables.FeatureColumns.Where(column => column.Name != "unit")];

    /// <summary>The names in their order.</summary>
    public static IReadOnlyList<string> Names { get; } = ["layer", "source", "unit", "name", "tags", "topClassName", .. OfRow.Select(one => one.Name)];

    /// <summary>The values of a unit in the order of <see cref="Names"/>: numbers, texts or null.</summary>
    public static IReadOnlyList<object?> Of(FeatureSet set, Feature unit, UnitNote? note, ModelContents model) =>
    [
        set.Layer, set.Source, unit.Unit, note?.Name, note is { Tags.Count: > 0 } ? string.Join(';', note.Tags) : null,
        model.ClassName(unit.Row?.TopClass) is { Length: > 0 } name ? name : null,
        .. OfRow.Select(one => Of(unit, one.Value)),
    ];

    /// <summary>A value as text that reads back as the same value; null stays null.</summary>
    public static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    /// <summary>The main picture's row: it is the one that pages show.</summary>
    private static object? Of(Feature unit, Func<FeatureRow, object?> column) =>
        (unit.Main?.Row ?? unit.Row) is { } row && column(row) is { } value && value is not double.NaN ? value : null;
}
