using System.Text.Json;
using Fovea.Imaging;
using Fovea.Models;

namespace Fovea.Runs;

/// <summary>
/// What is known of the preprocessing of a network from a file. The file does not say it; timm's <c>config.json</c> and Hugging Face's
/// <c>preprocessor_config.json</c> do, where they lie beside it. Wrong numbers show in no error, only in worse answers.
/// </summary>
public static class ImagePreparation
{
    private const long Largest = 1 << 20;

    /// <summary>In words.</summary>
    public static string InWords(Preprocessing preprocessing) => FormattableString.Invariant(
        $"resize {(preprocessing.Resize is { } side ? side.ToString(System.Globalization.CultureInfo.InvariantCulture) : "none")}, crop {preprocessing.OutputSize.Height}, mean {Numbers(preprocessing.Mean)}, std {Numbers(preprocessing.Std)}");

    /// <summary>Where the file, or one of those beside it, says something else than the recipe.</summary>
    /// <param name="path">The network's file.</param>
    /// <param name="network">What it holds.</param>
    /// <param name="preprocessing">The recipe's.</param>
    public static IReadOnlyList<string> Compare(string path, ImportedNetwork network, Preprocessing preprocessing)
    {
        List<string> notes = [];
        if (network.ImageSize is { } size && size != preprocessing.OutputSize)
            notes.Add($"The network was exported for images of {size.Height} × {size.Width} pixels; the recipe makes "
                + $"{preprocessing.OutputSize.Height} × {preprocessing.OutputSize.Width} (crop).");
        foreach (string name in (string[])["preprocessor_config.json", "config.json"])
        {
            string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name);
            if (!File.Exists(beside) || new FileInfo(beside).Length > Largest) continue;
            try
            {
                using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(beside));
                JsonElement root = json.RootElement;
                // timm keeps them in a table of their own.
                if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("pretrained_cfg", out JsonElement inner)) root = inner;
                Differ("mean", preprocessing.Mean, "image_mean", "mean");
                Differ("std", preprocessing.Std, "image_std", "std");

                void Differ(string word, float[] ours, params string[] keys)
                {
                    if (Triple(root, keys) is { } theirs && !theirs.Zip(ours).All(pair => Math.Abs(pair.First - pair.Second) < 1e-3))
                        notes.Add($"{name} beside the network says "
                            + $"{word} {Numbers(theirs)}, the recipe {Numbers(ours)}: set {word} in [data].");
                }
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                notes.Add($"{beside} cannot be read ({e.Message.Split('\n')[0]}); it may say what images have to go through.");
            }
        }
        return notes;
    }

    private static float[]? Triple(JsonElement root, string[] keys)
    {
        if (root.ValueKind != JsonValueKind.Object) return null;
        foreach (string key in keys)
        {
            if (root.TryGetProperty(key, out JsonElement list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 3
                && list.EnumerateArray().All(one => one.ValueKind == JsonValueKind.Number))
            {
                return [.. list.EnumerateArray().Select(one => one.GetSingle())];
            }
        }
        return null;
    }

    private static string Numbers(float[] values) =>
        $"[{string.Join(", ", values.Select(value => value.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture)))}]";
}
