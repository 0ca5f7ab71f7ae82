using System.Globalization;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Preparation;

/// <summary>
/// What images go through before a run's network, number by number with its origin: the recipe's word first, then the files beside the
/// network (<c>preprocessor_config.json</c>, timm's <c>config.json</c>), then the network's own file for the size. A network's file does
/// not say mean and standard deviation, and wrong ones show in no error: where nobody says them, it is refused. Networks of the catalogue
/// were published with ImageNet's.
/// </summary>
/// <param name="Preprocessing">The numbers.</param>
/// <param name="Lines">Where each is from, in sentences; what others say.</param>
public sealed record ImagePreparation(Preprocessing Preprocessing, IReadOnlyList<string> Lines)
{
    private const int UsualCrop = 224;
    private static readonly float[] UsualMean = [0.485f, 0.456f, 0.406f], UsualStd = [0.229f, 0.224f, 0.225f];

    /// <summary>In words.</summary>
    public static string InWords(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        return $"resize {Resized(preprocessing.Resize, preprocessing.Squash)}, crop {Whole(preprocessing.OutputSize.Height)}, "
            + $"mean {Numbers(preprocessing.Mean)}, std {Numbers(preprocessing.Std)}, {preprocessing.Interpolation.ToString().ToLowerInvariant()}";
    }

    /// <summary>
    /// The numbers for a network's file alone, where nobody may say mean and standard deviation: ImageNet's are then assumed.
    /// </summary>
    /// <param name="path">The network's file.</param>
    /// <param name="network">What it holds.</param>
    /// <param name="resize">The short side, pixels; 0: as it is; null: not said.</param>
    /// <param name="crop">Side of the centre crop, pixels; null: not said.</param>
    /// <param name="mean">Taken away from samples of 0 to 1, a number a channel; null: not said.</param>
    /// <param name="std">What they are then divided by, a number a channel; null: not said.</param>
    /// <exception cref="FoveaException">A file beside the network says a number that cannot be used.</exception>
    public static ImagePreparation OfFile(string path, ImportedNetwork network, int? resize, int? crop, float[]? mean = null, float[]? std = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (resize == 0) crop ??= network.ImageSize?.Height ?? UsualCrop;
        var data = new DataSettings
        {
            Source = path,
            Resize = resize is > 0 ? resize : null,
            Crop = crop,
            Mean = mean?.Select(value => (double)value).ToArray(),
            Std = std?.Select(value => (double)value).ToArray(),
        };
        return Of(data, path, () => network.ImageSize, assume: true);
    }

    /// <summary>The numbers of a run.</summary>
    /// <param name="data">What the recipe says.</param>
    /// <param name="network">The network's file; null for one of the catalogue.</param>
    /// <param name="exported">Asked for the size that the file was exported for, where nobody else says one.</param>
    /// <param name="assume">Whether mean and standard deviation are taken for ImageNet's where nobody says them.</param>
    /// <exception cref="FoveaException">Configuration: nobody says mean or standard deviation. Data: the file beside the network says a
    /// number that cannot be used, and the recipe says no other.</exception>
    internal static ImagePreparation Of(DataSettings data, string? network, Func<(int Height, int Width)?> exported, bool assume = false)
    {
        StoredPreparation? stored = network is null ? null : StoredPreparation.Beside(network);
        List<string> origins = [], others = [];
        var (resize, squash, crop) = Size(data, stored, network, exported, origins, others);
        string? unsaid = assume ? null : network;
        float[] mean = Colour("mean", data.Mean, stored?.Mean, UsualMean, stored, unsaid, origins, others);
        float[] std = Colour("std", data.Std, stored?.Std, UsualStd, stored, unsaid, origins, others);
        Interpolation filter = Filter(data, stored, origins, others);
        return new ImagePreparation(
            new Preprocessing(resize, crop, mean, std, filter, squash), [$"Images go through: {string.Join(", ", origins)}.", .. others]);
    }

    private static (int? Resize, bool Squash, int Crop) Size(
        DataSettings data, StoredPreparation? stored, string? network, Func<(int Height, int Width)?> exported, List<string> origins,
        List<string> others)
    {
        // Half a geometry of the recipe and half of a file would be nobody's.
        if (data.Crop is null && data.Resize is null && Usable("size", stored?.Size, stored) is { } size)
        {
            origins.Add($"resize {Resized(size.Resize, size.Squash)} and crop {Whole(size.Crop)} ({stored!.Name} beside the network)");
            return (size.Resize, size.Squash, size.Crop);
        }
        bool squash = data.Squash ?? false;
        origins.Add(data.Resize is null
            ? "no resizing (the recipe says none)" : $"resize {Resized(data.Resize, squash)} (the recipe)");
        int crop;
        if (data.Crop is { } said)
        {
            crop = said;
            origins.Add($"crop {Whole(crop)} (the recipe)");
        }
        else if (network is not null && exported() is { } own && own.Height == own.Width)
        {
            crop = own.Height;
            origins.Add($"crop {Whole(crop)} (the size that the network was exported for)");
        }
        else
        {
            crop = UsualCrop;
            origins.Add($"crop {Whole(crop)} (assumed: nobody says it)");
        }
        if (stored?.Size is { } other && (data.Crop is not null || data.Resize is not null)
            && (other.Resize, other.Squash, other.Crop) != (data.Resize, squash, crop))
        {
            others.Add(DataReport.Warning
                + $"{stored.Name} beside the network says resize "
                    + $"{Resized(other.Resize, other.Squash)} and crop {Whole(other.Crop)}, the recipe "
                + $"resize {Resized(data.Resize, squash)} and crop {Whole(crop)}: the recipe's are used.");
        }
        return (data.Resize, squash, crop);
    }

    private static float[] Colour(
        string word, IReadOnlyList<double>? said, float[]? theirs, float[] usual, StoredPreparation? stored, string? network,
        List<string> origins, List<string> others)
    {
        if (said is not null)
        {
            float[] ours = [.. said.Select(value => (float)value)];
            origins.Add($"{word} {Numbers(ours)} (the recipe)");
            if (theirs is not null && !theirs.Zip(ours).All(pair => Math.Abs(pair.First - pair.Second) < 1e-3))
            {
                others.Add(DataReport.Warning
                    + $"{stored!.Name} beside the network says {word} {Numbers(theirs)}, the recipe {Numbers(ours)}: the recipe's is "
                        + $"used.");
            }
            return ours;
        }
        if (Usable(word, theirs, stored) is { } found)
        {
            origins.Add($"{word} {Numbers(found)} ({stored!.Name} beside the network)");
            return found;
        }
        if (network is null)
        {
            origins.Add($"{word} {Numbers(usual)} (ImageNet's: nobody says it)");
            return usual;
        }
        throw FoveaException.BadConfiguration(
            $"Nobody says what {Path.GetFileName(network)} expects of its images: no {word} in [data], and no preprocessor_config.json or "
                + "timm's config.json beside the network that says it. Wrong numbers show in no error, so they are not guessed. "
                + "torchvision's networks expect ImageNet's: write mean = [0.485, 0.456, 0.406] and std = [0.229, 0.224, 0.225] into [data]; "
                + "a network that takes samples from 0 to 1 as they are, mean = [0, 0, 0] and std = [1, 1, 1].");
    }

    private static Interpolation Filter(DataSettings data, StoredPreparation? stored, List<string> origins, List<string> others)
    {
        if (data.Interpolation is { } said)
        {
            var ours = Enum.Parse<Interpolation>(said, ignoreCase: true);
            origins.Add($"{said} interpolation (the recipe)");
            if (stored?.Filter is { } other && other != ours)
            {
                others.Add(DataReport.Warning
                    + $"{stored.Name} beside the network says {other.ToString().ToLowerInvariant()} interpolation, the "
                    + $"recipe {said}: the recipe's is used.");
            }
            return ours;
        }
        if (Usable("interpolation", stored?.Filter, stored) is { } found)
        {
            origins.Add($"{found.ToString().ToLowerInvariant()} interpolation ({stored!.Name} beside the network)");
            return found;
        }
        origins.Add("bilinear interpolation (assumed: nobody says it)");
        return Interpolation.Bilinear;
    }

    /// <summary>What a file says, where it can be used.</summary>
    private static T? Usable<T>(string word, T? value, StoredPreparation? stored) =>
        value is null && stored is not null && stored.Problems.TryGetValue(word, out string? problem)
            ? throw FoveaException.BadData(
                $"{stored.Name} beside the network {problem}: say {(word == "size" ? "resize and crop" : word)} in [data], or take the "
                    + $"file away.")
            : value;

    private static string Resized(int? side, bool squash) => side is not { } pixels ? "none" : squash
        ? $"both sides to {Whole(pixels)}" : $"the short side to {Whole(pixels)}";

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Numbers(float[] values) =>
        $"[{string.Join(", ", values.Select(value => value.ToString("0.####", CultureInfo.InvariantCulture)))}]";
}
