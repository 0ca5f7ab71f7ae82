using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Recipes;

/// <summary>Writes the resolved recipe: every setting with its value, and beside it where the value comes from.</summary>
internal sealed class RecipeWriter
{
    /// <summary>What stands beside a value that nobody gave.</summary>
    public const string DefaultNote = "default";

    private const int CommentColumn = 44;
    private readonly StringBuilder _text = new();
    private readonly IReadOnlyDictionary<string, Origin> _origins;

    private RecipeWriter(IReadOnlyDictionary<string, Origin> origins) => _origins = origins;

    /// <summary>The recipe as TOML; reading it gives the same settings.</summary>
    public static string Write(WorkflowSettings settings, IReadOnlyDictionary<string, Origin> origins)
    {
        var writer = new RecipeWriter(origins);
        writer._text.Append("# The recipe of this run as resolved: defaults < recipe < options. Beside each value: where it comes from.\n");
        writer.Table(settings, "", "");
        return writer._text.ToString();
    }

    private void Table(object table, string path, string title)
    {
        foreach (TableKey key in SettingNames.Keys(table).Where(key => !IsNested(key.Property)))
        {
            if (key.Get(table) is { } value) Line(key.Key, value, SettingNames.Join(path, key.Key));
        }
        foreach (PropertyInfo property in SettingNames.Properties(table.GetType()).Where(IsNested))
        {
            string key = SettingNames.Key(property);
            string inner = SettingNames.Join(path, key);
            string innerTitle = SettingNames.Join(title, key);
            if (property.GetValue(table) is not { } value) continue;
            if (value is IEnumerable items)
            {
                int index = 0;
                foreach (object item in items)
                {
                    _text.Append(CultureInfo.InvariantCulture, $"\n[[{innerTitle}]]\n");
                    Table(item, $"{inner}.{index++}", innerTitle);
                }
            }
            else
            {
                _text.Append(CultureInfo.InvariantCulture, $"\n[{innerTitle}]\n");
                Table(value, inner, innerTitle);
            }
        }
    }

    private static bool IsNested(PropertyInfo property) =>
        SettingNames.IsTable(property.PropertyType)
            || (SettingNames.ElementType(property.PropertyType) is { } element && SettingNames.IsTable(element));

    private void Line(string key, object value, string path)
    {
        string line = $"{key} = {Literal(value)}";
        _text.Append(line.PadRight(CommentColumn)).Append(" # ")
            .Append(_origins.TryGetValue(path, out Origin? origin) ? OneLine(origin.Note) : DefaultNote).Append('\n');
    }

    private static string OneLine(string note) => string.Concat(note.Select(letter => char.IsControl(letter) ? ' ' : letter));

    /// <summary>A value as TOML.</summary>
    internal static string Literal(object value) => value switch
    {
        string text => Quoted(text),
        Enum word => Quoted(word.ToString().ToLowerInvariant()),
        bool flag => flag ? "true" : "false",
        double number => Number(number),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Literal))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Number(double number)
    {
        string text = number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
        return text.Contains('.', StringComparison.Ordinal) || text.Contains('e', StringComparison.Ordinal) ? text : text + ".0";
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char letter in text)
        {
            if (letter is '"' or '\\') quoted.Append('\\').Append(letter);
            else if (char.IsControl(letter)) quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
            else quoted.Append(letter);
        }
        return quoted.Append('"').ToString();
    }
}
