using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Fovea.Cli.Recipes;

/// <summary>Reads TOML text into a <see cref="RecipeTable"/> that remembers every line and column.</summary>
internal sealed class RecipeParser
{
    // A quote that is missing makes an error of every line that follows.
    private const int MostErrors = 10;

    private readonly string _file;
    private readonly string[] _lines;
    private readonly bool _resolved;

    private RecipeParser(string file, string text, bool resolved)
    {
        (_file, _resolved) = (file, resolved);
        _lines = text.Split('\n');
    }

    /// <summary>Parses a recipe.</summary>
    /// <param name="text">The TOML.</param>
    /// <param name="file">The name errors show.</param>
    /// <param name="resolved">Whether it is a resolved recipe of a run, whose comments state the origin of each value: they are
    /// kept.</param>
    /// <exception cref="FoveaException">Not TOML; the message holds file, line and column of each error.</exception>
    public static RecipeTable Parse(string text, string file, bool resolved = false)
    {
        DocumentSyntax document = Syntax(text, file);
        if (document.HasErrors)
        {
            string[] errors = [.. document.Diagnostics.Where(diagnostic => diagnostic.Kind == DiagnosticMessageKind.Error)
                .Select(diagnostic => $"{Origin.InFile(file, diagnostic.Span.Start.Line, diagnostic.Span.Start.Column).Place}: {diagnostic.Message}")];
            throw FoveaException.BadConfiguration(string.Join('\n', errors.Take(MostErrors))
                + (errors.Length > MostErrors ? $"\nand {errors.Length - MostErrors} more, which may follow from these." : ""));
        }
        return new RecipeParser(file, text, resolved).Document(document);
    }

    /// <summary>The text as one TOML value; null where it is not one.</summary>
    public static ValueSyntax? TryParseValue(string text)
    {
        DocumentSyntax document = Syntax($"value = {text}\n", "value");
        if (document.HasErrors || document.Tables.ChildrenCount > 0 || document.KeyValues.ChildrenCount != 1) return null;
        return document.KeyValues.GetChild(0)!.Value;
    }

    /// <summary>A value of the command line: every part of it has the one origin.</summary>
    public static RecipeNode FromSyntax(ValueSyntax syntax, Origin origin) => Value(syntax, _ => origin, _ => origin);

    private static DocumentSyntax Syntax(string text, string file)
    {
        try
        {
            return SyntaxParser.Parse(text, file, validate: true);
        }
        catch (TomlException e)
        {
            // Depth alone is no diagnostic.
            throw FoveaException.BadConfiguration($"{file}: its values lie too deep in each other. No recipe needs that.", e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException or FormatException)
        {
            // Some damage is none that the library has a word for.
            throw FoveaException.BadConfiguration($"{file} is no TOML that can be read: {e.Message}", e);
        }
    }

    private RecipeTable Document(DocumentSyntax document)
    {
        var root = new RecipeTable(Origin.InFile(_file, 0, 0));
        foreach (KeyValueSyntax item in document.KeyValues) Add(root, item, Place, ValuePlace);
        foreach (TableSyntaxBase table in document.Tables)
        {
            string[] path = [.. Parts(table.Name!)];
            Origin origin = Place(table.Name!);
            RecipeTable target = Open(root, path.AsSpan(..^1), origin);
            string last = path[^1];
            if (table is TableArraySyntax)
            {
                if (!target.Entries.TryGetValue(last, out var entry))
                    target.Entries[last] = entry = (origin, new RecipeList(origin, isTableArray: true));
                var element = new RecipeTable(origin);
                if (entry.Value is not RecipeList { IsTableArray: true } tables)
                    throw FoveaException.BadConfiguration($"{origin.Place}: '{last}' is a {(entry.Value is RecipeTable ? "table" : "value")} already, not a list of tables.");
                tables.Items.Add(element);
                target = element;
            }
            else
            {
                target = Open(target, [last], origin);
            }
            foreach (KeyValueSyntax item in table.Items) Add(target, item, Place, ValuePlace);
        }
        return root;
    }

    private Origin Place(SyntaxNode node) => Origin.InFile(_file, node.Span.Start.Line, node.Span.Start.Column);

    private Origin ValuePlace(SyntaxNode node)
    {
        string? note = null;
        if (_resolved)
        {
            string line = _lines[node.Span.End.Line];
            string rest = line[Math.Min(node.Span.End.Column + 1, line.Length)..].Trim();
            if (rest.StartsWith('#')) note = rest[1..].Trim();
        }
        return Origin.InFile(_file, node.Span.Start.Line, node.Span.Start.Column, note);
    }

    private static RecipeTable Open(RecipeTable table, ReadOnlySpan<string> path, Origin origin)
    {
        foreach (string name in path)
        {
            if (!table.Entries.TryGetValue(name, out var entry)) table.Entries[name] = entry = (origin, new RecipeTable(origin));
            // [train.compare] below [[train]] means the last element, as TOML says.
            table = entry.Value switch
            {
                RecipeTable inner => inner,
                RecipeList { IsTableArray: true } list when list.Items[^1] is RecipeTable last => last,
                _ => throw FoveaException.BadConfiguration($"{origin.Place}: '{name}' is a value, not a table."),
            };
        }
        return table;
    }

    private static void Add(RecipeTable table, KeyValueSyntax item, Func<SyntaxNode, Origin> place, Func<SyntaxNode, Origin> valuePlace)
    {
        string[] path = [.. Parts(item.Key!)];
        Origin origin = place(item.Key!);
        Open(table, path.AsSpan(..^1), origin).Entries[path[^1]] = (origin, Value(item.Value!, place, valuePlace));
    }

    private static IEnumerable<string> Parts(KeySyntax key)
    {
        yield return Part(key.Key!);
        foreach (DottedKeyItemSyntax item in key.DotKeys) yield return Part(item.Key!);
    }

    private static string Part(BareKeyOrStringValueSyntax part) =>
        part is StringValueSyntax quoted ? quoted.Value ?? "" : ((BareKeySyntax)part).Key!.Text ?? "";

    private static RecipeNode Value(ValueSyntax syntax, Func<SyntaxNode, Origin> place, Func<SyntaxNode, Origin> valuePlace)
    {
        Origin origin = valuePlace(syntax);
        switch (syntax)
        {
            case StringValueSyntax text: return new RecipeValue(origin, text.Value ?? "");
            case IntegerValueSyntax whole: return new RecipeValue(origin, whole.Value);
            case FloatValueSyntax number: return new RecipeValue(origin, number.Value);
            case BooleanValueSyntax flag: return new RecipeValue(origin, flag.Value);
            case DateTimeValueSyntax date: return new RecipeValue(origin, date.Value);
            case ArraySyntax array:
                var list = new RecipeList(origin);
                foreach (ArrayItemSyntax item in array.Items) list.Items.Add(Value(item.Value!, place, valuePlace));
                return list;
            case InlineTableSyntax inline:
                var table = new RecipeTable(origin);
                foreach (InlineTableItemSyntax item in inline.Items) Add(table, item.KeyValue!, place, valuePlace);
                return table;
            default: throw FoveaException.BadConfiguration($"{origin.Place}: {syntax} is no value that a recipe takes.");
        }
    }
}
