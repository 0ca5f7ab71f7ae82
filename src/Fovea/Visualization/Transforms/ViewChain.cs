using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>The transforms of a recipe, one after another, and the network's input size at the end.</summary>
internal sealed class ViewChain(RenderOptions options, int size)
{
    private readonly ITransform[] _transforms =
    [
        .. options.Transforms.Select(transform => options.TransformsSide > size ? transform.ScaledBy((double)size / options.TransformsSide) : transform),
    ];

    private readonly long _side = options.ViewSize > 0 ? options.ViewSize : size;

    /// <summary>The views <c>[N, C, side, side]</c> of normalised pictures; the pictures themselves where nothing is to be done.</summary>
    public Tensor Apply(Tensor input, IReadOnlyList<CounterRandom> streams)
    {
        if (_transforms.Length == 0) return Fit(input, _side);
        using var scope = NewDisposeScope();
        Tensor view = input;
        foreach (ITransform transform in _transforms) view = transform.Apply(view, streams);
        return Fit(view, _side).MoveToOuterDisposeScope();
    }

    /// <summary>Cropped about the centre or padded with zeros; of an odd difference the smaller half lies left and above.</summary>
    private static Tensor Fit(Tensor view, long side)
    {
        long y = side - view.shape[2], x = side - view.shape[3];
        if (y == 0 && x == 0) return view;
        long left = (long)Math.Floor(x / 2.0), top = (long)Math.Floor(y / 2.0);
        return nn.functional.pad(view, [left, x - left, top, y - top], PaddingModes.Constant, 0);
    }
}
