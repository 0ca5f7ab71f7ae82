using static TorchSharp.torch;

namespace Fovea.Dictionaries;

/// <summary>Between activation tensors with the vectors' components on one axis, as <c>[N, C, H, W]</c>, and rows of vectors.</summary>
internal static class VectorAxis
{
    /// <summary>Every vector of a tensor as a row.</summary>
    /// <param name="activations">E.g. <c>[N, C, H, W]</c>.</param>
    /// <param name="axis">The components' axis.</param>
    /// <param name="size">Their number.</param>
    /// <returns>E.g. <c>[N · H · W, C]</c>, differentiable.</returns>
    /// <exception cref="ArgumentException">The tensor has no such axis, or not of this size.</exception>
    public static Tensor Rows(Tensor activations, int axis, int size)
    {
        ArgumentNullException.ThrowIfNull(activations);
        if (activations.dim() <= axis || activations.shape[axis] != size)
            throw new ArgumentException(
                $"Axis {axis} must have {size} components, the tensor is [{string.Join(", ", activations.shape)}].", nameof(activations));
        return activations.movedim([axis], [-1]).reshape(-1, size);
    }

    /// <summary>Rows back where the vectors of <see cref="Rows"/> came from, in whatever length they have now.</summary>
    /// <param name="rows"><c>[N · H · W, n]</c>.</param>
    /// <param name="like">The activations, e.g. <c>[N, C, H, W]</c>.</param>
    /// <param name="axis">The components' axis.</param>
    /// <returns>E.g. <c>[N, n, H, W]</c>, differentiable.</returns>
    public static Tensor Place(Tensor rows, Tensor like, int axis)
    {
        long[] shape = [.. like.shape.Where((_, other) => other != axis), rows.shape[1]];
        return rows.reshape(shape).movedim([-1], [axis]).contiguous();
    }
}
