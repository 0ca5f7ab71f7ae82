using System.Text.Json;
using Fovea.Imaging;

namespace Fovea.Runs.Preparation;

/// <summary>
/// timm's <c>config.json</c>: its table <c>pretrained_cfg</c>, or, in older ones, the file itself. As timm evaluates: the short side
/// becomes ⌊input size / crop_pct⌋, then the middle is taken (<c>crop_mode</c> center), or both sides do (squash).
/// </summary>
internal static class TimmPreparation
{
    /// <summary>What it says; null where it says nothing, as the configurations of other tools do.</summary>
    public static StoredPreparation? Read(string name, JsonElement root)
    {
        bool nested = root.TryGetProperty("pretrained_cfg", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object;
        var table = new PreparationReader(nested ? inner : root);
        if (!nested && !(table.Has("input_size") && table.Has("mean"))) return null;
        double[]? mean = table.Channels("mean", "mean", positive: false), std = table.Channels("std", "std", positive: true);
        Interpolation? filter = table.Filter("interpolation");
        return new StoredPreparation
        {
            Name = name,
            Mean = mean is null ? null : [.. mean.Select(value => (float)value)],
            Std = std is null ? null : [.. std.Select(value => (float)value)],
            Size = Size(table),
            Filter = filter,
            Problems = table.Problems,
        };
    }

    private static StoredSize? Size(PreparationReader table)
    {
        if (table.Find("input_size") is not { } sizes) return null;
        JsonElement[] all = sizes.ValueKind == JsonValueKind.Array ? [.. sizes.EnumerateArray().Take(4)] : [];
        if (all.Length != 3 || PreparationReader.Pixels(all[0]) != 3 || PreparationReader.Pixels(all[1]) is not { } side
            || PreparationReader.Pixels(all[2]) != side)
        {
            table.Problem("size", $"says input_size {PreparationReader.Shown(sizes)}, which is no square of three colours");
            return null;
        }
        if (!table.Has("crop_pct"))
        {
            table.Problem("size", "says input_size and no crop_pct, so that the size before the crop is not known");
            return null;
        }
        if (table.Number("crop_pct") is not (> 0.01 and <= 8) || table.Number("crop_pct") is not { } share)
        {
            table.Problem("size", $"says crop_pct {PreparationReader.Shown(table.Find("crop_pct")!.Value)}, which is no share of a side");
            return null;
        }
        string mode = table.Find("crop_mode") is { } word ? word.ToString() : "center";
        if (mode is "center" or "squash") return new StoredSize((int)Math.Floor(side / share), mode == "squash", side);
        table.Problem("size", $"says crop_mode {mode}; center and squash are known here");
        return null;
    }
}
