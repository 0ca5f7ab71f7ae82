using Fovea.Models.Graph;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Fovea.Models.Torch;

/// <summary>
/// A network's first convolution, large windows over a few colours in steps of two, as one of half the sides over the four pixels of each
/// 2 × 2 block, in steps of one: the same products in another order. libtorch's derivative by three colours takes five times as long as
/// the convolution, that by twelve channels as long.
/// </summary>
internal static class SpaceToDepth
{
    private const int MostColours = 4, LeastWindow = 5;

    /// <summary>Whether a convolution is of that kind and a derivative by what it reads, but not by its weight, is recorded.</summary>
    public static bool Serves(GraphNode node, Tensor input, Tensor weight) => input.requires_grad && !weight.requires_grad
        && is_grad_enabled() && input.dim() == 4 && input.shape[1] <= MostColours && weight.shape[1] == input.shape[1]
        && Math.Min(weight.shape[2], weight.shape[3]) >= LeastWindow && node.Attributes.Ints("stride", 1, 1) is [2, 2]
        && node.Attributes.Ints("dilation", 1, 1) is [1, 1] && node.Attributes.Int("groups", 1) == 1;

    /// <summary>The weight <c>[outputs, 4 · colours, ⌈window / 2⌉, …]</c>; a window of odd side has a last row of zeros.</summary>
    public static Tensor Weight(Tensor weight)
    {
        using var scope = NewDisposeScope();
        long outputs = weight.shape[0], colours = weight.shape[1], height = (weight.shape[2] + 1) / 2, width = (weight.shape[3] + 1) / 2;
        Tensor even = F.pad(weight, [0, 2 * width - weight.shape[3], 0, 2 * height - weight.shape[2]]);
        return ChannelsLast.Of(even.reshape(outputs, colours, height, 2, width, 2).permute(0, 3, 5, 1, 2, 4).reshape(
            outputs, 4 * colours, height, width)).MoveToOuterDisposeScope();
    }

    /// <summary>The convolution.</summary>
    /// <param name="node">It.</param>
    /// <param name="input"><c>[N, colours, H, W]</c>.</param>
    /// <param name="blocks">What <see cref="Weight"/> makes of its weight.</param>
    /// <param name="bias">Its bias; null: none.</param>
    /// <param name="window">Height and width of its window.</param>
    public static Tensor Run(GraphNode node, Tensor input, Tensor blocks, Tensor? bias, (long Height, long Width) window)
    {
        using var scope = NewDisposeScope();
        long[] padding = node.Attributes.Ints("padding", 0, 0);
        long images = input.shape[0], colours = input.shape[1];
        long rows = Blocks(input.shape[2], window.Height, padding[0]), columns = Blocks(input.shape[3], window.Width, padding[1]);
        Tensor whole = F.pad(
            input, [padding[1], 2 * columns - input.shape[3] - padding[1], padding[0], 2 * rows - input.shape[2] - padding[0]]);
        Tensor deep = whole.reshape(images, colours, rows, 2, columns, 2).permute(0, 2, 4, 3, 5, 1).reshape(
            images, rows, columns, 4 * colours).permute(0, 3, 1, 2);
        return F.conv2d(deep, blocks, bias, [1, 1], [0, 0], [1, 1], 1).MoveToOuterDisposeScope();
    }

    /// <summary>Blocks of two that windows look at along a side.</summary>
    private static long Blocks(long side, long window, long padding) => (side + 2 * padding - window) / 2 + 1 + (window + 1) / 2 - 1;
}
