using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Fovea.Interpretation;
using Fovea.IO;

namespace Fovea.Cli.Commands;

/// <summary>A run's tables as text: which kind a file is says its name, as the run folder has it.</summary>
internal static class TableText
{
    private static readonly JsonSerializerOptions Options = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private static readonly Dictionary<string, Func<string, IReadOnlyList<object>>> Readers = new(StringComparer.Ordinal)
    {
        [FeatureTables.FeaturesName] = TableFile.Read<FeatureRow>,
        [FeatureTables.ExamplesName] = TableFile.Read<ExampleRow>,
        [EffectRow.FileName] = TableFile.Read<EffectRow>,
        [ShortcutRow.FileName] = TableFile.Read<ShortcutRow>,
    };

    /// <summary>The table as comma-separated values; numbers are whole and have a dot, what is not known is empty.</summary>
    /// <exception cref="FoveaException">Data: there is no such table, or it is damaged.</exception>
    public static (string Text, int Rows) Of(string path)
    {
        List<List<(string Column, string? Cell)>> rows = [.. Read(path).Select(row =>
        {
            List<(string, string?)> cells = [];
            Flatten("", JsonSerializer.SerializeToNode(row, row.GetType(), Options), cells);
            return cells;
        })];
        // A column stands where the first row that has it says; rows without it have an empty cell.
        List<string> columns = [];
        HashSet<string> known = [];
        foreach (List<(string Column, string? Cell)> row in rows)
            foreach (var (column, _) in row)
                if (known.Add(column)) columns.Add(column);
        var text = new StringBuilder(CommaSeparated.Line(columns));
        foreach (List<(string Column, string? Cell)> row in rows)
        {
            Dictionary<string, string?> cells = row.ToDictionary(cell => cell.Column, cell => cell.Cell, StringComparer.Ordinal);
            text.Append(CommaSeparated.Line(columns.Select(column => cells.GetValueOrDefault(column))));
        }
        return (text.ToString(), rows.Count);
    }

    /// <summary>How many rows it has.</summary>
    public static int Rows(string path) => Read(path).Count;

    private static IReadOnlyList<object> Read(string path)
    {
        if (!File.Exists(path)) throw FoveaException.BadData($"There is no table {path}.");
        return Readers.TryGetValue(Path.GetFileName(path), out var read) ? read(path)
            : throw FoveaException.BadData(
                $"{path} is no table of a run: those are called {string.Join(", ", Readers.Keys.Order(StringComparer.Ordinal))}.");
    }

    private static void Flatten(string name, JsonNode? node, List<(string, string?)> cells)
    {
        switch (node)
        {
            case JsonObject nested:
                foreach (var (key, value) in nested) Flatten(name.Length == 0 ? key : $"{name}.{key}", value, cells);
                break;
            case JsonArray list:
                cells.Add((name, string.Join(' ', list.Select(Cell))));
                break;
            default:
                cells.Add((name, Cell(node)));
                break;
        }
    }

    private static string? Cell(JsonNode? node) => node is null ? null
        : node.GetValueKind() != JsonValueKind.String ? node.ToJsonString()
        : node.GetValue<string>() is var text && text is "NaN" or "Infinity" or "-Infinity" ? "" : CommaSeparated.Guarded(node.GetValue<string>());
}
