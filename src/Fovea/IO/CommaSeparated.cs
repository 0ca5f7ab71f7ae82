using System.Text;

namespace Fovea.IO;

/// <summary>Comma-separated values as RFC 4180 has them: fields in quotes may hold commas, quotes (doubled) and line breaks.</summary>
public static class CommaSeparated
{
    /// <summary>What a spreadsheet takes for the beginning of a formula, and the apostrophe that says it is none.</summary>
    private const string Formulas = "=+-@\t\r'";

    /// <summary>A text that no spreadsheet runs: one that it would take for a formula gets an apostrophe in front, as they write it
    /// themselves.</summary>
    public static string? Guarded(string? text) => text is { Length: > 0 } && Formulas.Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;

    /// <summary>The text that <see cref="Guarded"/> was made of.</summary>
    public static string Unguarded(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.Length > 1 && field[0] == '\'' && Formulas.Contains(field[1], StringComparison.Ordinal) ? field[1..] : field;
    }

    /// <summary>A line, with its end.</summary>
    /// <param name="fields">The fields; null is an empty one.</param>
    public static string Line(params IEnumerable<string?> fields) => string.Join(',', fields.Select(Quoted)) + "\n";

    /// <summary>The records of a text, with the number of the line in which each begins; empty lines are left out.</summary>
    /// <param name="text">With any line ends, and with or without a byte order mark.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="FoveaException">Data: a quote is not closed, or something stands after it.</exception>
    public static IEnumerable<(int Line, IReadOnlyList<string> Fields)> Read(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        int at = text.StartsWith('\uFEFF') ? 1 : 0, line = 1;
        while (at < text.Length)
        {
            int begins = line;
            List<string> fields = [];
            bool more = true;
            while (more)
            {
                fields.Add(at < text.Length && text[at] == '"' ? InQuotes(text, ref at, ref line, begins, name) : Plain(text, ref at));
                more = at < text.Length && text[at] == ',';
                if (more) at++;
            }
            if (at < text.Length && text[at] == '\r') at++;
            if (at < text.Length && text[at] == '\n') at++;
            line++;
            if (fields is not [""]) yield return (begins, fields);
        }
    }

    private static string Plain(string text, ref int at)
    {
        int length = text.AsSpan(at).IndexOfAny(",\r\n");
        if (length < 0) length = text.Length - at;
        string field = text.Substring(at, length);
        at += length;
        return field;
    }

    private static string InQuotes(string text, ref int at, ref int line, int begins, string name)
    {
        var field = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\n') line++;
            if (text[at] != '"')
            {
                field.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                field.Append('"');
                at++;
            }
            else
            {
                at++;
                if (at < text.Length && text[at] is not (',' or '\r' or '\n'))
                    throw FoveaException.BadData($"Cannot read {name}, line {begins}: '{text[at]}' follows a closing quote.");
                return field.ToString();
            }
        }
        throw FoveaException.BadData($"Cannot read {name}, line {begins}: a quote is not closed.");
    }

    private static string Quoted(string? field) => field is null ? ""
        : field.AsSpan().IndexOfAny(",\"\r\n") < 0 && field.Trim() == field ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
