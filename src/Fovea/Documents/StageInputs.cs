using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Fovea.IO;

namespace Fovea.Documents;

/// <summary>
/// What decides a stage's results apart from the stages before it: settings, hashes of files and images. Each kind of stage has a record of
/// its own; this is the one form in which they are written and hashed. What changes no result (how often a checkpoint is written, words
/// for people) must not be in it.
/// </summary>
/// <param name="Format">Grows when the same inputs make something else.</param>
/// <param name="Seed">Of everything that is drawn.</param>
public abstract record StageInputs(
    [property: JsonPropertyOrder(-2)] int Format, [property: JsonPropertyOrder(-1)] ulong Seed)
{
    /// <summary>
    /// What is left out of a recipe stands in no record: a setting that a later version adds does not make earlier runs look changed.
    /// </summary>
    private static JsonSerializerOptions WithoutAbsent { get; } =
        new(JsonFile.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The inputs as <c>stage.json</c> keeps them: <c>format</c> and <c>seed</c> first, then the stage's own.</summary>
    internal JsonObject ToJson() => JsonSerializer.SerializeToNode(this, GetType(), WithoutAbsent)!.AsObject();

    /// <summary>SHA-256 (hex) over a stage's name and inputs as they are written, those of the stages before it included.</summary>
    internal static string Hash(string stage, JsonNode inputs) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stage + "\n" + inputs.ToJsonString())));
}
