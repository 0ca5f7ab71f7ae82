using System.Reflection;
using System.Text;
using Fovea.Dictionaries.Sparse;

namespace Fovea.Runs.Settings;

/// <summary>How the settings' C# names and types are called in a recipe.</summary>
public static class SettingNames
{
    /// <summary>The key that chooses the variant of an autoencoder, whose own keys stand beside it.</summary>
    public const string VariantKey = "architecture";

    /// <summary><c>LearningRate</c> → <c>learning_rate</c>.</summary>
    /// <param name="property">A setting.</param>
    public static string Key(PropertyInfo property)
    {
        ArgumentNullException.ThrowIfNull(property);
        return Key(property.Name);
    }

    /// <summary><c>LearningRate</c> → <c>learning_rate</c>.</summary>
    /// <param name="property">A setting's name in C#.</param>
    public static string Key(string property)
    {
        ArgumentNullException.ThrowIfNull(property);
        var key = new StringBuilder();
        foreach (char letter in property)
        {
            if (char.IsAsciiLetterUpper(letter) && key.Length > 0) key.Append('_');
            key.Append(char.ToLowerInvariant(letter));
        }
        return key.ToString();
    }

    /// <summary>The settings of a table in the order they are declared, its own before those it shares with other tables.</summary>
    /// <param name="table">One of the settings records.</param>
    public static IReadOnlyList<PropertyInfo> Properties(Type table) =>
        [.. table.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null)
            .OrderBy(property => property.DeclaringType == table ? 0 : 1).ThenBy(property => property.MetadataToken)];

    /// <summary>
    /// The keys of a table: its own settings in their order, then those of records that share the table (<see cref="SameTableAttribute"/>).
    /// </summary>
    /// <param name="table">One of the settings records.</param>
    /// <param name="variant">The options of the variant that the table's <c>architecture</c> names; null: only what all variants
    /// have.</param>
    public static IReadOnlyList<TableKey> Keys(Type table, Type? variant = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        var keys = new List<TableKey>();
        AddKeys(keys, table, [], variant, []);
        return keys;
    }

    /// <summary>The keys that a table of settings has, with its variant's.</summary>
    /// <param name="table">Settings.</param>
    public static IReadOnlyList<TableKey> Keys(object table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Keys(table.GetType(), VariantOf(table)?.GetType());
    }

    /// <summary>Whether the setting's record shares the table of the setting.</summary>
    /// <param name="property">A setting.</param>
    public static bool SharesTable(PropertyInfo property)
    {
        ArgumentNullException.ThrowIfNull(property);
        return property.GetCustomAttribute<SameTableAttribute>() is not null || IsVariant(property.PropertyType);
    }

    /// <summary>Whether the type stands for the options of some variant of autoencoder.</summary>
    /// <param name="type">A setting's type.</param>
    public static bool IsVariant(Type type) => type == typeof(VariantOptions);

    private static void AddKeys(
        List<TableKey> keys, Type record, IReadOnlyList<PropertyInfo> owners, Type? variant, IReadOnlyList<string> except)
    {
        PropertyInfo[] properties = [.. Properties(record).Where(property => !except.Contains(property.Name))];
        string[] own = [.. keys.Select(key => key.Key)];
        foreach (PropertyInfo property in properties)
        {
            if (!SharesTable(property))
            {
                if (!own.Contains(Key(property))) keys.Add(new TableKey(Key(property), property, owners));
                continue;
            }
            PropertyInfo[] inner = [.. owners, property];
            if (!IsVariant(property.PropertyType))
            {
                AddKeys(keys, property.PropertyType, inner, variant, property.GetCustomAttribute<SameTableAttribute>()!.Except);
                continue;
            }
            keys.Add(new TableKey(VariantKey, typeof(VariantOptions).GetProperty(nameof(VariantOptions.Architecture))!, inner));
            AddKeys(keys, variant ?? typeof(VariantOptions), inner, null, []);
        }
    }

    private static VariantOptions? VariantOf(object record)
    {
        foreach (PropertyInfo property in Properties(record.GetType()).Where(SharesTable))
        {
            object? value = property.GetValue(record);
            if (value is VariantOptions variant) return variant;
            if (value is not null && VariantOf(value) is { } inner) return inner;
        }
        return null;
    }

    /// <summary>Whether the setting is declared <c>required</c>. By name: another package declares the attribute too.</summary>
    /// <param name="property">A setting.</param>
    public static bool IsRequired(PropertyInfo property) =>
        property.CustomAttributes.Any(
            attribute => attribute.AttributeType.FullName == "System.Runtime.CompilerServices.RequiredMemberAttribute");

    /// <summary>Whether the type is a table: one of the settings records.</summary>
    /// <param name="type">A setting's type.</param>
    public static bool IsTable(Type type) => type.Namespace == typeof(WorkflowSettings).Namespace;

    /// <summary>The element type of an array setting, or null.</summary>
    /// <param name="type">A setting's type.</param>
    public static Type? ElementType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    /// <summary>The type in words, for messages.</summary>
    /// <param name="type">A setting's type.</param>
    public static string Words(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return "a string";
        if (type == typeof(int) || type == typeof(long)) return "a whole number";
        if (type.IsEnum) return "one of " + string.Join(", ", EnumWords(type).Select(word => $"\"{word}\""));
        if (type == typeof(ulong)) return "a whole number from 0 to 9223372036854775807";
        if (type == typeof(double)) return "a number";
        if (type == typeof(bool)) return "true or false";
        if (ElementType(type) is { } element)
            return element == typeof(string) ? "an array of strings" : element == typeof(double)
                ? "an array of numbers" : "an array of tables";
        return "a table";
    }

    /// <summary>The words of a choice.</summary>
    /// <param name="type">An enumeration.</param>
    public static IReadOnlyList<string> EnumWords(Type type) => [.. Enum.GetNames(type).Select(name => name.ToLowerInvariant())];

    /// <summary><c>train.compare.1</c> for messages: <c>[train]</c>, <c>[[train.compare]] 2</c>, or the recipe itself.</summary>
    /// <param name="path">A table's path.</param>
    public static string TableTitle(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0) return "the recipe";
        int dot = path.LastIndexOf('.');
        return dot >= 0 && int.TryParse(path.AsSpan(dot + 1), out int index) ? $"[[{path[..dot]}]] number {index + 1}" : $"[{path}]";
    }

    /// <summary>The path of a key in a table: <c>train</c> and <c>epochs</c> give <c>train.epochs</c>.</summary>
    /// <param name="path">The table's; empty: the recipe itself.</param>
    /// <param name="key">The key.</param>
    public static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>A table of settings and all those in it, each with its path.</summary>
    /// <param name="table">Settings.</param>
    /// <param name="path">Its own path; empty: the recipe itself.</param>
    public static IEnumerable<(string Path, object Table)> Tables(object table, string path = "")
    {
        ArgumentNullException.ThrowIfNull(table);
        return Walk(table, path);
    }

    private static IEnumerable<(string Path, object Table)> Walk(object table, string path)
    {
        yield return (path, table);
        foreach (var property in Properties(table.GetType()))
        {
            object? value = property.GetValue(table);
            string inner = Join(path, Key(property));
            if (value is null) continue;
            if (SharesTable(property))
            {
                foreach (var found in Walk(value, path)) yield return found;
            }
            else if (IsTable(property.PropertyType))
            {
                foreach (var found in Walk(value, inner)) yield return found;
            }
            else if (ElementType(property.PropertyType) is { } element && IsTable(element))
            {
                int index = 0;
                foreach (object item in (System.Collections.IEnumerable)value)
                {
                    foreach (var found in Walk(item, $"{inner}.{index}")) yield return found;
                    index++;
                }
            }
        }
    }
}
