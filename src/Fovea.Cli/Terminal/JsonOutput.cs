using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Cli.Results;

namespace Fovea.Cli.Terminal;

/// <summary>The one document that <c>--json</c> puts on stdout. JSON has no word for numbers that are not finite: they are null.</summary>
internal static class JsonOutput
{
    private const int Schema = 1;

    /// <summary>Writes a result: <c>schema</c> first, then its properties.</summary>
    public static void Write(TextWriter output, object result)
    {
        var document = new JsonObject { ["schema"] = Schema };
        var properties = JsonSerializer.SerializeToNode(result, result.GetType(), DocumentJson.Options)!.AsObject();
        foreach ((string name, JsonNode? value) in properties.ToArray())
        {
            properties.Remove(name);
            document[name] = value;
        }
        output.WriteLine(document.ToJsonString(DocumentJson.Options));
    }

    /// <summary>Writes an error.</summary>
    public static void WriteError(TextWriter output, Failure failure) => Write(output, new ErrorResult(failure));
}
