using Fovea.Dictionaries.Training;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>The step of a training, by whichever means; it changes the autoencoder's parameters and keeps the optimiser's state.</summary>
internal interface IAutoencoderStep : IDisposable
{
    /// <summary>The largest L2 norm of all gradients together, see <see cref="GradientClipping"/>; 0, the default, is none.</summary>
    double GradientClip { get; set; }

    /// <summary>How each batch is cut, and who has which part of it; null, the default: it is summed as a whole.</summary>
    BatchShards? Shards { get; set; }

    /// <summary>Forward, backward and Adam on one batch.</summary>
    /// <param name="vectors"><c>[rows, d]</c>, raw; where the batch is cut, the rows of this rank's shards.</param>
    /// <param name="scale">The number that vectors are multiplied by.</param>
    /// <param name="sparsityScale">Factor of the penalty, above 0, at most 1.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="metrics">Told what the batch looked like before the step, with the penalty at full strength.</param>
    void Train(ReadOnlySpan<float> vectors, double scale, double sparsityScale, double learningRate, AutoencoderMetrics metrics);

    /// <summary>Writes parameters that the step keeps in a form of its own into the autoencoder's tensors.</summary>
    void Publish();

    /// <summary>Takes the parameters from the autoencoder's tensors, which somebody else changed.</summary>
    /// <exception cref="FoveaException">Numerical: one is NaN or infinite.</exception>
    void Refresh();

    /// <summary>
    /// The optimiser's state under the names of <see cref="Fovea.Training.Adam.ExportState"/>; the caller owns the tensors.
    /// </summary>
    IReadOnlyDictionary<string, Tensor> ExportState();

    /// <summary>Takes over such a state; the tensors stay the caller's.</summary>
    void ImportState(IReadOnlyDictionary<string, Tensor> state);
}
