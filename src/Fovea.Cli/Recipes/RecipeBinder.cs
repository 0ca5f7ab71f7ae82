using System.Collections;
using System.Globalization;
using System.Reflection;
using Fovea.Dictionaries.Sparse;
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

    /// <summary>
    /// The settings, with the origin of each value that the recipe or an option gave, by its path (<c>dictionary.0.epochs</c>).
    /// </summary>
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
        Type? variant = Variant(table, type, path);
        object settings = Create(type, variant);
        IReadOnlyList<TableKey> keys = SettingNames.Keys(type, variant);
        foreach ((string key, (Origin keyOrigin, RecipeNode node)) in table.Entries)
        {
            string inner = SettingNames.Join(path, key);
            if (keys.FirstOrDefault(candidate => candidate.Key == key) is not { } found)
            {
                if (!IsDefaultOfOther(table, type, node, key)) _errors.Add(Unknown(type, variant, path, key, keyOrigin, keys));
                continue;
            }
            if (found.OfVariant && IsDefaultOfOther(table, type, node, key)) continue;
            _origins[inner] = node.Origin;
            if (found is { OfVariant: true, Key: SettingNames.VariantKey }) continue;
            if (Value(node, found.Property.PropertyType, inner) is { } value) found.Set(settings, value);
        }
        foreach (TableKey required in keys.Where(key => key.IsRequired))
        {
            if (table.Entries.ContainsKey(required.Key)) continue;
            Type kind = required.Property.PropertyType;
            string what = SettingNames.IsTable(kind)
                ? $"table [{SettingNames.Join(path, required.Key)}]" : $"key '{required.Key}' ({SettingNames.Words(kind)})";
            _errors.Add($"{place}: {SettingNames.TableTitle(path)} lacks the required {what}.");
        }
        return settings;
    }

    /// <summary>Settings with nothing said, of the variant that was chosen.</summary>
    private static object Create(Type type, Type? variant)
    {
        object settings = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in SettingNames.Properties(type).Where(SettingNames.SharesTable))
        {
            Type? kind = SettingNames.IsVariant(property.PropertyType) ? variant : property.PropertyType;
            if (kind is not null) property.SetValue(settings, Create(kind, variant));
        }
        return settings;
    }

    /// <summary>
    /// The options of the variant that a table's <c>architecture</c> names; null where the table has none or there is no such variant.
    /// </summary>
    private Type? Variant(RecipeTable table, Type type, string path)
    {
        if (!HasVariant(type) || !table.Entries.TryGetValue(SettingNames.VariantKey, out var entry)) return null;
        string inner = SettingNames.Join(path, SettingNames.VariantKey);
        if (Value(entry.Value, typeof(string), inner) is not string name) return null;
        if (AutoencoderVariants.All.FirstOrDefault(known => known.Name == name) is { } variant) return variant.Defaults.GetType();
        _errors.Add($"{entry.Value.Origin.Place}: {inner} is '{name}': it must be one of {string.Join(", ", SettingChoices.Autoencoders)}"
            + (Suggestions.Nearest(name, SettingChoices.Autoencoders) is { } near ? $" (did you mean '{near}'?)." : "."));
        return null;
    }

    private static bool HasVariant(Type type) => SettingNames.Keys(type).Any(key => key.OfVariant);

    /// <summary>
    /// Whether a value of a run's resolved recipe is only the default that a variant had there, while an option now asks for another
    /// variant: that one has its own.
    /// </summary>
    private static bool IsDefaultOfOther(RecipeTable table, Type type, RecipeNode node, string key) =>
        key != SettingNames.VariantKey && node.Origin.Note == RecipeWriter.DefaultNote && HasVariant(type)
        && table.Entries.TryGetValue(SettingNames.VariantKey, out var chosen) && chosen.Value is RecipeText;

    private static string Unknown(Type type, Type? variant, string path, string key, Origin origin, IReadOnlyList<TableKey> keys)
    {
        string[] owners = HasVariant(type)
            ? [.. AutoencoderVariants.All.Where(known => SettingNames.Keys(type, known.Defaults.GetType()).Any(one => one.Key == key))
                .Select(known => known.Name)] : [];
        // Where the variant itself is missing or wrong, that is said alone.
        if (owners.Length > 0)
        {
            string own = variant is null
                ? "this table names no variant" : $"this one is {((VariantOptions)Activator.CreateInstance(variant)!).Architecture}";
            return $"{origin.Place}: {SettingNames.Join(path, key)} is a setting of {string.Join(" and ", owners)} alone; {own}.";
        }
        return $"{origin.Place}: unknown key '{key}' in {SettingNames.TableTitle(path)}.{Suggestions.Sentence(key, [.. keys.Select(known => known.Key)])}";
    }

    private object? Value(RecipeNode node, Type type, string path)
    {
        if (node is RecipeText text) return FromText(text, type, path);
        if (SettingNames.IsTable(type))
            return node is RecipeTable table ? Table(table, type, path, node.Origin.Place) : Wrong(node, type, path);
        if (SettingNames.ElementType(type) is { } element)
            return node is RecipeList list ? Array(list, element, path) : Wrong(node, type, path);
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

    /// <summary>
    /// An override's text: TOML where it is, else a bare word for a string and a comma-separated list for an array of strings.
    /// </summary>
    private object? FromText(RecipeText text, Type type, string path)
    {
        Type? element = SettingNames.ElementType(type);
        if (type == typeof(string)) return text.Syntax is Tomlyn.Syntax.StringValueSyntax quoted ? quoted.Value ?? "" : text.Text;
        if ((Nullable.GetUnderlyingType(type) ?? type).IsEnum && text.Syntax is not Tomlyn.Syntax.StringValueSyntax)
            return Convert(text.Text, type) ?? Wrong(text, type, path);
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
            string text when type.IsEnum && SettingNames.EnumWords(type).Contains(text) => Enum.Parse(type, text, ignoreCase: true),
            long whole when type == typeof(long) => whole,
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
        string range = node is RecipeValue { Value: long } && (Nullable.GetUnderlyingType(type) ?? type) == typeof(int) ? " of at most 2147483647" : "";
        _errors.Add($"{node.Origin.Place}: {path} must be {SettingNames.Words(type)}{range}, not {given}.");
        return null;
    }
}
