using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>
/// A random view of a picture: what the network sees of it in one step, so that a pattern has to work wherever it lies (transformation
/// robustness). Works on the normalised input, where zero is the dataset's mean colour; differentiable in the pictures.
/// </summary>
public interface ITransform
{
    /// <summary>For captions and recipes.</summary>
    string Description { get; }

    /// <summary>A new view of each picture; that of picture i depends on it and <c>streams[i]</c> alone.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="streams">One stream of random numbers a picture, read on from where the transform before it stopped.</param>
    /// <returns>A new tensor <c>[N, C, H', W']</c>, of the same size for all pictures.</returns>
    /// <exception cref="FoveaException">The pictures are too small for it.</exception>
    Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams);

    /// <summary>
    /// The same transform for pictures whose side is <paramref name="factor"/> times as long: distances in pixels change, shares and angles
    /// do not.
    /// </summary>
    ITransform ScaledBy(double factor) => this;
}
