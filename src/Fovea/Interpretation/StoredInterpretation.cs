using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Models;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;

namespace Fovea.Interpretation;

/// <summary>
/// The short way from stored vectors and a dictionary of them to what its latents mean; each step is a call of the type that does it at
/// length.
/// </summary>
public static class StoredInterpretation
{
    /// <summary>Examples and statistics of every latent, from the stored vectors (<see cref="TopExamples"/>).</summary>
    /// <param name="activations">Where every position of every image is stored.</param>
    /// <param name="dictionary">An autoencoder of the same layer.</param>
    /// <param name="options">Numbers of examples and what else is watched; null: the defaults.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">Configuration: the autoencoder was trained on another layer or network, or the store keeps
    /// some positions of each image.</exception>
    public static GroupStatistics Explain(
        this ActivationStore activations, SparseAutoencoder dictionary, TopExamplesOptions? options = null,
            CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(dictionary);
        dictionary.RequireLayer(activations.Layer);
        dictionary.RequireNetwork(activations.Manifest.Network);
        activations.RequireAllPositions("Examples of units need");
        var latents = UnitGroup.Latents(activations.Layer, "latents", dictionary);
        return TopExamples.Collect(
            activations, activations.Manifest.Grid[0], activations.Manifest.Grid[1], activations.Images, [latents], options,
            cancellationToken: cancellation)[0];
    }

    /// <summary>
    /// Pictures that the most interesting units (<see cref="GroupStatistics.ByInterest"/>) answer to most (<see cref="FeatureRenderer"/>).
    /// </summary>
    /// <param name="features">The units.</param>
    /// <param name="model">The network they belong to.</param>
    /// <param name="count">How many units, from the first.</param>
    /// <param name="options">How pictures are made; null: as the paper does (<see cref="RenderPresets.Paper"/>).</param>
    /// <param name="progress">Reported to at each step.</param>
    /// <param name="cancellation">Stops after the current step.</param>
    /// <exception cref="FoveaException">The network has no such layer, or the latents are of another network.</exception>
    public static IReadOnlyList<RenderResult> Render(
        this GroupStatistics features, ImageModel model, int count, RenderOptions? options = null,
        IProgress<RenderProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        int[] units = [.. features.ByInterest().Take(count)];
        if (features.Group.Autoencoder is { } own) new[] { own }.RequireNetwork(model);
        IObjective objective = features.Group.Autoencoder is { } autoencoder
            ? new LatentObjective(features.Group.Layer, autoencoder, units)
            : new UnitObjective(features.Group.Layer, units);
        return FeatureRenderer.Render(model, objective, options ?? RenderPresets.Paper, progress, cancellation);
    }
}
