using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fovea.Documents;

/// <summary>The values of a JSON document in their order, by where they stand: <c>training.batchSize</c>, <c>layers[0]</c>.</summary>
internal static class JsonFacts
{
    /// <summary>Each value that is neither an object nor a list, as JSON writes it; nulls are <c>null</c>.</summary>
    public static IEnumerable<(string Name, string Json)> Of(JsonNode? node, string path = "")
    {
        switch (node)
        {
            case JsonObject members:
                return members.SelectMany(
                member => Of(member.Value, path.Length == 0 ? member.Key : $"{path}.{member.Key}"));
            case JsonArray items: return items.SelectMany((item, i) => Of(item, $"{path}[{i}]"));
            default: return [(path, node?.ToJsonString() ?? "null")];
        }
    }

    /// <summary>The same for people: texts without quotation marks, nulls left out.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Shown(JsonNode? node, string path = "") =>
        [.. Of(node, path).Where(fact => fact.Json != "null")
        .Select(fact =>
            KeyValuePair.Create(fact.Name, fact.Json.StartsWith('"') ? JsonSerializer.Deserialize<string>(fact.Json)! : fact.Json))];
}
