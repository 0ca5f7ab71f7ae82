using System.Text.Json;
using Fovea.Imaging;

namespace Fovea.Runs.Preparation;

/// <summary>Takes numbers out of a table of a file of preprocessing, and keeps what cannot be used.</summary>
internal sealed class PreparationReader(JsonElement table)
{
    private const int LargestSide = 1 << 14;
    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);

    /// <summary>What cannot be used, by word.</summary>
    public IReadOnlyDictionary<string, string> Problems => _problems;

    /// <summary>Whether a key is there and not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>A value; null where it is absent or null.</summary>
    public JsonElement? Find(string key) =>
        table.TryGetProperty(key, out JsonElement value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? value : null;

    /// <summary>A flag.</summary>
    public bool Flag(string key, bool fallback) => Find(key)?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => fallback,
    };

    /// <summary>A finite number; null where it is absent or none.</summary>
    public double? Number(string key) => Find(key) is { } value ? Number(value) : null;

    /// <summary>Notes that a number cannot be used.</summary>
    public void Problem(string word, string why) => _problems.TryAdd(word, why);

    /// <summary>Three numbers, one a channel; one number stands for all three.</summary>
    public double[]? Channels(string word, string key, bool positive)
    {
        if (Find(key) is not { } value) return null;
        double?[] numbers = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Take(8).Select(Number)] : [Number(value)];
        if (numbers.Length == 1) numbers = [numbers[0], numbers[0], numbers[0]];
        if (numbers.Length == 3 && numbers.All(number => number is { } one && Math.Abs(one) < 1e4 && (!positive || one > 0)))
            return [.. numbers.Select(number => number!.Value)];
        Problem(word, $"says {key} {Shown(value)}, which is not three {(positive ? "positive " : "")}numbers");
        return null;
    }

    /// <summary>A side in pixels of a number, or of a table of an equal height and width.</summary>
    public int? Side(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("height", out JsonElement height)
            && value.TryGetProperty("width", out JsonElement width))
        {
            int? side = Pixels(height);
            if (side is not null && side == Pixels(width)) return side;
        }
        else if (Pixels(value) is { } side) return side;
        Problem("size", $"says {key} {Shown(value)}, which is no square of pixels");
        return null;
    }

    /// <summary>Both sides in pixels of a table of a height and a width; null where it is none.</summary>
    public (int Height, int Width)? Sides(string key) => Find(key) is { ValueKind: JsonValueKind.Object } value
        && value.TryGetProperty("height", out JsonElement height) && value.TryGetProperty("width", out JsonElement width)
        && Pixels(height) is { } rows && Pixels(width) is { } columns ? (rows, columns) : null;

    /// <summary>A whole number of pixels; null where it is none.</summary>
    public static int? Pixels(JsonElement value) =>
        Number(value) is { } number && number >= 1 && number <= LargestSide && number == Math.Floor(number)
        ? (int)number : null;

    /// <summary>A value as it stands in the file, cut off.</summary>
    public static string Shown(JsonElement value) => value.GetRawText() is var text && text.Length > 60 ? text[..60] + " …" : text;

    /// <summary>The filter of a word.</summary>
    public Interpolation? Filter(string key)
    {
        if (Find(key) is not { } value) return null;
        // Numbers are Pillow's.
        string word = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        Interpolation? filter = word.ToLowerInvariant() switch
        {
            "bilinear" or "2" => Interpolation.Bilinear,
            "bicubic" or "3" => Interpolation.Bicubic,
            "lanczos" or "1" => Interpolation.Lanczos,
            "box" or "4" => Interpolation.Box,
            "hamming" or "5" => Interpolation.Hamming,
            _ => null,
        };
        if (filter is null) Problem("interpolation", $"says {key} {Shown(value)}, which is none of the filters here");
        return filter;
    }

    private static double? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
        && double.IsFinite(number) ? number : null;
}
