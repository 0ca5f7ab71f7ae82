using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea.IO;

/// <summary>The one way JSON is written and read in a run folder: camelCase, indented, enums as words. JSON has no word for numbers that
/// are not finite: NaN and the infinities are written as null, and a null reads as NaN where the member is a number.</summary>
public static class JsonFile
{
    /// <summary>The options every document of a run folder uses.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new FiniteConverter<double>(
                (ref Utf8JsonReader reader) => reader.GetDouble(), (writer, value) => writer.WriteNumberValue(value)),
            new FiniteConverter<float>(
                (ref Utf8JsonReader reader) => reader.GetSingle(), (writer, value) => writer.WriteNumberValue(value)),
        },
    };

    private static readonly JsonSerializerOptions Strict = new(Options) { AllowDuplicateProperties = false };

    private static readonly JsonSerializerOptions LineOptions = new(Options) { WriteIndented = false };

    /// <summary>Writes <paramref name="document"/> whole or not at all.</summary>
    public static void Write<T>(string path, T document) => AtomicFile.WriteText(path, JsonSerializer.Serialize(document, Options) + "\n");

    /// <summary>Reads a document.</summary>
    /// <exception cref="FoveaException">The file is missing, is not JSON or lacks a required field.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            byte[] json = PlainFile.ReadAllBytes(path);
            // A member that is kept as JSON is looked at later, where nobody expects that it cannot be.
            StrictJson.RequireText(json);
            return JsonSerializer.Deserialize<T>(json, Strict) ?? throw FoveaException.BadData($"{path} holds null.");
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException or InvalidOperationException or ArgumentException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }

    /// <summary>Writes one document a line (JSON lines), whole or not at all.</summary>
    public static void WriteLines<T>(string path, IEnumerable<T> documents) =>
        AtomicFile.WriteText(path, string.Concat(documents.Select(document => JsonSerializer.Serialize(document, LineOptions) + "\n")));

    /// <summary>Reads JSON lines.</summary>
    /// <exception cref="FoveaException">The file is missing or a line is not JSON.</exception>
    public static IReadOnlyList<T> ReadLines<T>(string path)
    {
        try
        {
            return [.. PlainFile.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<T>(line, Options)!)];
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }

    private delegate T Get<T>(ref Utf8JsonReader reader);

    private sealed class FiniteConverter<T>(Get<T> get, Action<Utf8JsonWriter, T> put) : JsonConverter<T>
        where T : struct, IFloatingPointIeee754<T>
    {
        public override bool HandleNull => true;

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? T.NaN : get(ref reader);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            if (T.IsFinite(value)) put(writer, value);
            else writer.WriteNullValue();
        }
    }
}
