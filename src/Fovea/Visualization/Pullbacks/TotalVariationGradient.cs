using System.Numerics;
using Fovea.Numerics;
using Fovea.Visualization.Regularizers;
using static TorchSharp.torch;

namespace Fovea.Visualization.Pullbacks;

/// <summary>
/// The gradient of <see cref="TotalVariation"/>, written out: at each pixel the signs of its differences from its four neighbours; on the
/// CPU.
/// </summary>
internal static unsafe class TotalVariationGradient
{
    /// <summary><c>gradient += weight · ∂TV/∂images</c>; <see cref="PictureMemory"/> serves both.</summary>
    public static void Add(Tensor images, Tensor gradient, double weight)
    {
        FastPaths.Ran(FastPath.PictureVariation);
        int height = (int)images.shape[2], width = (int)images.shape[3], planes = (int)(images.shape[0] * images.shape[1]);
        float* source = PictureMemory.Pointer(images), target = PictureMemory.Pointer(gradient);
        Workers.For(planes, (plane, _) =>
        {
            float* from = source + (long)plane * height * width, to = target + (long)plane * height * width;
            for (int y = 0; y < height; y++)
            {
                float* row = from + (long)y * width;
                // Where there is no row above or below, the row itself stands in: a difference of zero.
                Row(row, y > 0 ? row - width : row, y < height - 1 ? row + width : row, to + (long)y * width, width, (float)weight);
            }
        });
    }

    private static void Row(float* row, float* above, float* below, float* to, int width, float weight)
    {
        One(0);
        int x = 1;
        for (; x <= width - 1 - Vector<float>.Count; x += Vector<float>.Count)
        {
            var value = Vector.Load(row + x);
            var sum = Signs(value - Vector.Load(row + x - 1)) + Signs(value - Vector.Load(row + x + 1))
                + Signs(value - Vector.Load(above + x)) + Signs(value - Vector.Load(below + x));
            (Vector.Load(to + x) + sum * weight).Store(to + x);
        }
        for (; x < width; x++) One(x);

        void One(int at)
        {
            float value = row[at];
            int sum = Math.Sign(value - above[at]) + Math.Sign(value - below[at]);
            if (at > 0) sum += Math.Sign(value - row[at - 1]);
            if (at < width - 1) sum += Math.Sign(value - row[at + 1]);
            to[at] += sum * weight;
        }
    }

    private static Vector<float> Signs(Vector<float> values) =>
        Vector.ConditionalSelect(
            Vector.GreaterThan(values, default), Vector<float>.One,
                Vector.ConditionalSelect(Vector.LessThan(values, default), -Vector<float>.One, default));
}
