using Fovea.Models.Graph;
using Fovea.Numerics;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Torch;

/// <summary>
/// A convolution of each channel by itself as a sum over its window's places: the maps, moved and thinned out, times one weight a channel.
/// Where libtorch works without oneDNN (<see cref="ConvolutionKernels"/>) it makes such a convolution a channel at a time, each with a
/// copy of its windows and a product of matrices of its own, and meets its other threads at every one of them.
/// </summary>
internal static class DepthwiseConvolution
{
    /// <summary>Places of a window up to which the sum is taken.</summary>
    private const long MostPlaces = 49;

    /// <summary>Whether a convolution is of that kind, and libtorch would make it a channel at a time.</summary>
    public static bool Serves(GraphNode node, Tensor input, Tensor weight) => ConvolutionKernels.Library == ConvolutionLibrary.Plain
        && Is(node, input, weight);

    /// <summary>Whether a convolution is of that kind, and its window fits.</summary>
    internal static bool Is(GraphNode node, Tensor input, Tensor weight) => input.dim() == 4 && weight.dim() == 4
        && input.dtype == ScalarType.Float32 && input.device_type == TorchSharp.DeviceType.CPU && input.numel() > 0
        && weight.shape[0] > 1 && weight.shape[0] == input.shape[1] && weight.shape[1] == 1
        && node.Attributes.Int("groups", 1) == input.shape[1] && weight.shape[2] * weight.shape[3] is > 1 and <= MostPlaces
        && Places(node, input, weight, 0) > 0 && Places(node, input, weight, 1) > 0;

    /// <summary>The convolution.</summary>
    /// <param name="node">It.</param>
    /// <param name="input"><c>[N, C, H, W]</c>.</param>
    /// <param name="weight"><c>[C, 1, height, width]</c>.</param>
    /// <param name="bias"><c>[C]</c>; null: none.</param>
    /// <returns><c>[N, C, H', W']</c>.</returns>
    public static Tensor Run(GraphNode node, Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        long[] step = node.Attributes.Ints("stride", 1, 1), padding = node.Attributes.Ints("padding", 0, 0),
            dilation = node.Attributes.Ints("dilation", 1, 1);
        Tensor padded = padding is [0, 0] ? input : F.pad(input, [padding[1], padding[1], padding[0], padding[0]]);
        long rows = Places(node, input, weight, 0), columns = Places(node, input, weight, 1);
        Tensor? sum = null;
        for (long y = 0; y < weight.shape[2]; y++)
        {
            Tensor lines = padded.slice(2, y * dilation[0], y * dilation[0] + (rows - 1) * step[0] + 1, step[0]);
            for (long x = 0; x < weight.shape[3]; x++)
            {
                Tensor maps = lines.slice(3, x * dilation[1], x * dilation[1] + (columns - 1) * step[1] + 1, step[1]);
                Tensor by = weight.select(3, x).select(2, y).reshape(1, -1, 1, 1);
                // In place: what is added to is not needed for a derivative.
                sum = sum is null ? maps * by : sum.addcmul_(maps, by, 1);
            }
        }
        if (bias is not null) sum = sum!.add_(bias.reshape(1, -1, 1, 1));
        return sum!.MoveToOuterDisposeScope();
    }

    /// <summary>Places of the window along a side: 0 (rows) or 1 (columns).</summary>
    private static long Places(GraphNode node, Tensor input, Tensor weight, int side)
    {
        long span = node.Attributes.Ints("dilation", 1, 1)[side] * (weight.shape[2 + side] - 1) + 1;
        long room = input.shape[2 + side] + 2 * node.Attributes.Ints("padding", 0, 0)[side] - span;
        return room < 0 ? 0 : room / node.Attributes.Ints("stride", 1, 1)[side] + 1;
    }
}
