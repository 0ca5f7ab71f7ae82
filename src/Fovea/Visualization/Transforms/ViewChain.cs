using Fovea.Imaging;
using Fovea.Numerics;
using Fovea.Visualization.Pullbacks;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>
/// What the network sees of pictures in a step: normalised, through the transforms of a recipe one after another, at the network's input
/// size.
/// </summary>
internal sealed class ViewChain(RenderOptions options, Preprocessing preprocessing, int size)
{
    private readonly ITransform[] _transforms =
    [
        .. options.Transforms.Select(
            transform => options.TransformsSide > size ? transform.ScaledBy((double)size / options.TransformsSide) : transform),
    ];

    private readonly bool _whole = options.ViewSize <= 0 || options.ViewSize == size;
    private readonly (long Height, long Width) _side = preprocessing.SizeAt(options.ViewSize > 0 ? options.ViewSize : size);

    /// <summary>The views of pictures.</summary>
    /// <param name="colours">RGB in [0, 1], <c>[N, 3, H, W]</c>.</param>
    /// <param name="streams">One a picture.</param>
    public IPullback Of(Tensor colours, IReadOnlyList<CounterRandom> streams) =>
        _transforms is [RandomAffine { Outside: Outside.Zero } affine] && _whole && PictureMemory.Serves(colours)
            ? new AffinePullback(colours, preprocessing, [.. streams.Select(affine.Draw)])
            : new TracedPullback(colours, rgb => Apply(Normalise(rgb), streams));

    /// <summary>Whole pictures at the side that views have, bilinear; normalised.</summary>
    public Tensor Plain(Tensor rgb)
    {
        if (_whole) return Normalise(rgb);
        using var scope = NewDisposeScope();
        long[] side = [_side.Height, _side.Width];
        return Normalise(nn.functional.interpolate(rgb, side, mode: InterpolationMode.Bilinear, align_corners: false))
            .MoveToOuterDisposeScope();
    }

    /// <summary>RGB in [0, 1] to the network's input.</summary>
    public Tensor Normalise(Tensor rgb)
    {
        using var scope = NewDisposeScope();
        Tensor mean = tensor(preprocessing.Mean, [1, 3, 1, 1], dtype: rgb.dtype, device: rgb.device);
        Tensor std = tensor(preprocessing.Std, [1, 3, 1, 1], dtype: rgb.dtype, device: rgb.device);
        return ((rgb - mean) / std).MoveToOuterDisposeScope();
    }

    /// <summary>The views <c>[N, C, H, W]</c> of normalised pictures; the pictures themselves where nothing is to be done.</summary>
    public Tensor Apply(Tensor input, IReadOnlyList<CounterRandom> streams)
    {
        if (_transforms.Length == 0) return Fit(input, _side);
        using var scope = NewDisposeScope();
        Tensor view = input;
        foreach (ITransform transform in _transforms) view = transform.Apply(view, streams);
        return Fit(view, _side).MoveToOuterDisposeScope();
    }

    /// <summary>Cropped about the centre or padded with zeros; of an odd difference the smaller half lies left and above.</summary>
    private static Tensor Fit(Tensor view, (long Height, long Width) side)
    {
        long y = side.Height - view.shape[2], x = side.Width - view.shape[3];
        if (y == 0 && x == 0) return view;
        long left = (long)Math.Floor(x / 2.0), top = (long)Math.Floor(y / 2.0);
        return nn.functional.pad(view, [left, x - left, top, y - top], PaddingModes.Constant, 0);
    }
}
