using System.Globalization;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Recipes;

/// <summary>
/// Applies <c>--set a.b=c</c> to a recipe before it is bound. Elements of an array of tables are named by position, by their
/// <c>name</c> (all that bear it), or all at once by <c>*</c>: <c>dictionary.0.epochs=2</c>, <c>dictionary.topk.epochs=2</c>,
/// <c>dictionary.*.epochs=2</c>. The position after the last adds an element.
/// Nothing after the <c>=</c> takes a key or a table away: its default holds again.
/// </summary>
internal static class RecipeOverrides
{
    /// <summary>Applies one <c>key=value</c>.</summary>
    /// <param name="root">The recipe; changed.</param>
    /// <param name="assignment">The text after <c>--set</c>.</param>
    /// <param name="shown">How the option is named in errors and in the resolved recipe; null: <c>--set assignment</c>.</param>
    /// <exception cref="FoveaException">No <c>=</c>, or an element that is not there.</exception>
    public static void Apply(RecipeTable root, string assignment, string? shown = null)
    {
        var origin = Origin.Option(shown ?? $"--set {assignment}");
        int equals = assignment.IndexOf('=');
        string[] path = equals > 0 ? assignment[..equals].Trim().Split('.') : [];
        if (path.Length == 0 || path.Any(part => part.Trim().Length == 0))
            throw FoveaException.BadConfiguration($"{origin.Place}: write it as key=value, for example --set train.epochs=2.");
        foreach (RecipeTable table in Targets(root, path.AsSpan(..^1), "", origin))
        {
            string text = assignment[(equals + 1)..].Trim();
            if (text.Length == 0) table.Entries.Remove(path[^1]);
            else table.Entries[path[^1]] = (origin, new RecipeText(origin, text));
        }
    }

    private static IEnumerable<RecipeTable> Targets(RecipeTable table, ReadOnlySpan<string> path, string walked, Origin origin)
    {
        if (path.Length == 0) return [table];
        string name = path[0];
        // A table the recipe leaves out comes into being: its other keys take their defaults.
        if (!table.Entries.TryGetValue(name, out var entry))
            table.Entries[name] = entry =
                (origin, path.Length > 1 && path[1] == "0" ? new RecipeList(origin, isTableArray: true) : new RecipeTable(origin));
        string here = SettingNames.Join(walked, name);
        if (entry.Value is RecipeTable inner) return Targets(inner, path[1..], here, origin);
        if (entry.Value is not RecipeList list || list.Items.Any(item => item is not RecipeTable))
            throw FoveaException.BadConfiguration($"{origin.Place}: {here} is a value, not a table.");
        string which = path.Length > 1
            ? path[1] : throw FoveaException.BadConfiguration(
                $"{origin.Place}: say which [[{here}]]: by position, name or * ({Names(list)}).");
        var result = new List<RecipeTable>();
        foreach (RecipeTable element in Choose(list, which, here, origin))
            result.AddRange(Targets(element, path[2..], SettingNames.Join(here, which), origin));
        return result;
    }

    private static IEnumerable<RecipeTable> Choose(RecipeList list, string which, string here, Origin origin)
    {
        if (which == "*") return list.Items.Cast<RecipeTable>();
        if (int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index <= list.Items.Count)
        {
            if (index == list.Items.Count) list.Items.Add(new RecipeTable(origin));
            return [(RecipeTable)list.Items[index]];
        }
        RecipeTable[] named = [.. list.Items.Cast<RecipeTable>().Where(item => NameOf(item) == which)];
        if (named.Length > 0) return named;
        string[] names = [.. list.Items.Cast<RecipeTable>().Select(NameOf).OfType<string>()];
        throw FoveaException.BadConfiguration($"{origin.Place}: there is no [[{here}]] '{which}'.{Suggestions.Sentence(which, names)}");
    }

    private static string Names(RecipeList list) => string.Join(", ", list.Items.Cast<RecipeTable>().Select(item => NameOf(item) ?? "?"));

    private static string? NameOf(RecipeTable table) =>
        !table.Entries.TryGetValue("name", out var entry) ? null : entry.Value switch
        {
            RecipeValue { Value: string name } => name,
            RecipeText text => text.Text,
            _ => null,
        };
}
