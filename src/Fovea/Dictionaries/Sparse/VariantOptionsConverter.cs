using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Fovea.Dictionaries.Sparse;

/// <summary>Options of any variant as JSON: <c>architecture</c> says whose the other values are.</summary>
internal sealed class VariantOptionsConverter : JsonConverter<VariantOptions>
{
    private const string Key = "architecture";

    public override VariantOptions Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var node = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("Options of a variant are an object.");
        string name = node[Key] is JsonValue value && value.TryGetValue(out string? word)
            ? word : throw new JsonException($"Options of a variant lack '{Key}'.");
        var variant = AutoencoderVariants.All.FirstOrDefault(known => known.Name == name)
            ?? throw new JsonException($"There is no variant '{name}'.");
        return (VariantOptions)node.Deserialize(variant.Defaults.GetType(), options)!;
    }

    public override void Write(Utf8JsonWriter writer, VariantOptions value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, value.GetType(), options);
}
