using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fovea.IO;

/// <summary>
/// Reads JSON of others. The platform parses a text whose bytes are no UTF-8, or half of a surrogate pair, and throws when the text is looked
/// at, which may be anywhere; here it is refused where the file is read, like all that is no JSON.
/// </summary>
internal static class StrictJson
{
    /// <summary>A document; dispose it.</summary>
    /// <exception cref="JsonException">The bytes are no JSON, or a text in them is none.</exception>
    public static JsonDocument Document(byte[] json)
    {
        RequireText(json);
        return JsonDocument.Parse(json);
    }

    /// <summary>An object; null where it is something else.</summary>
    /// <exception cref="JsonException">The bytes are no JSON, a text in them is none, or a member stands twice.</exception>
    public static JsonObject? Object(byte[] json)
    {
        RequireText(json);
        return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
    }

    /// <summary>Looks at every text.</summary>
    /// <exception cref="JsonException">The bytes are no JSON, or a text in them is none.</exception>
    public static void RequireText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName)) continue;
            if (!reader.ValueIsEscaped && Ascii.IsValid(reader.ValueSpan)) continue;
            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException e)
            {
                throw new JsonException($"The text before byte {reader.BytesConsumed} is no UTF-8 or holds half of a character.", e);
            }
        }
    }
}
