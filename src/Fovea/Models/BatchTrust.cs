using System.Globalization;

namespace Fovea.Models;

/// <summary>
/// Decides how images of a file's network are run before anything trusts a batch of it: no number may depend on which images happened to
/// be beside an image.
/// </summary>
public static class BatchTrust
{
    /// <summary>Judges a network by images of noise, together and alone.</summary>
    /// <param name="file">The file.</param>
    /// <param name="network">A network of it, for images of its preprocessing's size.</param>
    /// <param name="oneByOne">The same that takes one image at a time; disposed here.</param>
    /// <param name="layers">Layers whose values are judged too.</param>
    /// <returns>Null: as many images as wanted. A line: it has to be run one image at a time, which the line says with the
    /// reason.</returns>
    /// <exception cref="FoveaException">Data: its answer is no numbers with fractions, or not each image's own. Numerical: it is NaN or
    /// infinite.</exception>
    public static string? Judge(
        ImportedNetwork file, ImageModel network, Func<ImageModel> oneByOne, IReadOnlyList<string>? layers = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(oneByOne);
        (int height, int width) = network.Preprocessing.OutputSize;
        string name = file.Graph.Name;
        double difference = BatchCheck.Difference(network, height, width, layers);
        if (difference < BatchCheck.Rounding) return null;
        if (double.IsNaN(difference)) throw BatchCheck.NotFinite(name);
        string by = InWords(difference);
        if (network.Graph.FixedBatch is { } together)
            throw FoveaException.BadData(
                $"{name} takes exactly {together} images at a time, as it was exported, and an image's numbers depend on those beside it "
                    + $"({by}): what it says of an image would depend on the images that happen to be run with it. Export it for one image "
                    + "at a time, or without the step that mixes images (a mean or a normalisation over the batch).");
        using ImageModel alone = oneByOne();
        if (!(BatchCheck.Difference(alone, height, width, layers) < BatchCheck.Rounding))
            throw FoveaException.BadData(
                $"{name} gives no numbers that are an image's own ({by}): nothing can be said of single images. Export a network that "
                    + "answers with a row for each image.");
        return $"Images that {name} takes together change each other's numbers ({by}): it is run one image at a time, so that no number "
            + "depends on batch_size.";
    }

    /// <summary>How large a difference is, in words.</summary>
    public static string InWords(double difference) => double.IsInfinity(difference)
        ? "several images together give other numbers than alone, or no row for each"
        : string.Create(CultureInfo.InvariantCulture, $"three images together and alone differ by {difference:0.0E+0} of the largest answer");
}
