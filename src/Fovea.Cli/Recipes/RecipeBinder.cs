using System.Collections;
using System.Globalization;
using System.Reflection;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Recipes;

/// <summary>
/// Turns a recipe into settings by reflection over the settings records, so that a new setting needs no line here.
/// Every error is collected: one reading shows all that is wrong.
/// </summary>
internal sealed class RecipeBinder
{
    private readonly List<string> _errors = [];
    private readonly Dictionary<string, Origin> _origins = new(StringComparer.Ordinal);

    private RecipeBinder() { }

    /// <summary>The settings, with the origin of each value that the recipe or an option gave, by its path (<c>dictionary.0.epochs</c>).</summary>
    /// <exception cref="FoveaException">Unknown keys, wrong types, missing keys, values out of range.</exception>
    public static (WorkflowSettings Settings, IReadOnlyDictionary<string, Origin> Origins) Bind(RecipeTable root, string file)
    {
        var binder = new RecipeBinder();
        var settings = (WorkflowSettings)binder.Table(root, typeof(WorkflowSettings), "", file);
        // Rules over several values make sense only when each value could be read.
        if (binder._errors.Count == 0 && SettingsRules.Check(settings).ToArray() is { Length: > 0 } problems)
            throw SettingProblem.ToException(problems, path => binder.Where(path, file));
        if (binder._errors.Count > 0) throw FoveaException.BadConfiguration(string.Join('\n', binder._errors));
        return (settings, binder._origins);
    }

    private string Where(string path, string file)
    {
        for (; path.Length > 0; path = path.Contains('.') ? path[..path.LastIndexOf('.')] : "")
        {
            if (_origins.TryGetValue(path, out Origin? origin)) return origin.Place;
        }
        return file;
    }

    private object Table(RecipeTable table, Type type, string path, string place)
    {
        object settings = Activator.CreateInstance(type)!;
        IReadOnlyList<PropertyInfo> properties = SettingNames.Properties(type);
        foreach ((string key, (Origin keyOrigin, RecipeNode node)) in table.Entries)
        {
            PropertyInfo? property = properties.FirstOrDefault(candidate => SettingNames.Key(candidate) == key);
            if (property is null)
            {
                _errors.Add($"{keyOrigin.Place}: unknown key '{key}' in {SettingNames.TableTitle(path)}.{Suggestions.Sentence(key, [.. properties.Select(SettingNames.Key)])}");
                continue;
            }
            string inner = SettingNames.Join(path, key);
            _origins[inner] = node.Origin;
            if (Value(node, property.PropertyType, inner) is { } value) property.SetValue(settings, value);
        }
        foreach (PropertyInfo property in properties.Where(SettingNames.IsRequired))
        {
            string key = SettingNames.Key(property);
            if (table.Entries.ContainsKey(key)) continue;
            string what = SettingNames.IsTable(property.PropertyType) ? $"table [{SettingNames.Join(path, key)}]" : $"key '{key}' ({SettingNames.Words(property.PropertyType)})";
            _errors.Add($"{place}: {SettingNames.TableTitle(path)} lacks the required {what}.");
        }
        return settings;
    }

    private object? Value(RecipeNode node, Type type, string path)
    {
        if (node is RecipeText text) return FromText(text, type, path);
        if (SettingNames.IsTable(type)) return node is RecipeTable table ? Table(table, type, path, node.Origin.Place) : Wrong(node, type, path);
        if (SettingNames.ElementType(type) is { } element) return node is RecipeList list ? Array(list, element, path) : Wrong(node, type, path);
        return node is RecipeValue value && Convert(value.Value, type) is { } converted ? converted : Wrong(node, type, path);
    }

    private IList? Array(RecipeList list, Type element, string path)
    {
        var array = System.Array.CreateInstance(element, list.Items.Count);
        bool complete = true;
        for (int i = 0; i < list.Items.Count; i++)
        {
            string inner = SettingNames.Join(path, i.ToString(CultureInfo.InvariantCulture));
            _origins[inner] = list.Items[i].Origin;
            object? value = Value(list.Items[i], element, inner);
            complete &= value is not null;
            if (value is not null) array.SetValue(value, i);
        }
        return complete ? array : null;
    }

    /// <summary>An override's text: TOML where it is, else a bare word for a string and a comma-separated list for an array of strings.</summary>
    private object? FromText(RecipeText text, Type type, string path)
    {
        Type? element = SettingNames.ElementType(type);
        if (type == typeof(string)) return text.Syntax is Tomlyn.Syntax.StringValueSyntax quoted ? quoted.Value ?? "" : text.Text;
        bool words = element == typeof(string) || element == typeof(double);
        if (words && text.Syntax is not Tomlyn.Syntax.ArraySyntax)
        {
            var list = new RecipeList(text.Origin);
            foreach (string word in text.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                list.Items.Add(new RecipeText(text.Origin, word));
            return Array(list, element!, path);
        }
        return text.Syntax is null ? Wrong(text, type, path) : Value(RecipeParser.FromSyntax(text.Syntax, text.Origin), type, path);
    }

    private static object? Convert(object value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            string text when type == typeof(string) => text,
            bool flag when type == typeof(bool) => flag,
            long whole when type == typeof(int) && whole is >= int.MinValue and <= int.MaxValue => (int)whole,
            long whole when type == typeof(ulong) && whole >= 0 => (ulong)whole,
            long whole when type == typeof(double) => (double)whole,
            double number when type == typeof(double) && double.IsFinite(number) => number,
            _ => null,
        };
    }

    private object? Wrong(RecipeNode node, Type type, string path)
    {
        string given = node switch
        {
            RecipeTable => "a table",
            RecipeList => "an array",
            RecipeText text => $"'{text.Text}'",
            RecipeValue { Value: string text } => $"the string \"{text}\"",
            RecipeValue { Value: bool flag } => flag ? "true" : "false",
            RecipeValue { Value: long or double } value => System.Convert.ToString(value.Value, CultureInfo.InvariantCulture)!,
            _ => "a date",
        };
        _errors.Add($"{node.Origin.Place}: {path} must be {SettingNames.Words(type)}, not {given}.");
        return null;
    }
}
