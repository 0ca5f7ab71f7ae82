using Fovea.Dictionaries.Sparse;
using Fovea.Runs.Settings;

namespace Fovea.Runs;

/// <summary>
/// What can be known of a dictionary before anything is harvested: whether its settings fit the layer that it is to learn.
/// </summary>
internal static class DictionaryChecks
{
    /// <summary>Refuses settings that the trainer would refuse once it has the vectors, such as a k above the number of latents.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="channels">Channels of the layer.</param>
    /// <param name="name">What the dictionary is called, for the message: <c>dictionary block4/topk</c>.</param>
    /// <exception cref="FoveaException">Configuration: what does not fit.</exception>
    public static void RequireFit(AutoencoderOptions options, int channels, string name)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            options.Validate();
            if (options.Normalization == InputNormalization.LayerNorm && channels < 2)
                throw FoveaException.BadConfiguration("one number has no standard deviation (normalization is layer_norm).");
            int latents = options.LatentsFor(channels);
            // The variants' rules are about the number of latents, not about the length of vectors: with vectors of one component they are
            // asked at no cost.
            AutoencoderVariants.Create(options with { LatentSize = latents }, inputSize: 1).Dispose();
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Configuration)
        {
            throw FoveaException.BadConfiguration(
                FormattableString.Invariant(
                    $"{name} does not fit its layer of {channels} channels (expansion {options.Expansion}): {e.Message}"), e);
        }
    }

    /// <summary>
    /// Refuses an archetypal dictionary with more latents than vectors to learn from: each starts as the centre of some of them.
    /// </summary>
    /// <param name="options">The settings.</param>
    /// <param name="channels">Channels of the layer.</param>
    /// <param name="images">Images to train on.</param>
    /// <param name="positions">Vectors of an image.</param>
    /// <param name="name">What the dictionary is called, for the message.</param>
    /// <exception cref="FoveaException">Configuration: there are fewer vectors.</exception>
    public static void RequireVectors(AutoencoderOptions options, int channels, int images, int positions, string name)
    {
        ArgumentNullException.ThrowIfNull(options);
        long vectors = (long)images * positions;
        if (options.Variant is not ArchetypalOptions || options.LatentsFor(channels) is var latents && latents <= vectors) return;
        throw FoveaException.BadConfiguration(FormattableString.Invariant(
            $"{name} has {latents} latents, each of which starts as the centre of some vectors, and there are {vectors} vectors ({images} images of {positions}) to learn from: harvest more images, or lower its expansion ({options.Expansion})."));
    }

    /// <summary>How many of some images a harvest leaves to train on.</summary>
    /// <param name="images">Images, two or more.</param>
    /// <param name="fraction">The share held out.</param>
    public static int TrainingImages(int images, double fraction) =>
        images - Math.Clamp((int)Math.Round(fraction * images), 1, Math.Max(1, images - 1));

    /// <summary>Refuses a harvest of which no image is left to train dictionaries on, or none to measure them on.</summary>
    /// <param name="images">Images that will be harvested; of two or more, the harvest holds at least one out and trains on at least
    /// one.</param>
    /// <exception cref="FoveaException">Configuration: there would be none.</exception>
    public static void RequireBothSides(int images)
    {
        if (images >= 2) return;
        throw FoveaException.BadConfiguration(
            $"The recipe harvests {images} image{(images == 1 ? "" : "s")}: dictionaries need one to be trained on and another to be "
                + $"measured on. Harvest more (harvest.images).");
    }

    /// <summary>Refuses more parts of a cross-validation than there are images.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="harvested">Images that will be harvested.</param>
    /// <exception cref="FoveaException">Configuration: a part would have no image.</exception>
    public static void RequireFolds(SweepSettings sweep, int harvested)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        int images = Math.Min(sweep.Images ?? harvested, harvested);
        if (sweep.Folds == 1 || images >= sweep.Folds) return;
        throw FoveaException.BadConfiguration(
            $"Sweep '{sweep.Name}' has {images} images for {sweep.Folds} folds: one would have none. Set fewer folds, or more images.");
    }
}
