using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Fovea.IO;

namespace Fovea.Runs;

/// <summary>
/// What a stage was made from, kept as <c>stage.json</c> in its folder: a finished stage with the same inputs is skipped, an unfinished
/// one continued, one with other inputs refused with the difference shown. It holds no clock, so equal runs have equal records.
/// </summary>
public sealed record StageRecord
{
    /// <summary>File name of the record.</summary>
    public const string FileName = "stage.json";

    /// <summary>The stage, as <c>--redo</c> names it.</summary>
    public required string Stage { get; init; }

    /// <summary>Whether everything of the stage is in its folder.</summary>
    public required bool Complete { get; init; }

    /// <summary>Whether a stage before it is being redone, or was: what the folder holds is to be replaced, asked for or not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Stale { get; init; }

    /// <summary>SHA-256 (hex) over <see cref="Inputs"/>; the next stages name it among theirs.</summary>
    public required string Hash { get; init; }

    /// <summary>Resolved settings and hashes of what the stage reads.</summary>
    public required JsonNode Inputs { get; init; }

    /// <summary>Names of the stages that it was made after.</summary>
    [JsonIgnore]
    public IEnumerable<string> After => Inputs is JsonObject all && all["after"] is JsonObject stages ? stages.Select(stage => stage.Key) : [];

    /// <summary>A record of a stage about to run.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="inputs">Anything serialisable that decides the stage's result.</param>
    /// <param name="after">The stages that it reads results of, and their hashes; null or empty: none.</param>
    public static StageRecord Create(string stage, object inputs, IReadOnlyDictionary<string, string>? after = null)
    {
        var node = JsonSerializer.SerializeToNode(inputs, JsonFile.Options)!;
        if (after is { Count: > 0 }) node.AsObject().Insert(0, "after", JsonSerializer.SerializeToNode(after, JsonFile.Options));
        string hash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(stage + "\n" + node.ToJsonString())));
        return new StageRecord { Stage = stage, Complete = false, Hash = hash, Inputs = node };
    }

    /// <summary>The record in <paramref name="folder"/>, or null.</summary>
    public static StageRecord? Find(string folder)
    {
        string path = Path.Combine(folder, FileName);
        return File.Exists(path) ? JsonFile.Read<StageRecord>(path) : null;
    }

    /// <summary>Writes the record into its stage's folder.</summary>
    public void Write(string folder) => JsonFile.Write(Path.Combine(folder, FileName), this);

    /// <summary>The settings that differ, one a line: <c>path: before → now</c>.</summary>
    public IReadOnlyList<string> Difference(StageRecord now)
    {
        ArgumentNullException.ThrowIfNull(now);
        var before = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var after = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Flatten(Inputs, "", before);
        Flatten(now.Inputs, "", after);
        return [.. before.Keys.Union(after.Keys)
            .Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))
            .Select(key => $"{key}: {before.GetValueOrDefault(key, "(absent)")} → {after.GetValueOrDefault(key, "(absent)")}")];
    }

    private static void Flatten(JsonNode? node, string path, IDictionary<string, string> into)
    {
        switch (node)
        {
            case JsonObject properties:
                foreach (var (name, value) in properties) Flatten(value, path.Length == 0 ? name : $"{path}.{name}", into);
                break;
            case JsonArray items:
                for (int i = 0; i < items.Count; i++) Flatten(items[i], $"{path}[{i}]", into);
                break;
            default:
                into[path] = node?.ToJsonString() ?? "null";
                break;
        }
    }
}
