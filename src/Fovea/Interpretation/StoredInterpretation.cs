using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Models;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Interpretation;

/// <summary>The short way from stored vectors and a dictionary of them to what its latents mean; each step is a call of the type that does it at length.</summary>
public static class StoredInterpretation
{
    /// <summary>Examples and statistics of every latent, from the stored vectors (<see cref="TopExamples"/>).</summary>
    /// <param name="activations">Where every position of every image is stored.</param>
    /// <param name="dictionary">An autoencoder of the same layer.</param>
    /// <param name="options">Numbers of examples and what else is watched; null: the defaults.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">Configuration: the autoencoder was trained on another layer.</exception>
    public static GroupStatistics Explain(
        this ActivationStore activations, SparseAutoencoder dictionary, TopExamplesOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(dictionary);
        dictionary.RequireLayer(activations.Layer);
        var latents = UnitGroup.Latents(activations.Layer, "latents", dictionary);
        return TopExamples.Collect(activations, activations.Manifest.Grid[0], activations.Manifest.Grid[1], activations.Images, [latents], options,
            cancellationToken: cancellation)[0];
    }

    /// <summary>Pictures that the most interesting units (<see cref="GroupStatistics.ByInterest"/>) answer to most (<see cref="FeatureRenderer"/>).</summary>
    /// <param name="features">The units.</param>
    /// <param name="model">The network they belong to.</param>
    /// <param name="count">How many units, from the first.</param>
    /// <param name="options">How pictures are made; null: as the paper does (<see cref="RenderPresets.Paper"/>).</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Stops after the current step.</param>
    /// <exception cref="FoveaException">The network has no such layer.</exception>
    public static IReadOnlyList<RenderResult> Render(this GroupStatistics features, ImageModel model, int count, RenderOptions? options = null,
        IProgress<RenderProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        int[] units = [.. features.ByInterest().Take(count)];
        IObjective objective = features.Group.Autoencoder is { } autoencoder
            ? new LatentObjective(features.Group.Layer, autoencoder, units)
            : new UnitObjective(features.Group.Layer, units);
        return FeatureRenderer.Render(model, objective, options ?? RenderPresets.Paper, progress, cancellation);
    }

    /// <summary>
    /// What the classifier loses with the dictionary's reconstruction in the layer's place (<see cref="SplicedEvaluation"/>), on the images that the harvest
    /// held out, so that no dictionary saw them.
    /// </summary>
    /// <param name="activations">What the dictionary was trained on; says which images were held out, and the mean for mean ablation.</param>
    /// <param name="model">The network.</param>
    /// <param name="dictionary">A dictionary of the same layer.</param>
    /// <param name="images">The images that were harvested.</param>
    /// <param name="cancellation">Stops after the current batch.</param>
    /// <exception cref="FoveaException">Configuration: the dictionary was trained on another layer. Data: the harvest held no image out, or the images have no labels.</exception>
    public static SpliceResult Splice(
        this ActivationStore activations, ImageModel model, IFeatureDictionary dictionary, IImageSource images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(dictionary);
        dictionary.RequireLayer(activations.Layer);
        var options = new SpliceOptions { Images = activations.Manifest.Split.ValidationImages, Mean = activations.TrainingMean(cancellation) };
        return SplicedEvaluation.Evaluate(model, activations.Layer, dictionary, images, options, cancellationToken: cancellation);
    }
}
