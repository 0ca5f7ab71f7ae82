using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using Fovea.Explorer.Contents;

namespace Fovea.Explorer.TakeAway;

/// <summary>The columns of a selection of units: where a unit is, what people call it, its class, and each number of the run's table.</summary>
internal static class UnitColumns
{
    // Each property that a row of the table has, under the name that the table gives it.
    private static readonly (string Name, PropertyInfo Property)[] OfRow =
        [.. typeof(FeatureRow).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => (property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name, property))
            .Where(one => one.Name is not null and not "unit").Select(one => (one.Name!, one.property))];

    /// <summary>The names in their order.</summary>
    public static IReadOnlyList<string> Names { get; } = ["layer", "source", "unit", "name", "tags", "topClassName", .. OfRow.Select(one => one.Name)];

    /// <summary>The values of a unit in the order of <see cref="Names"/>: numbers, texts or null.</summary>
    public static IReadOnlyList<object?> Of(FeatureSet set, Feature unit, UnitNote? note, ModelContents model) =>
    [
        set.Layer, set.Source, unit.Unit, note?.Name, note is { Tags.Count: > 0 } ? string.Join(';', note.Tags) : null,
        model.ClassName(unit.Row?.TopClass) is { Length: > 0 } name ? name : null,
        .. OfRow.Select(one => Of(unit, one.Property)),
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
    private static object? Of(Feature unit, PropertyInfo property) =>
        (unit.Main?.Row ?? unit.Row) is { } row && property.GetValue(row) is { } value && value is not double.NaN ? value : null;
}
