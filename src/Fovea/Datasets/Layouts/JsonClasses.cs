using System.Globalization;
using System.Text.Json;
using Fovea.IO;

namespace Fovea.Datasets;

/// <summary>
/// Reads class lists as JSON, in the forms that networks come with: a list of names or of <c>[id, name]</c>, an object from index to name or
/// to <c>[id, name]</c> (Keras's <c>imagenet_class_index.json</c>, <c>id2label</c>), an object from name to index (<c>class_to_idx</c>,
/// <c>label2id</c>), or a <c>config.json</c> of Hugging Face with one of the last two in it.
/// </summary>
internal static class JsonClasses
{
    private const string Forms = "expected [\"cat\", …], {\"0\": \"cat\", …}, {\"0\": [\"id\", \"cat\"], …} or {\"cat\": 0, …}";

    /// <summary>The classes in the order of their indices.</summary>
    /// <exception cref="FoveaException">The file is no JSON, of another form, or its indices have a gap.</exception>
    public static ClassList Read(byte[] file, string path)
    {
        try
        {
            ReadOnlySpan<byte> text = file;
            if (text.StartsWith("\uFEFF"u8)) text = text[3..];
            using var document = StrictJson.Document(text.ToArray());
            JsonElement root = document.RootElement;
            (string? Id, string Name)[] classes = root.ValueKind == JsonValueKind.Array
                ? [.. root.EnumerateArray().Select((one, i) => Entry(one, $"entry {Number(i)}", path))] : OfObject(root, path);
            return classes.Length > 0 ? List(classes) : throw FoveaException.BadData($"The class list {path} is empty.");
        }
        catch (JsonException e)
        {
            throw FoveaException.BadData($"The class list {path} is no JSON: {e.Message}", e);
        }
    }

    /// <summary>Classes by their names; what has an id keeps it, and a name that stands twice becomes an id with its number.</summary>
    internal static ClassList List(IReadOnlyList<(string? Id, string Name)> classes)
    {
        var twice = classes.Where(one => one.Id is null).CountBy(one => one.Name).Where(pair => pair.Value > 1)
            .Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);
        return new ClassList(classes.Select((one, i) =>
            new ClassInfo(one.Id ?? (twice.Contains(one.Name) ? $"{one.Name} ({Number(i)})" : one.Name), one.Name)));
    }

    private static (string? Id, string Name)[] OfObject(JsonElement root, string path)
    {
        foreach (string inner in (string[])["id2label", "label2id", "class_to_idx"])
        {
            if (root.TryGetProperty(inner, out JsonElement map) && map.ValueKind == JsonValueKind.Object) return OfObject(map, path);
        }
        JsonProperty[] all = [.. root.EnumerateObject()];
        bool toIndex = all.All(one => one.Value.ValueKind == JsonValueKind.Number);
        var classes = new (string? Id, string Name)?[all.Length];
        foreach (JsonProperty one in all)
        {
            bool numbered = toIndex ? one.Value.TryGetInt32(out int index)
                : int.TryParse(one.Name, NumberStyles.None, CultureInfo.InvariantCulture, out index);
            if (!numbered) throw FoveaException.BadData($"{path}: \"{one.Name}\" has no index; {Forms}.");
            if (index < 0 || index >= all.Length)
                throw FoveaException.BadData($"{path}: class {index} of {all.Length}; the classes must be numbered from 0 on without a gap.");
            if (classes[index] is not null) throw FoveaException.BadData($"{path}: class {index} stands twice.");
            classes[index] = toIndex ? (null, Name(one.Name, one.Name, path)) : Entry(one.Value, $"class {Number(index)}", path);
        }
        return [.. classes.Select(one => one!.Value)];
    }

    private static (string? Id, string Name) Entry(JsonElement value, string where, string path) => value switch
    {
        { ValueKind: JsonValueKind.String } => (null, Name(value.GetString()!, where, path)),
        { ValueKind: JsonValueKind.Array } when value.GetArrayLength() == 2
            && value.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String)
            => (Name(value[0].GetString()!, where, path), Name(value[1].GetString()!, where, path)),
        _ => throw FoveaException.BadData($"{path}: {where} is {value.ValueKind.ToString().ToLowerInvariant()}; {Forms}."),
    };

    private static string Name(string name, string where, string path) => name.Length > 0 ? name
        : throw FoveaException.BadData($"{path}: {where} has no name.");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
