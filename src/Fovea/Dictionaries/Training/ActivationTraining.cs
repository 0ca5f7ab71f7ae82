using Fovea.Activations;
using Fovea.Dictionaries.Sparse;

namespace Fovea.Dictionaries.Training;

/// <summary>Training on the activations of a layer.</summary>
public static class ActivationTraining
{
    /// <summary>Trains a sparse autoencoder on the vectors that a filter drew, and measures it on those of the images held out.</summary>
    /// <param name="activations">A harvested layer, which the autoencoder will know as its own.</param>
    /// <param name="options">What to train, e.g. <c>Sae.TopK(32)</c>.</param>
    /// <param name="filter">One of the harvest's filters; null: the first one.</param>
    /// <param name="progress">Reported to a few times a second at most.</param>
    /// <param name="cancellation">Stops after the step under way.</param>
    /// <returns>The autoencoder, acting on raw vectors, with curves and final numbers; the caller disposes it.</returns>
    /// <exception cref="FoveaException">As <see cref="AutoencoderTrainer"/>; Configuration also where the filter was not
    /// harvested.</exception>
    public static TrainedAutoencoder Train(
        this ActivationStore activations, AutoencoderOptions options, string? filter = null,
            IProgress<AutoencoderProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(activations);
        var (training, heldOut) = activations.Draws(filter ?? activations.Manifest.MainFilter);
        return AutoencoderTrainer.Train(options, activations, training, heldOut, null, progress, cancellation);
    }
}
