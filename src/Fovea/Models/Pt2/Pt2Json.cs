using System.Text.Json;
using Fovea.IO;

namespace Fovea.Models.Pt2;

/// <summary>A place in a program's JSON. What is not as the format has it is an error of the file that says where.</summary>
internal readonly struct Pt2Json
{
    private readonly JsonElement _element;
    private readonly string _path;
    private readonly string _where;

    private Pt2Json(JsonElement element, string path, string where) => (_element, _path, _where) = (element, path, where);

    /// <summary>What lies at the top of a document.</summary>
    /// <exception cref="FoveaException">The bytes are no JSON, or nested deeper than any program is.</exception>
    public static Pt2Json Parse(byte[] bytes, string path, string where)
    {
        try
        {
            return new Pt2Json(StrictJson.Document(bytes).RootElement, path, where);
        }
        catch (JsonException e)
        {
            throw FoveaException.BadData($"{path} is not a sound exported network: {where} is no JSON ({e.Message}). Export it again.", e);
        }
    }

    public bool IsNull => _element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    public Pt2Json this[string key] => _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(key, out JsonElement value)
        ? new Pt2Json(value, _path, $"{_where}.{key}")
        : throw Bad($"has no {key}");

    /// <summary>A member that may be missing; it is null then.</summary>
    public Pt2Json Optional(string key) =>
        new(_element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(key, out JsonElement value)
            ? value : default, _path, $"{_where}.{key}");

    public IEnumerable<(string Key, Pt2Json Value)> Members()
    {
        if (_element.ValueKind != JsonValueKind.Object) throw Bad("is no object");
        var (path, where) = (_path, _where);
        return _element.EnumerateObject().Select(member => (member.Name, new Pt2Json(member.Value, path, $"{where}.{member.Name}")));
    }

    public IReadOnlyList<Pt2Json> Items()
    {
        if (_element.ValueKind != JsonValueKind.Array) throw Bad("is no list");
        var (path, where) = (_path, _where);
        return [.. _element.EnumerateArray().Select((item, i) => new Pt2Json(item, path, $"{where}[{i}]"))];
    }

    /// <summary>An object with one member, the schema's form of a choice.</summary>
    public (string Kind, Pt2Json Value) Union() => Members().Take(2).ToArray() is [var only] ? only : throw Bad("is not one of several");

    public string Text() => _element.ValueKind == JsonValueKind.String ? _element.GetString()! : throw Bad("is no text");

    public bool Flag() =>
        _element.ValueKind is JsonValueKind.True or JsonValueKind.False ? _element.GetBoolean() : throw Bad("is neither true nor false");

    public long Integer() =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetInt64(out long value) ? value : throw Bad("is no whole number");

    public double Number() => _element.ValueKind switch
    {
        JsonValueKind.Number when _element.TryGetDouble(out double value) => value,
        // What JSON has no word for is written as one.
        JsonValueKind.String when _element.GetString() is "Infinity" => double.PositiveInfinity,
        JsonValueKind.String when _element.GetString() is "-Infinity" => double.NegativeInfinity,
        JsonValueKind.String when _element.GetString() is "NaN" => double.NaN,
        _ => throw Bad("is no number"),
    };

    public FoveaException Bad(string why) =>
        FoveaException.BadData($"{_path} is not a sound exported network: {_where} {why}. Export it again.");
}
