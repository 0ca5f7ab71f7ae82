using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Fovea.Cli.Commands;
using Fovea.Cli.Recipes;
using Fovea.Dictionaries.Sparse;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Tests;

/// <summary>The parts of the reference pages that are made from the program itself.</summary>
internal static partial class ReferencePages
{
    /// <summary>Every command with its options.</summary>
    public static string Commands(RootCommand root)
    {
        var page = new StringBuilder();
        foreach ((string path, FoveaCommand command) in Leaves(root, "fovea"))
        {
            string arguments = string.Concat(command.Arguments.Select(argument => " " + argument.Name));
            page.Append(CultureInfo.InvariantCulture, $"\n## `{path}{arguments}`\n\n{command.Description}\n\n");
            if (command.Examples.Count > 0) page.Append("```sh\n").AppendJoin('\n', command.Examples).Append("\n```\n\n");
            if (command.Arguments.Count + command.Options.Count == 0) continue;
            page.Append("| | |\n|---|---|\n");
            foreach (Argument argument in command.Arguments)
                page.Append(CultureInfo.InvariantCulture, $"| `{argument.Name}` | {Cell(argument.Description)} |\n");
            foreach (Option option in command.Options.OrderBy(option => option.Required ? 0 : 1))
            {
                string names = string.Join(", ", option.Aliases.Order(StringComparer.Ordinal).Prepend(option.Name));
                string value = option.HelpName is null ? "" : " " + option.HelpName;
                page.Append(CultureInfo.InvariantCulture,
                    $"| `{Cell(names + value)}` | {Cell(option.Description)}{(option.Required ? " Required." : "")}{Default(option)} |\n");
            }
        }
        return Contents(page.ToString());
    }

    /// <summary>Every table of a recipe with its keys, their defaults and what the settings' documentation says.</summary>
    public static string Recipes()
    {
        var summaries = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Fovea.Core.xml")).Descendants("member")
            .ToDictionary(member => (string)member.Attribute("name")!, member => Words(member.Element("summary")), StringComparer.Ordinal);
        var page = new StringBuilder();
        Table(page, summaries, typeof(WorkflowSettings), "Top of the file", "");
        return Contents(page.ToString());
    }

    /// <summary>A line of links to the headings of a text, and the text.</summary>
    private static string Contents(string made) => "\n" + string.Join(" · ", Heading().Matches(made).Select(heading =>
    {
        string words = heading.Groups[1].Value.Trim();
        string anchor = string.Concat(words.ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')).Replace(' ', '-');
        // The arguments and the program's name tell nothing here.
        string shown = words.StartsWith("`fovea ", StringComparison.Ordinal)
            ? $"`{string.Join(' ', words.Trim('`').Split(' ').Skip(1).Where(word => char.IsLower(word[0])))}`" : words;
        return $"[{shown}](#{anchor})";
    })) + "\n" + made;

    private static void Table(StringBuilder page, Dictionary<string, string> summaries, Type type, string title, string path)
    {
        page.Append(CultureInfo.InvariantCulture,
            $"\n## {title}\n\n{summaries["T:" + type.FullName]}\n\n| key | type | default | |\n|---|---|---|---|\n");
        foreach (TableKey key in SettingNames.Keys(type).Where(key => Nested(key.Property) is null))
            Row(page, summaries, Create(type, null), key, "");
        foreach (AutoencoderVariant variant in SettingNames.Keys(type).Any(key => key.OfVariant) ? AutoencoderVariants.All : [])
        {
            Type own = variant.Defaults.GetType();
            foreach (TableKey key in SettingNames.Keys(type, own)
                .Where(key => key.Property.DeclaringType == own && key.Key != SettingNames.VariantKey))
                Row(page, summaries, Create(type, own), key, $" (`{variant.Name}`)");
        }
        var nested = SettingNames.Properties(type).Select(property => (property, table: Nested(property)))
            .Where(pair => pair.table is not null).ToArray();
        foreach ((PropertyInfo property, Type? table) in nested)
        {
            string inner = SettingNames.Join(path, SettingNames.Key(property));
            bool many = SettingNames.ElementType(property.PropertyType) is not null;
            // [model] and [train.compare.model] are one table: it is described once.
            if (table == typeof(ModelSettings) && path.Length > 0)
                page.Append(CultureInfo.InvariantCulture, $"\n`[{inner}]`: as `[model]`.\n");
            else Table(page, summaries, table!, many ? $"`[[{inner}]]`" : $"`[{inner}]`", inner);
        }
    }

    private static void Row(StringBuilder page, Dictionary<string, string> summaries, object defaults, TableKey key, string owner)
    {
        PropertyInfo property = key.Property;
        object? value = key.Key == SettingNames.VariantKey || (key.Key == "sparsity" && key.OfVariant) ? null : key.Get(defaults);
        string standard = key.IsRequired ? "required" : key.Key == "sparsity" && key.OfVariant ? "the variant's" : value is null
            ? "absent" : $"`{RecipeWriter.Literal(value)}`";
        string summary = summaries[$"P:{property.DeclaringType!.FullName}.{property.Name}"];
        page.Append(CultureInfo.InvariantCulture,
            $"| `{key.Key}`{owner} | {SettingNames.Words(property.PropertyType)} | {standard} | {Cell(summary)} |\n");
    }

    /// <summary>A table with nothing said, of a variant where one is given.</summary>
    private static object Create(Type type, Type? variant)
    {
        object table = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in SettingNames.Properties(type).Where(SettingNames.SharesTable))
        {
            Type? kind = SettingNames.IsVariant(property.PropertyType) ? variant : property.PropertyType;
            if (kind is not null) property.SetValue(table, Create(kind, variant));
        }
        return table;
    }

    private static Type? Nested(PropertyInfo property)
    {
        Type type = SettingNames.ElementType(property.PropertyType) ?? property.PropertyType;
        return SettingNames.IsTable(type) ? type : null;
    }

    private static IEnumerable<(string Path, FoveaCommand Command)> Leaves(Command command, string path)
    {
        foreach (Command child in command.Subcommands)
        {
            if (child is FoveaCommand leaf) yield return ($"{path} {leaf.Name}", leaf);
            foreach (var found in Leaves(child, $"{path} {child.Name}")) yield return found;
        }
    }

    private static string Default(Option option)
    {
        object? value = option.HasDefaultValue && !option.Required ? option.GetDefaultValue() : null;
        return value is null or "" or false or Array { Length: 0 }
            ? "" : $" Default: `{Convert.ToString(value, CultureInfo.InvariantCulture)}`.";
    }

    private static string Words(XElement? summary)
    {
        if (summary is null) return "";
        foreach (XElement code in summary.Descendants("c").ToArray()) code.ReplaceWith($"`{code.Value}`");
        // A setting that another one's words name, by the key that it has in a recipe.
        foreach (XElement named in summary.Descendants("see").ToArray())
            named.ReplaceWith($"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(((string)named.Attribute("cref")!).Split('.')[^1])}`");
        return Space().Replace(summary.Value, " ").Trim();
    }

    private static string Cell(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal);

    [GeneratedRegex(@"^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
