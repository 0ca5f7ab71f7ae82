using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fovea.IO;

namespace Fovea.Documents;

/// <summary>
/// The one writer and the one reader of documents. Files are written whole or not at all; anything that cannot be a document of the type
/// ends in a sentence, never in a crash.
/// </summary>
public static partial class DocumentFile
{
    /// <summary>A larger file than this is no document of a run: it is refused before it is read.</summary>
    public const long LargestBytes = 1L << 28;

    /// <summary>Writes a document.</summary>
    /// <exception cref="FoveaException">Resource: the place cannot be written.</exception>
    public static void Write<TDocument>(string path, TDocument document)
        where TDocument : class, IDocument => AtomicFile.WriteText(path, JsonSerializer.Serialize(document, DocumentJson.Options) + "\n");

    /// <summary>Writes one document a line.</summary>
    /// <exception cref="FoveaException">Resource: the place cannot be written.</exception>
    public static void WriteLines<TLine>(string path, IEnumerable<TLine> lines)
        where TLine : class, IDocument =>
        AtomicFile.WriteText(path, string.Concat(lines.Select(line => JsonSerializer.Serialize(line, DocumentJson.LineOptions) + "\n")));

    /// <summary>Reads a document.</summary>
    /// <exception cref="FoveaException">Data: the file is missing, is not JSON, is of another schema, lacks a member, or its members do not
    /// fit each other.</exception>
    public static TDocument Read<TDocument>(string path)
        where TDocument : class, IDocument => Parse<TDocument>(Bytes(path), path);

    /// <summary>Reads a document; null where there is no such file.</summary>
    /// <exception cref="FoveaException">As <see cref="Read{TDocument}"/>; also where nobody may say whether there is one.</exception>
    public static TDocument? Find<TDocument>(string path)
        where TDocument : class, IDocument
    {
        if (File.Exists(path)) return Read<TDocument>(path);
        HiddenFile.Refuse(path);
        return null;
    }

    /// <summary>Reads the lines of a JSON-lines file.</summary>
    /// <exception cref="FoveaException">Data: as <see cref="Read{TDocument}"/>, with the line's number.</exception>
    public static IReadOnlyList<TLine> ReadLines<TLine>(string path)
        where TLine : class, IDocument
    {
        List<TLine> lines = [];
        int number = 0;
        ReadOnlySpan<byte> rest = Bytes(path);
        while (!rest.IsEmpty)
        {
            number++;
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (line.TrimEnd((byte)'\r').Length > 0) lines.Add(Parse<TLine>(line, $"{path}, line {number}"));
        }
        return lines;
    }

    /// <summary>Reads a document from its bytes.</summary>
    /// <param name="json">UTF-8, with or without a byte order mark.</param>
    /// <param name="name">What to call it in messages: a path, an address.</param>
    /// <exception cref="FoveaException">As <see cref="Read{TDocument}"/>.</exception>
    public static TDocument Parse<TDocument>(ReadOnlySpan<byte> json, string name)
        where TDocument : class, IDocument
    {
        if (json.StartsWith(Encoding.UTF8.Preamble)) json = json[Encoding.UTF8.Preamble.Length..];
        try
        {
            CheckSchema(json, TDocument.CurrentSchema, name);
            TDocument document = JsonSerializer.Deserialize<TDocument>(json, DocumentJson.Options)
                ?? throw FoveaException.BadData($"Cannot read {name}: it holds null.");
            if ((DocumentNulls.Find(document) ?? (document as ICheckedDocument)?.Inconsistency()) is { } fault)
                throw FoveaException.BadData($"Cannot read {name}: {fault}.");
            return document;
        }
        // Lone surrogates and numbers out of range come as the other types.
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw FoveaException.BadData($"Cannot read {name}: {Sentence(e)}", e);
        }
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            long length = new FileInfo(path).Length;
            if (length > LargestBytes)
                throw FoveaException.BadData($"Cannot read {path}: {length} bytes are too many for a document of a run.");
            return PlainFile.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }

    /// <summary>Whether a file is a document that says a schema number, and another than the one that this program reads.</summary>
    internal static bool IsOfAnotherSchema<TDocument>(string path)
        where TDocument : class, IDocument
    {
        try
        {
            return SchemaIn(Bytes(path)) is { } found && found != TDocument.CurrentSchema.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is JsonException or FoveaException)
        {
            return false;
        }
    }

    /// <summary>Before the members: of another schema they may differ in any way.</summary>
    private static void CheckSchema(ReadOnlySpan<byte> json, int current, string name)
    {
        string found = SchemaIn(json) ?? throw FoveaException.BadData(
            $"Cannot read {name}: member 'schema' is missing. A version of Fovea before schema numbers wrote it, or it is another "
                + $"document.");
        if (found != current.ToString(CultureInfo.InvariantCulture))
            throw FoveaException.BadData(
                $"{name} has schema {found}; this version of Fovea reads schema {current}. "
                + "Read it with the version that wrote it, or make it again with this one.");
    }

    /// <summary>The schema number as it is written, whatever it is; null where there is none.</summary>
    private static string? SchemaIn(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("It is not a JSON object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals("schema"u8);
            reader.Read();
            if (found) return Encoding.UTF8.GetString(reader.ValueSpan);
            reader.Skip();
        }
        return null;
    }

    /// <summary>What was wrong, without the names of our types.</summary>
    private static string Sentence(Exception error)
    {
        string path = error is JsonException { Path: { Length: > 1 } at } ? $" at {at}" : "";
        if (MissingMembers().Match(error.Message) is { Success: true } missing)
            return $"{(missing.Value.Contains(',') ? "members" : "member")} {missing.Groups[1].Value} missing{path}.";
        string message = error.Message.Split(" Path: ")[0];
        if (message.Contains("isFinalBlock", StringComparison.Ordinal) || message.StartsWith("Expected depth to be zero", StringComparison.Ordinal)
            || message.StartsWith("Expected end of string", StringComparison.Ordinal))
            return "it is empty or ends too early. What a stage of a run made, fovea run makes again with --redo STAGE.";
        return ConvertedType().IsMatch(message)
            ? $"a value of another type than the member's{path}."
                : $"{message}{(message.Contains(path, StringComparison.Ordinal) ? "" : path)}";
    }

    [GeneratedRegex(@"missing required properties including: (.+?)\.?$", RegexOptions.Singleline)]
    private static partial Regex MissingMembers();

    [GeneratedRegex("^The JSON value could not be converted to ")]
    private static partial Regex ConvertedType();
}
