using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// What a stage was made from, kept as <c>stage.json</c> in its folder: a finished stage with the same inputs is skipped, an unfinished
/// one continued, one with other inputs refused with the difference shown. It holds no clock, so equal runs have equal records.
/// </summary>
public sealed record StageRecord : IDocument
{
    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>File name of the record.</summary>
    public const string FileName = "stage.json";

    /// <summary>The stage, as <c>--redo</c> names it.</summary>
    public required string Stage { get; init; }

    /// <summary>Whether everything of the stage is in its folder.</summary>
    public required bool Complete { get; init; }

    /// <summary>Whether a stage before it is being redone, or was: what the folder holds is to be replaced, asked for or not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Stale { get; init; }

    /// <summary>Threads libtorch used: all who work on the stage use as many, since other numbers may give other last bits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Threads { get; init; }

    /// <summary>In how many parts it is made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Parts { get; init; }

    /// <summary>SHA-256 (hex) over <see cref="Stage"/> and <see cref="Inputs"/>; the next stages name it among theirs.</summary>
    public required string Hash { get; init; }

    /// <summary>Resolved settings and hashes of what the stage reads.</summary>
    public required JsonNode Inputs { get; init; }

    /// <summary>The first word of its name: what it is.</summary>
    [JsonIgnore]
    public string Kind => Stage.Split(' ')[0];

    /// <summary>Names of the stages that it was made after.</summary>
    [JsonIgnore]
    public IEnumerable<string> After =>
        Inputs is JsonObject all && all["after"] is JsonObject stages ? stages.Select(stage => stage.Key) : [];

    /// <summary>A record of a stage about to run.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="inputs">What decides the stage's result.</param>
    /// <param name="after">The stages that it reads results of, and their hashes; null or empty: none.</param>
    public static StageRecord Create(string stage, StageInputs inputs, IReadOnlyDictionary<string, string>? after = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        JsonObject json = inputs.ToJson();
        if (after is { Count: > 0 })
            json.Insert(0, "after", new JsonObject(after.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value))));
        return new StageRecord { Stage = stage, Complete = false, Hash = StageInputs.Hash(stage, json), Inputs = json };
    }

    /// <summary>The record in <paramref name="folder"/>, or null.</summary>
    /// <exception cref="FoveaException">Data: it is damaged or of another schema.</exception>
    public static StageRecord? Find(string folder) => DocumentFile.Find<StageRecord>(Path.Combine(folder, FileName));

    /// <summary>Writes the record into its stage's folder.</summary>
    public void Write(string folder) => DocumentFile.Write(Path.Combine(folder, FileName), this);

    /// <summary>The settings that differ, one a line: <c>path: before → now</c>.</summary>
    public IReadOnlyList<string> Difference(StageRecord now)
    {
        ArgumentNullException.ThrowIfNull(now);
        var before = new SortedDictionary<string, string>(Values(this), StringComparer.Ordinal);
        var after = new SortedDictionary<string, string>(Values(now), StringComparer.Ordinal);
        return [.. before.Keys.Union(after.Keys)
            .Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))
            .Select(key => $"{key}: {before.GetValueOrDefault(key, "(absent)")} → {after.GetValueOrDefault(key, "(absent)")}")];
    }

    /// <summary>What it was made from in its order, nested settings as <c>training.batchSize</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts() => JsonFacts.Shown(Inputs);

    private static Dictionary<string, string> Values(StageRecord record) =>
        JsonFacts.Of(record.Inputs).ToDictionary(fact => fact.Name, fact => fact.Json, StringComparer.Ordinal);
}
