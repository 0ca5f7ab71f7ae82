using Fovea.Imaging;
using Fovea.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>A frame round the picture: what shifts and rotations bring into view. Nothing of it is random.</summary>
/// <param name="Pixels">Its width on each side.</param>
/// <param name="Outside">What it holds: zero, which is the dataset's mean colour, the border's pixels, or the picture mirrored.</param>
public sealed record Pad(int Pixels, Outside Outside = Outside.Zero) : ITransform
{
    /// <summary>
    /// Another colour than the mean, in units of the normalised input, <c>[3]</c>; with <see cref="Outside.Zero"/> alone.
    /// </summary>
    public IReadOnlyList<double> Colour { get; init; } = [0, 0, 0];

    /// <inheritdoc/>
    public string Description => FormattableString.Invariant(
        $"pad {Pixels} px ({(Outside != Outside.Zero ? Outside.ToString().ToLowerInvariant() : Colour.All(value => value == 0) ? "mean colour" : FormattableString.Invariant($"colour {Colour[0]}, {Colour[1]}, {Colour[2]}"))})");

    /// <summary>A frame of mid-grey, RGB ½, for networks with the given preprocessing: lucid's.</summary>
    public static Pad Grey(int pixels, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        return new Pad(pixels) { Colour = [.. Enumerable.Range(0, 3).Select(c => (0.5 - preprocessing.Mean[c]) / preprocessing.Std[c])] };
    }

    /// <inheritdoc/>
    public ITransform ScaledBy(double factor) => this with { Pixels = (int)Math.Round(Pixels * factor) };

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, IReadOnlyList<CounterRandom> streams)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (Pixels < 0 || (Outside == Outside.Reflection && Pixels >= Math.Min(images.shape[2], images.shape[3])))
            throw FoveaException.BadConfiguration(
                $"A frame of {Pixels} px cannot be put round pictures of {images.shape[3]}×{images.shape[2]}.");
        long[] frame = [Pixels, Pixels, Pixels, Pixels];
        if (Outside == Outside.Border) return nn.functional.pad(images, frame, PaddingModes.Replicate);
        if (Outside == Outside.Reflection) return nn.functional.pad(images, frame, PaddingModes.Reflect);
        if (Colour.All(value => value == 0)) return nn.functional.pad(images, frame, PaddingModes.Constant, 0);
        using var scope = NewDisposeScope();
        Tensor colour = tensor(Colour.ToArray(), [1, 3, 1, 1], dtype: images.dtype, device: images.device);
        return (nn.functional.pad(images - colour, frame, PaddingModes.Constant, 0) + colour).MoveToOuterDisposeScope();
    }
}
