using System.Globalization;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Import;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Preparation;

/// <summary>
/// What images go through before a run's network, number by number with its origin: the recipe's word first, then the files beside the
/// network (<c>preprocessor_config.json</c>, timm's <c>config.json</c>), then the network's own file for the size. A network's file does
/// not say mean and standard deviation, and wrong ones show in no error: where nobody says them, it is refused. Networks of the catalogue
/// were published with ImageNet's. A network that takes whole numbers from 0 to 255 has what is done to them in its file: nobody has to say
/// it.
/// </summary>
/// <param name="Preprocessing">The numbers.</param>
/// <param name="Lines">Where each is from, in sentences; what others say.</param>
public sealed record ImagePreparation(Preprocessing Preprocessing, IReadOnlyList<string> Lines)
{
    /// <summary>Side of the images, pixels, where nobody says it.</summary>
    public const int UsualCrop = 224;

    private static readonly float[] UsualMean = [0.485f, 0.456f, 0.406f], UsualStd = [0.229f, 0.224f, 0.225f];

    /// <summary>In words.</summary>
    public static string InWords(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        (int height, int? width) = (preprocessing.OutputSize.Height, preprocessing.Width);
        return $"resize {Resized(new StoredSize(preprocessing.Resize, preprocessing.Squash, height, width))}, crop {Box(height, width)}, "
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
        int? width = null;
        if (resize == 0 && crop is null)
        {
            (crop, width) = (network.ImageSize?.Height ?? UsualCrop, network.ImageSize?.Width ?? UsualCrop);
            if (width == crop) width = null;
        }
        var data = new DataSettings
        {
            Source = path,
            Resize = resize is > 0 ? resize : null,
            Crop = crop,
            Width = width,
            Mean = mean?.Select(value => (double)value).ToArray(),
            Std = std?.Select(value => (double)value).ToArray(),
        };
        return Of(data, path, () => TakenImages.Of(network), assume: true);
    }

    /// <summary>What files beside a network say of its images; null where they do not say all of it.</summary>
    /// <param name="path">The network's file.</param>
    /// <param name="network">What it holds.</param>
    /// <exception cref="FoveaException">A file beside the network says a number that cannot be used.</exception>
    public static ImagePreparation? Beside(string path, ImportedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        StoredPreparation? stored = StoredPreparation.Beside(path);
        bool all = stored is { Size: not null } && (network.WholeNumbers || stored is { Mean: not null, Std: not null });
        return all ? Of(new DataSettings { Source = path }, path, () => TakenImages.Of(network)) : null;
    }

    /// <summary>The size of images where neither a network's file nor one beside it says one.</summary>
    internal static (int Height, int Width) Guess(DataSettings data) => (data.Crop ?? UsualCrop, data.Width ?? data.Crop ?? UsualCrop);

    /// <summary>The numbers of a run.</summary>
    /// <param name="data">What the recipe says.</param>
    /// <param name="network">The network's file; null for one of the catalogue.</param>
    /// <param name="exported">Asked for what the network's file says of its images, where the recipe does not say all.</param>
    /// <param name="assume">Whether mean and standard deviation are taken for ImageNet's where nobody says them.</param>
    /// <exception cref="FoveaException">Configuration: nobody says mean or standard deviation. Data: the file beside the network says a
    /// number that cannot be used, and the recipe says no other.</exception>
    internal static ImagePreparation Of(DataSettings data, string? network, Func<TakenImages> exported, bool assume = false)
    {
        StoredPreparation? stored = network is null ? null : StoredPreparation.Beside(network);
        List<string> origins = [], others = [];
        var file = new Lazy<TakenImages>(exported);
        string who = assume ? "the command line" : "the recipe";
        var (resize, squash, crop, width) = Size(data, stored, network, () => file.Value.Size, who, origins, others);
        string? unsaid = assume ? null : network;
        bool whole = network is not null && file.Value.WholeNumbers;
        float[] mean, std;
        if (whole) (mean, std) = WholeNumbers(data, network!, stored, origins, others);
        else
        {
            mean = Colour("mean", data.Mean, stored?.Mean, UsualMean, stored, unsaid, who, origins, others);
            std = Colour("std", data.Std, stored?.Std, UsualStd, stored, unsaid, who, origins, others);
        }
        Interpolation filter = Filter(data, stored, who, origins, others);
        if (stored is { BlueFirst: true })
        {
            others.Add(DataReport.Warning + $"{stored.Name} beside the network says that it takes blue first and red last "
                + "(do_flip_channel_order), which is not done here: export a module that turns the colours round first (images.flip(1)), or "
                + "name a graph that does in [model] preprocess.");
        }
        return new ImagePreparation(
            new Preprocessing(resize, crop, mean, std, filter, squash, width),
            [$"Images go through: {string.Join(", ", origins)}.", .. others]);
    }

    private static (int? Resize, bool Squash, int Crop, int? Width) Size(
        DataSettings data, StoredPreparation? stored, string? network, Func<(int Height, int Width)?> exported, string who,
        List<string> origins, List<string> others)
    {
        // Half a geometry of the recipe and half of a file would be nobody's.
        if (data.Crop is null && data.Resize is null && Usable("size", stored?.Size, stored) is { } size)
        {
            origins.Add($"resize {Resized(size)} and crop {Box(size.Crop, size.Width)} ({stored!.Name} beside the network)");
            return (size.Resize, size.Squash, size.Crop, size.Width);
        }
        bool squash = data.Squash ?? false;
        (int crop, int? width, string origin) = data.Crop is { } said ? (said, data.Width, who)
            : network is not null && exported() is { } own
                ? (own.Height, own.Width == own.Height ? null : own.Width, "the size that the network was exported for")
            : (UsualCrop, (int?)null, "assumed: nobody says it");
        var ours = new StoredSize(data.Resize, squash, crop, width);
        origins.Add(data.Resize is null ? "no resizing (nobody says it)" : $"resize {Resized(ours)} ({who})");
        origins.Add($"crop {Box(crop, width)} ({origin})");
        if (stored?.Size is { } other && (data.Crop is not null || data.Resize is not null) && other != ours)
        {
            others.Add(DataReport.Warning + $"{stored.Name} beside the network says resize {Resized(other)} and crop "
                + $"{Box(other.Crop, other.Width)}, {who} resize {Resized(ours)} and crop {Box(crop, width)}: {who}'s are used.");
        }
        return (data.Resize, squash, crop, width);
    }

    /// <summary>The numbers that leave samples as they are, for a network that takes them so.</summary>
    private static (float[] Mean, float[] Std) WholeNumbers(
        DataSettings data, string network, StoredPreparation? stored, List<string> origins, List<string> others)
    {
        Preprocessing kept = WholeImages.Preprocess(1);
        if (!WholeImages.IsKept((data.Mean ?? []).Select(value => (float)value), (data.Std ?? []).Select(value => (float)value)))
            throw WholeImages.Changed(Path.GetFileName(network));
        origins.Add("samples from 0 to 255 (what the network does to them is in its file)");
        if ((stored?.Mean ?? stored?.Std) is not null)
            others.Add(
                $"{stored!.Name} beside the network says mean or std, which is not used: what is done to the numbers is in the network's own "
                    + "file.");
        return (kept.Mean, kept.Std);
    }

    private static float[] Colour(
        string word, IReadOnlyList<double>? said, float[]? theirs, float[] usual, StoredPreparation? stored, string? network,
        string who, List<string> origins, List<string> others)
    {
        if (said is not null)
        {
            float[] ours = [.. said.Select(value => (float)value)];
            origins.Add($"{word} {Numbers(ours)} ({who})");
            if (theirs is not null && !theirs.Zip(ours).All(pair => Math.Abs(pair.First - pair.Second) < 1e-3))
            {
                others.Add(DataReport.Warning
                    + $"{stored!.Name} beside the network says {word} {Numbers(theirs)}, {who} {Numbers(ours)}: {who}'s is "
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
                + "a network that takes samples from 0 to 1 as they are, mean = [0, 0, 0] and std = [1, 1, 1]; one that takes them from 0 to 255 (many "
                + "of Keras), std = [0.00392156862745098, 0.00392156862745098, 0.00392156862745098].");
    }

    private static Interpolation Filter(
        DataSettings data, StoredPreparation? stored, string who, List<string> origins, List<string> others)
    {
        if (data.Interpolation is { } said)
        {
            var ours = Enum.Parse<Interpolation>(said, ignoreCase: true);
            origins.Add($"{said} interpolation ({who})");
            if (stored?.Filter is { } other && other != ours)
            {
                others.Add(DataReport.Warning
                    + $"{stored.Name} beside the network says {other.ToString().ToLowerInvariant()} interpolation, {who} "
                    + $"{said}: {who}'s is used.");
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

    private static string Resized(StoredSize size) => size.Resize is not { } pixels ? "none"
        : !size.Squash ? $"the short side to {Whole(pixels)}"
        : size.Width is { } broad ? $"to {Box(pixels, (int)Math.Round((double)pixels * broad / size.Crop))}"
        : $"both sides to {Whole(pixels)}";

    private static string Box(int height, int? width) => width is { } broad ? $"{Whole(height)} × {Whole(broad)}" : Whole(height);

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Numbers(float[] values) =>
        $"[{string.Join(", ", values.Select(value => value.ToString("0.####", CultureInfo.InvariantCulture)))}]";
}
