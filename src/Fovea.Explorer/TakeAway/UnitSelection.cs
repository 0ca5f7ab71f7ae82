using System.Text;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Galleries;
using Fovea.Interpretation;
using Fovea.IO;

namespace Fovea.Explorer.TakeAway;

/// <summary>The units that a gallery's address selects, in its order, as tables of several kinds.</summary>
/// <param name="set">The source.</param>
/// <param name="units">The units.</param>
/// <param name="notes">What people wrote of the run's units.</param>
/// <param name="model">Names their classes.</param>
internal sealed class UnitSelection(FeatureSet set, IReadOnlyList<Feature> units, NoteBook notes, ModelContents model)
{
    /// <summary>The units that a query selects: by the gallery's order and bounds, or those ticked as <c>units=3,9,12</c>.</summary>
    public static UnitSelection Of(FeatureSet set, string query, NoteBook notes, ModelContents model)
    {
        GalleryQuery asked = GalleryQuery.Parse(query);
        if (QueryPairs.Of(query).FirstOrDefault(pair => pair.Name == "units").Value is not { Length: > 0 } ticked)
            return new UnitSelection(set, set.Order(asked, model, notes).Units, notes, model);
        var wanted = ticked.Split(',').Select(text => int.TryParse(text, out int unit) ? unit : -1).ToHashSet();
        // Who names a unit asks for it, whatever notes hide.
        IReadOnlyList<Feature> all = set.Order(asked with { Hidden = true }, model, notes).Units;
        return new UnitSelection(set, [.. all.Where(unit => wanted.Contains(unit.Unit))], notes, model);
    }

    /// <summary>
    /// Comma-separated values with a line of names. A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers do
    /// not, and are read as numbers.
    /// </summary>
    public string Csv()
    {
        var text = new StringBuilder(CommaSeparated.Line(UnitColumns.Names));
        foreach (IReadOnlyList<object?> row in Rows())
            text.Append(CommaSeparated.Line(row.Select(value => value is string words ? CommaSeparated.Guarded(words) : UnitColumns.Text(value))));
        return text.ToString();
    }

    /// <summary>The same as a document.</summary>
    public UnitSelectionDocument Document() => new(
        set.Layer, set.Source, units.Count,
        [.. Rows().Select(row => UnitColumns.Names.Zip(row).Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First, pair => pair.Second))]);

    /// <summary>The rows of the run's own table (Parquet), of these units alone; a unit's main picture is the one that is kept.</summary>
    public byte[] Parquet() => FeatureTables.FeaturesTable([.. units.Select(unit => unit.Main?.Row ?? unit.Row).OfType<FeatureRow>()]);

    private IEnumerable<IReadOnlyList<object?>> Rows() => units.Select(unit => UnitColumns.Of(set, unit, notes.Of(set.Layer, set.Source, unit.Unit), model));
}

/// <summary>A selection of units as JSON; what is not known of a unit is not there.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Source"><c>neurons</c> or the dictionary's name.</param>
/// <param name="Count">How many units.</param>
/// <param name="Units">Each with the columns of the run's table.</param>
internal sealed record UnitSelectionDocument(
    string Layer, string Source, int Count, IReadOnlyList<IReadOnlyDictionary<string, object?>> Units)
{
    [System.Text.Json.Serialization.JsonPropertyOrder(-1)]
    public int Schema => 1;
}
