using System.Numerics;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Pullbacks;

/// <summary>A symmetric separable filter over pictures, in place, the border's pixels repeated outwards; on the CPU.</summary>
internal static unsafe class BlurKernel
{
    /// <summary>Filters every plane.</summary>
    /// <param name="images"><c>[N, 3, H, W]</c>, which <see cref="PictureMemory"/> serves.</param>
    /// <param name="taps">The weights, an odd number of them.</param>
    public static void Run(Tensor images, float[] taps)
    {
        FastPaths.Ran(FastPath.PictureBlur);
        int height = (int)images.shape[2], width = (int)images.shape[3], planes = (int)(images.shape[0] * images.shape[1]), radius =
            taps.Length / 2;
        int padded = width + 2 * radius, workers = Workers.Count, scratch = height * width + padded;
        using var buffer = new NativeBuffer<float>((long)workers * scratch);
        float* pixels = PictureMemory.Pointer(images);
        Workers.For(planes, (plane, worker) =>
        {
            float* picture = pixels + (long)plane * height * width, rows = buffer.Pointer + (long)worker * scratch, line = rows
                + height * width;
            for (int y = 0; y < height; y++)
            {
                float* row = picture + (long)y * width;
                new Span<float>(line, radius).Fill(row[0]);
                new Span<float>(row, width).CopyTo(new Span<float>(line + radius, width));
                new Span<float>(line + radius + width, radius).Fill(row[width - 1]);
                Sum(rows + (long)y * width, width, taps, tap => line + tap);
            }
            for (int y = 0; y < height; y++)
                Sum(picture + (long)y * width, width, taps, tap => rows + (long)Math.Clamp(y + tap - radius, 0, height - 1) * width);
        });
    }

    private delegate float* Line(int tap);

    /// <summary><c>to = Σ taps[j] · line(j)</c>, the two of the same weight added first.</summary>
    private static void Sum(float* to, int length, float[] taps, Line line)
    {
        int radius = taps.Length / 2;
        float* centre = line(radius);
        float middle = taps[radius];
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(centre + i) * middle).Store(to + i);
        for (; i < length; i++) to[i] = centre[i] * middle;
        for (int j = 1; j <= radius; j++)
        {
            float* before = line(radius - j), after = line(radius + j);
            float tap = taps[radius + j];
            int x = 0;
            for (; x <= length - Vector<float>.Count; x += Vector<float>.Count)
                (Vector.Load(to + x) + (Vector.Load(before + x) + Vector.Load(after + x)) * tap).Store(to + x);
            for (; x < length; x++) to[x] += (before[x] + after[x]) * tap;
        }
    }
}
