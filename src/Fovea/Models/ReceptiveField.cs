using Fovea.Imaging;
using TorchSharp.Modules;
using Module = TorchSharp.torch.nn.Module;

namespace Fovea.Models;

/// <summary>
/// The pixels that a position of a layer depends on: its exact box, from windows, strides and padding along every path to the layer, with the shortcuts' boxes united with
/// their blocks' (Araujo et al. 2019). Clipped at the input's borders, layer by layer: what a window reads beyond them is padding.
/// </summary>
public sealed class ReceptiveField
{
    private readonly Reach _rows, _columns;

    private ReceptiveField(Reach rows, Reach columns) => (_rows, _columns) = (rows, columns);

    /// <summary>The field of a layer's positions.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layer">Any of its layers.</param>
    /// <param name="inputHeight">Height of the input in pixels.</param>
    /// <param name="inputWidth">Width of the input in pixels.</param>
    /// <exception cref="FoveaException">No such layer, or the network has a module whose window is not known.</exception>
    public static ReceptiveField Of(Network network, string layer, int inputHeight, int inputWidth)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputHeight);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputWidth);
        var target = network.Layer(layer);
        return new ReceptiveField(new Trace(target, 0).To(network.Body, inputHeight), new Trace(target, 1).To(network.Body, inputWidth));
    }

    /// <summary>Rows of the layer's grid; 1 after the positions were pooled.</summary>
    public int GridHeight => _rows.Size;

    /// <summary>Columns of the layer's grid.</summary>
    public int GridWidth => _columns.Size;

    /// <summary>The pixels that a position depends on.</summary>
    /// <param name="y">Row of the position.</param>
    /// <param name="x">Column of the position.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position is not on the grid.</exception>
    public PixelBox Box(int y, int x)
    {
        if ((uint)y >= (uint)GridHeight || (uint)x >= (uint)GridWidth)
            throw new ArgumentOutOfRangeException(nameof(y), $"Position ({y}, {x}) is not on a grid of {GridHeight}×{GridWidth}.");
        var ((top, bottom), (left, right)) = (_rows.Of(y, y), _columns.Of(x, x));
        return new PixelBox(left, top, right - left + 1, bottom - top + 1);
    }

    /// <summary>What the places first … last of something depend on, along one axis of the input.</summary>
    private sealed record Reach(int Size, Func<int, int, (int First, int Last)> Of);

    /// <summary>Follows one axis through a network.</summary>
    private sealed class Trace(Module target, int axis)
    {
        private Reach? _found;

        public Reach To(Module body, int size)
        {
            Through(body, new Reach(size, (first, last) => (first, last)));
            return _found!;
        }

        private Reach Through(Module module, Reach source)
        {
            Reach after = module switch
            {
                Sequence sequence => Through(sequence.Steps, source),
                IBranching block => Through(block.AfterSum, Sum(block, source)),
                Conv2d conv => Window(source, conv.kernel_size, conv.stride, conv.padding ?? [0], conv.dilation),
                MaxPool2d { ceil_mode: false } pool => Window(source, pool.kernel_size, pool.stride, pool.padding, pool.dilation),
                AvgPool2d { ceil_mode: false } pool => Window(source, pool.kernel_size, pool.stride, pool.padding, null),
                AdaptiveAvgPool2d or Reshape or Linear => new Reach(1, (_, _) => source.Of(0, source.Size - 1)),
                BatchNorm or ReLU or ReLU6 or LeakyRelu or SeededDropout => source,
                _ => throw FoveaException.BadConfiguration($"No receptive field: which window {module.GetName()} reads is not known. Add it to {nameof(ReceptiveField)}."),
            };
            if (ReferenceEquals(module, target)) _found = after;
            return after;
        }

        private Reach Through(IEnumerable<Module> modules, Reach source) => modules.Aggregate(source, (reach, module) => Through(module, reach));

        private Reach Window(Reach source, long[] window, long[]? stride, long[]? padding, long[]? dilation)
        {
            int step = Axis(stride ?? window), before = Axis(padding ?? [0]), extent = (Axis(window) - 1) * Axis(dilation ?? [1]) + 1;
            return new Reach((source.Size + 2 * before - extent) / step + 1, (first, last) => source.Of(
                Math.Max(0, first * step - before), Math.Min(source.Size - 1, last * step - before + extent - 1)));
        }

        /// <summary>The union of the branches at the block's input and then what that depends on: following each branch to the pixels would double the work with every block.</summary>
        private Reach Sum(IBranching block, Reach source)
        {
            Reach? known = _found;
            var input = new Reach(source.Size, (first, last) => (first, last));
            Reach[] branches = [.. block.Branches.Select(branch => Through(branch, input))];
            if (!ReferenceEquals(known, _found)) _found = Over(_found!, source);
            return Over(new Reach(branches[0].Size, (first, last) =>
                (branches.Min(branch => branch.Of(first, last).First), branches.Max(branch => branch.Of(first, last).Last))), source);
        }

        private static Reach Over(Reach inner, Reach source) => new(inner.Size, (first, last) =>
        {
            var (from, to) = inner.Of(first, last);
            return source.Of(from, to);
        });

        private int Axis(long[] sizes) => (int)sizes[Math.Min(axis, sizes.Length - 1)];
    }
}
