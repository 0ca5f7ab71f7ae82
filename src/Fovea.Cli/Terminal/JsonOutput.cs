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

    /// <summary>Writes an error. Where stdout cannot be written, stderr says that too; the error keeps its exit code.</summary>
    public static void WriteError(TextWriter output, Failure failure, TextWriter error)
    {
        try
        {
            Write(output, new ErrorResult(failure));
        }
        catch (FoveaException e)
        {
            if (e.Message != failure.Message) error.WriteLine(e.Message);
        }
    }
}
