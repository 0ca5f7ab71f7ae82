using System.Reflection;
using System.Text;

namespace Fovea.Cli.Recipes;

/// <summary>How the settings' C# names and types are called in a recipe.</summary>
internal static class SettingNames
{
    /// <summary><c>LearningRate</c> → <c>learning_rate</c>.</summary>
    public static string Key(PropertyInfo property)
    {
        var key = new StringBuilder();
        foreach (char letter in property.Name)
        {
            if (char.IsAsciiLetterUpper(letter) && key.Length > 0) key.Append('_');
            key.Append(char.ToLowerInvariant(letter));
        }
        return key.ToString();
    }

    /// <summary>The settings of a table in the order they are declared, its own before those it shares with other tables.</summary>
    public static IReadOnlyList<PropertyInfo> Properties(Type table) =>
        [.. table.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null)
            .OrderBy(property => property.DeclaringType == table ? 0 : 1).ThenBy(property => property.MetadataToken)];

    /// <summary>Whether the setting is declared <c>required</c>. By name: another package declares the attribute too.</summary>
    public static bool IsRequired(PropertyInfo property) =>
        property.CustomAttributes.Any(attribute => attribute.AttributeType.FullName == "System.Runtime.CompilerServices.RequiredMemberAttribute");

    /// <summary>Whether the type is a table: one of the settings records.</summary>
    public static bool IsTable(Type type) => type.Namespace == typeof(Runs.Settings.WorkflowSettings).Namespace;

    /// <summary>The element type of an array setting, or null.</summary>
    public static Type? ElementType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    /// <summary>The type in words, for messages.</summary>
    public static string Words(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return "a string";
        if (type == typeof(int)) return "a whole number";
        if (type == typeof(ulong)) return "a whole number from 0 to 9223372036854775807";
        if (type == typeof(double)) return "a number";
        if (type == typeof(bool)) return "true or false";
        if (ElementType(type) is { } element)
            return element == typeof(string) ? "an array of strings" : element == typeof(double) ? "an array of numbers" : "an array of tables";
        return "a table";
    }

    /// <summary><c>train.compare.1</c> for messages: <c>[train]</c>, <c>[[train.compare]] 2</c>, or the recipe itself.</summary>
    public static string TableTitle(string path)
    {
        if (path.Length == 0) return "the recipe";
        int dot = path.LastIndexOf('.');
        return dot >= 0 && int.TryParse(path.AsSpan(dot + 1), out int index) ? $"[[{path[..dot]}]] number {index + 1}" : $"[{path}]";
    }

    public static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
