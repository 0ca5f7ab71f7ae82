using System.Text.Json;

namespace Fovea.Runs.Preparation;

/// <summary>
/// Hugging Face's <c>preprocessor_config.json</c>. <c>size</c> is a short side, or a height and a width that pictures are squashed to; in
/// older files a bare number, which is the short side where a crop follows and both sides where none does. With <c>crop_pct</c> (ConvNeXT)
/// sides below 384 are resized to ⌊side / crop_pct⌋ and cropped, larger ones squashed. Samples are multiplied by <c>rescale_factor</c>
/// (1/255), with <c>rescale_offset</c> less 1, unless <c>do_rescale</c> is false; then mean and standard deviation follow. EfficientNet's
/// processor divides by the standard deviation once more where <c>include_top</c> is true, which it is unless it says otherwise.
/// </summary>
internal static class HuggingFacePreparation
{
    private const int SquashedFrom = 384;

    /// <summary>What it says; null where it says nothing, as the configurations of texts and sounds do.</summary>
    public static StoredPreparation? Read(string name, JsonElement root)
    {
        var table = new PreparationReader(root);
        if (!((string[])["image_mean", "image_std", "size", "crop_size", "do_normalize", "do_rescale", "resample"]).Any(table.Has))
            return null;
        (float[]? mean, float[]? std) = Colours(table);
        return new StoredPreparation
        {
            Name = name,
            Mean = mean,
            Std = std,
            Size = Size(table),
            Filter = table.Filter("resample"),
            BlueFirst = table.Flag("do_flip_channel_order", false),
            Problems = table.Problems,
        };
    }

    private static (float[]? Mean, float[]? Std) Colours(PreparationReader table)
    {
        double[]? mean = [0, 0, 0], std = [1, 1, 1];
        if (table.Flag("do_normalize", table.Has("image_mean")))
            (mean, std) = (table.Channels("mean", "image_mean", positive: false), table.Channels("std", "image_std", positive: true));
        else if (!table.Has("do_normalize")) return (null, null);
        // Samples here lie in [0, 1]: what is done to those from 0 to 255 is folded into mean and standard deviation.
        double factor = 1 / 255.0, offset = 0;
        if (!table.Flag("do_rescale", true)) factor = 1;
        else if (table.Has("rescale_factor"))
        {
            if (table.Number("rescale_factor") is not (> 1e-6 and < 1e3))
            {
                foreach (string word in (string[])["mean", "std"])
                    table.Problem(
                        word, $"says rescale_factor {PreparationReader.Shown(table.Find("rescale_factor")!.Value)}, which is no factor");
                return (null, null);
            }
            factor = table.Number("rescale_factor")!.Value;
        }
        if (table.Flag("rescale_offset", false)) offset = 1;
        double all = factor * 255;
        double[] again = table.Flag("include_top", table.Find("image_processor_type")?.ToString() == "EfficientNetImageProcessor")
            ? table.Channels("std", "image_std", positive: true) ?? [1, 1, 1] : [1, 1, 1];
        return (mean is null ? null : [.. mean.Select(value => Near((value + offset) / all))],
            std is null ? null : [.. std.Zip(again, (value, more) => Near(value * more / all))]);
    }

    // 1/255 is written with so many digits: 255 × 0.00392156862745098 is not quite 1.
    private static float Near(double value) => (float)Math.Round(value, 9);

    private static StoredSize? Size(PreparationReader table)
    {
        bool cropped = table.Flag("do_center_crop", table.Has("crop_size"));
        int? crop = cropped ? table.Side("crop_size") : null;
        if (!table.Flag("do_resize", table.Has("size"))) return crop is { } only ? new StoredSize(null, false, only) : null;
        if (table.Find("size") is not { } size) return null;
        if (!cropped && table.Sides("size") is { } sides && sides.Height != sides.Width)
            return new StoredSize(sides.Height, true, sides.Height, sides.Width);
        bool shortest = size.ValueKind == JsonValueKind.Object && size.TryGetProperty("shortest_edge", out _);
        int? side = shortest ? PreparationReader.Pixels(size.GetProperty("shortest_edge")) : table.Side("size");
        if (side is not { } pixels || (cropped && crop is null))
        {
            table.Problem("size", $"says size {PreparationReader.Shown(size)}, which is no side in pixels");
            return null;
        }
        bool number = size.ValueKind == JsonValueKind.Number;
        if (!cropped && (shortest || number) && table.Has("crop_pct"))
        {
            if (table.Number("crop_pct") is not (> 0.01 and <= 8) || table.Number("crop_pct") is not { } share)
            {
                table.Problem(
                    "size", $"says crop_pct {PreparationReader.Shown(table.Find("crop_pct")!.Value)}, which is no share of a side");
                return null;
            }
            return pixels < SquashedFrom ? new StoredSize((int)(pixels / share), false, pixels) : new StoredSize(pixels, true, pixels);
        }
        bool squash = !shortest && !(number && cropped);
        return new StoredSize(pixels, squash, crop ?? pixels);
    }
}
