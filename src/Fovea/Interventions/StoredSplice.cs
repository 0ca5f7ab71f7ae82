using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Interpretation;
using Fovea.Models;

namespace Fovea.Interventions;

/// <summary>The short way from stored vectors and a dictionary of them to what the classifier loses by it.</summary>
public static class StoredSplice
{
    /// <summary>
    /// What the classifier loses with the dictionary's reconstruction in the layer's place (<see cref="SplicedEvaluation"/>), on the images
    /// that the harvest held out, so that no dictionary saw them.
    /// </summary>
    /// <param name="activations">What the dictionary was trained on; says which images were held out, and the mean for mean
    /// ablation.</param>
    /// <param name="model">The network.</param>
    /// <param name="dictionary">A dictionary of the same layer.</param>
    /// <param name="images">The images that were harvested.</param>
    /// <param name="cancellation">Stops after the current batch.</param>
    /// <exception cref="FoveaException">Configuration: the dictionary was trained on another layer. Data: the harvest held no image out, or
    /// the images have no labels.</exception>
    public static SpliceResult Splice(
        this ActivationStore activations, ImageModel model, IFeatureDictionary dictionary, IImageSource images,
            CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(dictionary);
        dictionary.RequireLayer(activations.Layer);
        var options =
            new SpliceOptions { Images = activations.Manifest.Split.ValidationImages, Mean = activations.TrainingMean(cancellation) };
        return SplicedEvaluation.Evaluate(model, activations.Layer, dictionary, images, options, cancellationToken: cancellation);
    }
}
