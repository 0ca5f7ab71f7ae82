using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>
/// A random crop: views are smaller by <paramref name="Pixels"/> in each direction, at a random whole pixel (lucid's jitter). With the size
/// restored at the end it is a random shift.
/// </summary>
/// <param name="Pixels">How much smaller.</param>
public sealed record Jitter(int Pixels) : ITransform
{
    /// <inheritdoc/>
    public string Description => $"jitter {Pixels} px";

    /// <inheritdoc/>
    public ITransform ScaledBy(double factor) => new Jitter((int)Math.Round(Pixels * factor));

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(streams);
        long height = images.shape[2] - Pixels, width = images.shape[3] - Pixels;
        if (Pixels < 0 || height < 1 || width < 1)
            throw FoveaException.BadConfiguration(
                $"A jitter of {Pixels} px cannot be applied to pictures of {images.shape[3]}×{images.shape[2]}.");
        using var scope = NewDisposeScope();
        // Unbound first: the gradient of a crop is then as large as one picture, not as the batch.
        Tensor[] pictures = images.unbind(0);
        for (int i = 0; i < pictures.Length; i++)
        {
            int y = streams[i].NextInt(Pixels + 1), x = streams[i].NextInt(Pixels + 1);
            pictures[i] = pictures[i].narrow(1, y, height).narrow(2, x, width);
        }
        return stack(pictures).MoveToOuterDisposeScope();
    }
}
