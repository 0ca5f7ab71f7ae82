using Fovea.Dictionaries.Sparse;

namespace Fovea.Runs;

/// <summary>What can be known of a dictionary before anything is harvested: whether its settings fit the layer that it is to learn.</summary>
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
            int latents = options.LatentsFor(channels);
            // The variants' rules are about the number of latents, not about the length of vectors: with vectors of one component they are asked at no cost.
            AutoencoderVariants.Create(options with { LatentSize = latents }, inputSize: 1).Dispose();
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Configuration)
        {
            throw FoveaException.BadConfiguration(
                FormattableString.Invariant($"{name} does not fit its layer of {channels} channels (expansion {options.Expansion}): {e.Message}"), e);
        }
    }

    /// <summary>Refuses a harvest of which no image is left to measure dictionaries on, or none to train them on.</summary>
    /// <param name="images">Images that will be harvested.</param>
    /// <param name="heldOut">Of these, images held out from training.</param>
    /// <param name="fraction">The share that was asked for.</param>
    /// <exception cref="FoveaException">Configuration: there would be none.</exception>
    public static void RequireBothSides(int images, int heldOut, double fraction)
    {
        if (heldOut > 0 && heldOut < images) return;
        throw FoveaException.BadConfiguration(FormattableString.Invariant(
            $"harvest.validation_fraction {fraction} of {images} images holds out {heldOut}: dictionaries need at least one image to train on and another to be measured on. Harvest more images."));
    }
}
