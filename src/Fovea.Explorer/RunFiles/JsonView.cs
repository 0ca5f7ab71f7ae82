using System.Text.Json;
using Fovea.IO;

namespace Fovea.Explorer.RunFiles;

/// <summary>
/// Reads a JSON document without trusting its shape: a field that is absent, null or of another type reads as null. Names are compared
/// without case and underscores, so that SAELens' snake_case files and our camelCase ones read alike.
/// </summary>
internal readonly struct JsonView(JsonElement? element)
{
    /// <summary>The document in a file; an empty view where it is absent, an entry in <paramref name="problems"/> where it is damaged.</summary>
    public static JsonView Open(string path, ICollection<string> problems)
    {
        if (!File.Exists(path)) return default;
        try
        {
            return new JsonView(JsonFile.Read<JsonElement>(path));
        }
        catch (FoveaException e)
        {
            problems.Add(e.Message);
            return default;
        }
    }

    /// <summary>The documents of a JSON-lines file.</summary>
    public static IReadOnlyList<JsonView> OpenLines(string path, ICollection<string> problems)
    {
        if (!File.Exists(path)) return [];
        try
        {
            return [.. JsonFile.ReadLines<JsonElement>(path).Select(line => new JsonView(line))];
        }
        catch (FoveaException e)
        {
            problems.Add(e.Message);
            return [];
        }
    }

    /// <summary>Whether there is a value.</summary>
    public bool Exists => element is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) };

    /// <summary>The field of the first name that is there.</summary>
    public JsonView this[params ReadOnlySpan<string> names]
    {
        get
        {
            if (element is not { ValueKind: JsonValueKind.Object } value) return default;
            foreach (string name in names)
            {
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    if (Same(property.Name, name) && property.Value.ValueKind != JsonValueKind.Null) return new JsonView(property.Value);
                }
            }
            return default;
        }
    }

    /// <summary>The elements of an array; none for anything else.</summary>
    public IReadOnlyList<JsonView> Items => element is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray().Select(item => new JsonView(item))] : [];

    /// <summary>The fields of an object in their order; none for anything else.</summary>
    public IReadOnlyList<(string Name, JsonView Value)> Fields =>
        element is { ValueKind: JsonValueKind.Object } value ? [.. value.EnumerateObject().Select(property => (property.Name, new JsonView(property.Value)))] : [];

    /// <summary>The value as a number; <c>"NaN"</c> and its like included.</summary>
    public double? Number => element switch
    {
        { ValueKind: JsonValueKind.Number } number => number.GetDouble(),
        { ValueKind: JsonValueKind.String } text when text.GetString() is "NaN" => double.NaN,
        { ValueKind: JsonValueKind.String } text when text.GetString() is "Infinity" => double.PositiveInfinity,
        { ValueKind: JsonValueKind.String } text when text.GetString() is "-Infinity" => double.NegativeInfinity,
        _ => null,
    };

    /// <summary>The value as a whole number.</summary>
    public long? Integer => Number is { } number && Math.Abs(number) < 1e15 ? (long)number : null;

    /// <summary>The value as text: strings as they are, numbers and booleans as JSON writes them.</summary>
    public string? Text => element switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } scalar => scalar.GetRawText(),
        _ => null,
    };

    private static bool Same(string property, string name)
    {
        int i = 0;
        foreach (char c in property)
        {
            if (c == '_') continue;
            if (i >= name.Length || char.ToLowerInvariant(c) != char.ToLowerInvariant(name[i])) return false;
            i++;
        }
        return i == name.Length;
    }
}
