using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Fovea.IO;

namespace Fovea.Cli.Terminal;

/// <summary>The one document that <c>--json</c> puts on stdout. JSON has no word for numbers that are not finite: they are null.</summary>
internal static class JsonOutput
{
    private const int Schema = 1;

    private static readonly JsonSerializerOptions Options = new(JsonFile.Options)
    {
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new FiniteDouble(), new FiniteSingle() },
    };

    /// <summary>Writes a result: <c>schema</c> first, then its properties.</summary>
    public static void Write(TextWriter output, object result)
    {
        var document = new JsonObject { ["schema"] = Schema };
        var properties = JsonSerializer.SerializeToNode(result, result.GetType(), Options)!.AsObject();
        foreach ((string name, JsonNode? value) in properties.ToArray())
        {
            properties.Remove(name);
            document[name] = value;
        }
        output.WriteLine(document.ToJsonString(JsonFile.Options));
    }

    /// <summary>Writes an error.</summary>
    public static void WriteError(TextWriter output, Failure failure) => Write(output, new { Error = failure });

    private sealed class FiniteDouble : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }

    private sealed class FiniteSingle : JsonConverter<float>
    {
        public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetSingle();

        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options)
        {
            if (float.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }
}
