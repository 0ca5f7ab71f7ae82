using System.Numerics;
using Fovea.Imaging;
using Fovea.Numerics;
using Fovea.Visualization.Transforms;
using static TorchSharp.torch;

namespace Fovea.Visualization.Pullbacks;

/// <summary>
/// Colours, normalised as the network wants them and seen through one affine draw a picture, bilinearly, with zeros (the mean colour)
/// outside: what normalisation,
/// <c>affine_grid</c> and <c>grid_sample</c> compute, in one pass over the picture each way, on the CPU.
/// </summary>
/// <remarks>
/// A frame of zeros stands round each plane, and places further out are drawn to it, so that the inner loops ask nothing. Backwards every
/// place of the view gives its gradient to its four pixels; a plane is one worker's, so no two write to the same pixel.
/// </remarks>
internal sealed unsafe class AffinePullback : IPullback
{
    private readonly float[] _scale;
    private readonly double[] _maps;
    private readonly int _count, _height, _width;

    /// <summary>Views of <paramref name="colours"/>, which <see cref="PictureMemory"/> serves.</summary>
    /// <param name="colours">RGB in [0, 1], <c>[N, 3, H, W]</c>.</param>
    /// <param name="preprocessing">The network's mean and standard deviation.</param>
    /// <param name="draws">One a picture.</param>
    public AffinePullback(Tensor colours, Preprocessing preprocessing, IReadOnlyList<AffineDraw> draws)
    {
        FastPaths.Ran(FastPath.PictureViews);
        (_count, _height, _width) = ((int)colours.shape[0], (int)colours.shape[2], (int)colours.shape[3]);
        _scale = [.. preprocessing.Std.Select(std => (float)(1 / std))];
        _maps = AffineSampling.PixelMaps(draws, _height, _width);
        Value = empty_like(colours);
        float[] shift = [.. preprocessing.Mean.Zip(preprocessing.Std, (mean, std) => (float)(-mean / std))];
        float* from = PictureMemory.Pointer(colours), to = PictureMemory.Pointer(Value);
        Each((plane, channel, map, framed, places) =>
        {
            Frame(from + plane, framed, _scale[channel], shift[channel]);
            Sample(framed, to + plane, map, places);
        });
    }

    private delegate void PlaneKernel(long start, int channel, ReadOnlySpan<double> map, float* framed, Places places);

    /// <inheritdoc/>
    public Tensor Value { get; }

    /// <summary>Width of a framed row: one zero to the left, two to the right.</summary>
    private int Stride => _width + 3;

    /// <inheritdoc/>
    public Tensor Pull(Tensor gradient)
    {
        Tensor result = empty_like(Value);
        using var whole = gradient.contiguous();
        float* from = PictureMemory.Pointer(whole), to = PictureMemory.Pointer(result);
        Each((plane, channel, map, framed, places) =>
        {
            new Span<float>(framed, Stride * (_height + 3)).Clear();
            Scatter(from + plane, framed, map, places);
            Unframe(framed, to + plane, _scale[channel]);
        });
        return result;
    }

    private void Each(PlaneKernel kernel)
    {
        int workers = Workers.Count, framedLength = Stride * (_height + 3);
        using var framed = new NativeBuffer<float>((long)workers * framedLength);
        var places = Enumerable.Range(0, workers).Select(_ => new Places(_width)).ToArray();
        Workers.For(3 * _count, (item, worker) =>
        {
            int picture = item / 3;
            kernel((long)item * _height * _width, item % 3, _maps.AsSpan(6 * picture, 6), framed.Pointer + (long)worker * framedLength,
                places[worker]);
        });
    }

    private void Frame(float* plane, float* framed, float scale, float shift)
    {
        new Span<float>(framed, Stride * (_height + 3)).Clear();
        for (int y = 0; y < _height; y++)
        {
            float* from = plane + (long)y * _width, to = framed + (long)(y + 1) * Stride + 1;
            int x = 0;
            for (; x <= _width - Vector<float>.Count; x += Vector<float>.Count)
                (Vector.Load(from + x) * scale + new Vector<float>(shift)).Store(to + x);
            for (; x < _width; x++) to[x] = from[x] * scale + shift;
        }
    }

    private void Unframe(float* framed, float* plane, float scale)
    {
        for (int y = 0; y < _height; y++)
        {
            float* from = framed + (long)(y + 1) * Stride + 1, to = plane + (long)y * _width;
            int x = 0;
            for (; x <= _width - Vector<float>.Count; x += Vector<float>.Count) (Vector.Load(from + x) * scale).Store(to + x);
            for (; x < _width; x++) to[x] = from[x] * scale;
        }
    }

    private void Sample(float* framed, float* view, ReadOnlySpan<double> map, Places places)
    {
        int stride = Stride;
        for (int y = 0; y < _height; y++)
        {
            places.Of(map, y, _width, _height, stride);
            float* to = view + (long)y * _width;
            for (int x = 0; x < _width; x++)
            {
                float* p = framed + places.Offset[x];
                float across = places.Across[x], down = places.Down[x];
                float upper = p[0] + across * (p[1] - p[0]), lower = p[stride] + across * (p[stride + 1] - p[stride]);
                to[x] = upper + down * (lower - upper);
            }
        }
    }

    private void Scatter(float* gradient, float* framed, ReadOnlySpan<double> map, Places places)
    {
        int stride = Stride;
        for (int y = 0; y < _height; y++)
        {
            places.Of(map, y, _width, _height, stride);
            float* from = gradient + (long)y * _width;
            for (int x = 0; x < _width; x++)
            {
                float* p = framed + places.Offset[x];
                float across = places.Across[x], lower = from[x] * places.Down[x], upper = from[x] - lower;
                float right = upper * across, lowerRight = lower * across;
                p[0] += upper - right;
                p[1] += right;
                p[stride] += lower - lowerRight;
                p[stride + 1] += lowerRight;
            }
        }
    }

    /// <summary>
    /// Where the places of one row of the view lie in a framed plane: the upper left of four pixels, and how far on from it.
    /// </summary>
    private sealed class Places(int width)
    {
        public readonly int[] Offset = new int[width];
        public readonly float[] Across = new float[width], Down = new float[width];

        public void Of(ReadOnlySpan<double> map, int y, int columns, int rows, int stride)
        {
            double left = map[1] * y + map[2], top = map[4] * y + map[5], stepX = map[0], stepY = map[3];
            for (int x = 0; x < columns; x++)
            {
                // At −1 and at the far side the frame's zeros are all there is; further out too.
                float column = Math.Clamp((float)(stepX * x + left), -1, columns), row = Math.Clamp((float)(stepY * x + top), -1, rows);
                int firstColumn = (int)(column + 1) - 1, firstRow = (int)(row + 1) - 1;
                Offset[x] = (firstRow + 1) * stride + firstColumn + 1;
                Across[x] = column - firstColumn;
                Down[x] = row - firstRow;
            }
        }
    }
}
