using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.IO;

namespace Fovea.Runs.TensorBoard;

/// <summary>The curves in a <c>history.jsonl</c> of any kind: every number that is not a position on the axis, by split.</summary>
internal static class HistoryScalars
{
    private static readonly string[] Axes = ["schema", "step", "epoch", "vectors"];

    /// <summary>One line's numbers: the split they belong to, the step (the epoch where there is no step) and the numbers by name.</summary>
    public sealed record Point(string Split, long Step, IReadOnlyList<(string Tag, float Value)> Values);

    /// <summary>Reads a file. A number outside of any split, such as the learning rate, belongs to <c>train</c>.</summary>
    /// <exception cref="FoveaException">Data: the file is damaged or a line has neither step nor epoch.</exception>
    public static IEnumerable<Point> Read(string path)
    {
        foreach (JsonObject line in JsonFile.ReadLines<JsonObject>(path))
        {
            long step = (long)(Number(line["step"]) ?? Number(line["epoch"]) ?? throw FoveaException.BadData($"{path} has a line without step and epoch."));
            string split = line["split"] is JsonValue word && word.TryGetValue(out string? name) ? name : "train";
            var own = Values(line);
            if (own.Count > 0) yield return new Point(split, step, own);
            foreach (var (part, value) in line)
            {
                if (value is JsonObject nested && Values(nested) is { Count: > 0 } values) yield return new Point(part, step, values);
            }
        }
    }

    private static List<(string Tag, float Value)> Values(JsonObject json) =>
        [.. json.Where(pair => !Axes.Contains(pair.Key)).Select(pair => (pair.Key, Value: Number(pair.Value))).Where(pair => pair.Value is not null).Select(pair => (pair.Key, (float)pair.Value!.Value))];

    /// <summary>A number, or one of the words that stand for what JSON has no number for.</summary>
    private static double? Number(JsonNode? node) => node is not JsonValue value ? null : value.GetValueKind() switch
    {
        JsonValueKind.Number => value.GetValue<double>(),
        JsonValueKind.String when value.GetValue<string>() is "NaN" or "Infinity" or "-Infinity" => double.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture),
        _ => null,
    };
}
