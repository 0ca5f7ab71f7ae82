using System.Collections;
using Fovea.Explorer.Components;
using Tomlyn;
using Tomlyn.Model;

namespace Fovea.Explorer.Contents;

/// <summary>The resolved recipe of a run, for captions: its tables as readable lists of settings.</summary>
public sealed class Recipe
{
    // Settings that name files; others are shortened only where they are whole paths.
    private static readonly HashSet<string> Paths = ["source", "weights", "classes", "compare"];

    private readonly TomlTable? _root;

    private Recipe(string? text, TomlTable? root) => (Text, _root) = (text is null ? null : MachinePaths.InRecipe(text), root);

    /// <summary>The file with the names of files in place of whole paths, or null.</summary>
    public string? Text { get; }

    public string? Name => _root is not null && _root.TryGetValue("name", out object? name) ? name as string : null;

    public string? Description => _root is not null && _root.TryGetValue("description", out object? text) ? text as string : null;

    internal static Recipe Read(CarefulReader reader)
    {
        if (reader.Try(() => reader.Run.Text(RunLayout.Recipe)) is not { } text) return new Recipe(null, null);
        try
        {
            return new Recipe(text, TomlSerializer.Deserialize<TomlTable>(text));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            reader.Tell($"Cannot read {reader.Run.Name}/{RunLayout.Recipe}: {e.Message}");
            return new Recipe(text, null);
        }
    }

    /// <summary>
    /// The settings of a table, in the recipe's order; of an array of tables, those of the entry of that name and, where given, layer.
    /// </summary>
    public IReadOnlyList<(string Key, string Value)> Table(string table, string? entry = null, string? layer = null)
    {
        if (_root is null || !_root.TryGetValue(table, out object? found)) return [];
        TomlTable? settings = found switch
        {
            TomlTable single => single,
            TomlTableArray many => many.FirstOrDefault(one => Is(one, "name", entry) && (layer is null || Is(one, "layer", layer))),
            _ => null,
        };
        return settings is null ? [] : Settings(settings);
    }

    /// <summary>The settings that all entries of an array of tables have in common.</summary>
    public IReadOnlyList<(string Key, string Value)> Shared(string table)
    {
        if (_root is null || !_root.TryGetValue(table, out object? found) || found is not TomlTableArray many) return [];
        IReadOnlyList<(string, string)>[] all = [.. many.Select(Settings)];
        return all.Length == 0 ? [] : [.. all[0].Where(setting => all.All(other => other.Contains(setting)))];
    }

    /// <summary>The strings of a list such as <c>harvest.layers</c>.</summary>
    public IReadOnlyList<string> List(string table, string key) =>
        _root is not null && _root.TryGetValue(table, out object? found) && found is TomlTable settings
            && settings.TryGetValue(key, out object? value)
            && value is TomlArray list ? [.. list.OfType<string>()] : [];

    /// <summary>Names of an array of tables, in the recipe's order.</summary>
    public IReadOnlyList<string> Entries(string table) =>
        _root is not null && _root.TryGetValue(table, out object? found) && found is TomlTableArray many
            ? [.. many.Select(one => one.TryGetValue("name", out object? name) ? name as string : null).OfType<string>()]
            : [];

    private static IReadOnlyList<(string, string)> Settings(TomlTable table) =>
        [.. table.Where(pair => pair.Value is not (TomlTable or TomlTableArray))
            .Select(pair => (pair.Key, Show(ShortPaths(pair.Key, pair.Value))))];

    /// <summary>Of files only their names: where they lie on the machine that made the run says nothing to a reader.</summary>
    private static object? ShortPaths(string key, object? value) => value switch
    {
        string text when Paths.Contains(key) => MachinePaths.FileName(text),
        string text => MachinePaths.Short(text),
        TomlArray list => list.Select(item => ShortPaths(key, item)).ToList(),
        _ => value,
    };

    private static bool Is(TomlTable table, string key, string? value) =>
        table.TryGetValue(key, out object? found) && found as string == value;

    private static string Show(object? value) => value switch
    {
        string text => text.Length == 0 ? "none" : text,
        bool flag => flag ? "yes" : "no",
        double number => Format.Number(number),
        IEnumerable list => list.Cast<object?>().Any() ? string.Join(", ", list.Cast<object?>().Select(Show)) : "none",
        _ => value?.ToString() ?? "",
    };
}
