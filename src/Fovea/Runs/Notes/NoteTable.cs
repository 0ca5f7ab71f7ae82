using System.Globalization;
using System.Text;
using System.Text.Json;
using Fovea.IO;

namespace Fovea.Runs.Notes;

/// <summary>
/// Notes as a table that spreadsheets open: CSV with a line of names, tags separated by semicolons. A text that a spreadsheet would take
/// for a formula gets an apostrophe in front, as they write it themselves, and loses it when it is read.
/// </summary>
public static class NoteTable
{
    /// <summary>A larger file than this is no table of notes.</summary>
    public const long LargestBytes = 1L << 28;

    private static readonly string[] Columns = ["layer", "source", "unit", "name", "tags", "rating", "hidden", "text", "author", "written"];

    /// <summary>Notes from a file: a table where its name ends in <c>.csv</c>, else a document of notes (JSON).</summary>
    /// <exception cref="FoveaException">Data: it cannot be read, with the line.</exception>
    public static IReadOnlyList<UnitNote> Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!IsTable(path)) return DocumentFile.Read<NotesDocument>(path).Notes;
        try
        {
            if (new FileInfo(path).Length > LargestBytes) throw FoveaException.BadData($"Cannot read {path}: it is too large for notes.");
            return Read(PlainFile.ReadAllText(path, new UTF8Encoding(false, true)), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {(e is DecoderFallbackException ? "it is not UTF-8." : e.Message)}", e);
        }
    }

    /// <summary>Notes from bytes that somebody sent: a document of notes (JSON) where they begin as one, else a table.</summary>
    /// <param name="bytes">UTF-8, with or without a byte order mark.</param>
    /// <param name="name">What to call them in messages.</param>
    /// <exception cref="FoveaException">Data: they cannot be read, with the line.</exception>
    public static IReadOnlyList<UnitNote> Parse(ReadOnlySpan<byte> bytes, string name) =>
        bytes.TrimStart("\uFEFF \r\n\t"u8).StartsWith("{"u8) ? DocumentFile.Parse<NotesDocument>(bytes, name).Notes : Read(Encoding.UTF8.GetString(bytes), name);

    /// <summary>The document of notes.</summary>
    public static string Json(IReadOnlyList<UnitNote> notes) => JsonSerializer.Serialize(new NotesDocument(notes), DocumentJson.Options) + "\n";

    /// <summary>Writes notes as <see cref="Load"/> reads them.</summary>
    /// <exception cref="FoveaException">Resource: the place cannot be written.</exception>
    public static void Save(string path, IReadOnlyList<UnitNote> notes)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (IsTable(path))
            AtomicFile.WriteText(path, Text(notes));
        else
            DocumentFile.Write(path, new NotesDocument(notes));
    }

    /// <summary>The table.</summary>
    public static string Text(IReadOnlyList<UnitNote> notes)
    {
        ArgumentNullException.ThrowIfNull(notes);
        var text = new StringBuilder(CommaSeparated.Line(Columns));
        foreach (UnitNote note in notes)
        {
            string?[] fields =
            [
                note.Layer, note.Source, note.Unit.ToString(CultureInfo.InvariantCulture), note.Name, string.Join(';', note.Tags),
                note.Rating?.ToString(CultureInfo.InvariantCulture), note.Hidden ? "true" : null, note.Text, note.Author, note.Written,
            ];
            text.Append(CommaSeparated.Line(fields.Select(CommaSeparated.Guarded)));
        }
        return text.ToString();
    }

    /// <summary>The notes of a table; columns in any order, those that are missing empty.</summary>
    /// <param name="text">The table.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="FoveaException">Data: it is no such table, with the line.</exception>
    public static IReadOnlyList<UnitNote> Read(string text, string name)
    {
        using IEnumerator<(int Line, IReadOnlyList<string> Fields)> lines = CommaSeparated.Read(text, name).GetEnumerator();
        string[] columns = lines.MoveNext() ? [.. lines.Current.Fields.Select(field => field.Trim().ToLowerInvariant())] : [];
        if (Columns.Take(3).FirstOrDefault(column => !columns.Contains(column)) is { } missing)
            throw FoveaException.BadData($"Cannot read {name}: it has no column '{missing}'. A table of notes has {string.Join(", ", Columns)}.");
        if (columns.FirstOrDefault(column => !Columns.Contains(column)) is { } unknown)
            throw FoveaException.BadData($"Cannot read {name}: there is no column '{unknown}'. A table of notes has {string.Join(", ", Columns)}.");
        if (columns.Distinct().Count() < columns.Length) throw FoveaException.BadData($"Cannot read {name}: a column stands there twice.");
        List<UnitNote> notes = [];
        while (lines.MoveNext())
        {
            if (notes.Count == RunNotes.Most) throw FoveaException.BadData($"Cannot read {name}: it has more than {RunNotes.Most} notes.");
            notes.Add(Note(lines.Current.Line, lines.Current.Fields, columns, name));
        }
        return notes;
    }

    private static UnitNote Note(int line, IReadOnlyList<string> fields, string[] columns, string name)
    {
        if (fields.Count != columns.Length)
            throw FoveaException.BadData($"Cannot read {name}, line {line}: it has {fields.Count} fields, and the first line {columns.Length}.");
        var note = new UnitNote(Of("layer") ?? "", Of("source") ?? "", Number("unit") ?? -1)
        {
            Name = Of("name"),
            Tags = Of("tags")?.Split(';') ?? [],
            Rating = Number("rating"),
            Hidden = Of("hidden")?.ToLowerInvariant() switch
            {
                null or "false" or "0" or "no" => false,
                "true" or "1" or "yes" => true,
                var other => throw FoveaException.BadData($"Cannot read {name}, line {line}: hidden is true or false, not '{other}'."),
            },
            Text = Of("text"),
            Author = Of("author"),
            Written = Of("written"),
        };
        return note.Tidy().Problem() is { } problem ? throw FoveaException.BadData($"Cannot read {name}, line {line}: {problem}.") : note;

        string? Of(string column)
        {
            int at = Array.IndexOf(columns, column);
            string field = at < 0 ? "" : CommaSeparated.Unguarded(fields[at]);
            return string.IsNullOrWhiteSpace(field) ? null : field;
        }

        int? Number(string column) => Of(column) is not { } field ? null
            : int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : throw FoveaException.BadData($"Cannot read {name}, line {line}: {column} is a whole number, not '{field}'.");
    }

    private static bool IsTable(string path) => Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase);
}
