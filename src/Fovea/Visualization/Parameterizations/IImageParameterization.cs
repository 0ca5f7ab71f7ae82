using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>How free numbers become a picture: what gradient ascent moves, and what it cannot.</summary>
public interface IImageParameterization
{
    /// <summary>A short name for captions and tables.</summary>
    string Name { get; }

    /// <summary>
    /// All that decides the pictures besides <see cref="Statistics"/>, so that equal texts are equal parameterisations; the name where that
    /// says it.
    /// </summary>
    string Description => Name;

    /// <summary>
    /// Whether the free numbers lie on the picture's pixels, <c>[N, 3, H, W]</c>, so that blurring them blurs the picture.
    /// </summary>
    bool IsSpatial { get; }

    /// <summary>The colours it decorrelates by; null where it does not.</summary>
    ColourStatistics? Statistics => null;

    /// <summary>
    /// Where an optimisation starts: noise drawn from each picture's own stream, so that no picture depends on its batch.
    /// </summary>
    /// <param name="streams">One stream of random numbers a picture.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <returns>Free numbers with first dimension N, float32 on the CPU; the caller owns them.</returns>
    Tensor Start(IReadOnlyList<CounterRandom> streams, int height, int width);

    /// <summary>The pictures of free numbers, differentiable.</summary>
    /// <param name="parameters">Free numbers, of any floating type.</param>
    /// <param name="height">Height in pixels; with the width what a spectrum alone does not tell.</param>
    /// <param name="width">Width in pixels.</param>
    /// <returns>RGB <c>[N, 3, H, W]</c> in [0, 1].</returns>
    Tensor ToRgb(Tensor parameters, int height, int width);

    /// <summary>
    /// Free numbers of pictures (to start from an image): <see cref="ToRgb"/>'s inverse up to the rounding of colours at the ends of the
    /// range, or, where not every picture can be had (<see cref="Maco"/>), what it keeps of them.
    /// </summary>
    /// <param name="rgb"><c>[N, 3, H, W]</c> in [0, 1].</param>
    Tensor FromRgb(Tensor rgb);
}
