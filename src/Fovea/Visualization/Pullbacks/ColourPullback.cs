using System.Numerics;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Pullbacks;

/// <summary>
/// Free numbers to colours, rgb = σ(A·t) at every pixel, and back, ∂L/∂t = Aᵀ(∂L/∂rgb ∘ rgb ∘ (1 − rgb)): one pass over the picture each
/// way, on the CPU.
/// </summary>
internal sealed unsafe class ColourPullback : IPullback
{
    private readonly float[] _matrix;

    /// <summary>The colours of <paramref name="free"/>, which <see cref="PictureMemory"/> serves.</summary>
    /// <param name="free">t, <c>[N, 3, H, W]</c>.</param>
    /// <param name="matrix">A, <c>[3, 3]</c>.</param>
    public ColourPullback(Tensor free, double[,] matrix)
    {
        FastPaths.Ran(FastPath.PictureColours);
        _matrix = [.. matrix.Cast<double>().Select(entry => (float)entry)];
        Value = empty_like(free, requires_grad: false);
        Run(free, Value, null, Forward);
    }

    private delegate void Kernel(float* from, float* to, float* colours, int plane, int length, float[] matrix);

    /// <inheritdoc/>
    public Tensor Value { get; }

    /// <inheritdoc/>
    public Tensor Pull(Tensor gradient)
    {
        Tensor result = empty_like(Value);
        using Tensor whole = gradient.contiguous();
        Run(whole, result, Value, Backward);
        return result;
    }

    private void Run(Tensor from, Tensor to, Tensor? colours, Kernel kernel)
    {
        int count = (int)to.shape[0], plane = (int)(to.shape[2] * to.shape[3]);
        float* source = PictureMemory.Pointer(from), target = PictureMemory.Pointer(to), rgb = colours is null
            ? null : PictureMemory.Pointer(colours);
        Workers.For(PictureMemory.Bands(count, plane), (band, _) =>
        {
            var (picture, start, length) = PictureMemory.At(band, plane);
            long at = 3L * picture * plane + start;
            kernel(source + at, target + at, rgb is null ? null : rgb + at, plane, length, _matrix);
        });
    }

    private static void Forward(float* from, float* to, float* colours, int plane, int length, float[] matrix)
    {
        for (int row = 0; row < 3; row++)
        {
            float a = matrix[3 * row], b = matrix[3 * row + 1], c = matrix[3 * row + 2];
            float* result = to + (long)row * plane;
            int i = 0;
            for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var mixed = Vector.Load(from + i) * a + Vector.Load(from + plane + i) * b + Vector.Load(from + 2L * plane + i) * c;
                (Vector<float>.One / (Vector<float>.One + Vector.Exp(-mixed))).Store(result + i);
            }
            for (; i < length; i++) result[i] = 1 / (1 + MathF.Exp(-(from[i] * a + from[plane + i] * b + from[2L * plane + i] * c)));
        }
    }

    private static void Backward(float* from, float* to, float* colours, int plane, int length, float[] matrix)
    {
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> r = Slope(i), g = Slope(plane + i), b = Slope(2L * plane + i);
            for (int column = 0; column < 3; column++)
                (r * matrix[column] + g * matrix[3 + column] + b * matrix[6 + column]).Store(to + (long)column * plane + i);
        }
        for (; i < length; i++)
        {
            float r = OneSlope(i), g = OneSlope(plane + i), b = OneSlope(2L * plane + i);
            for (int column = 0; column < 3; column++)
                to[(long)column * plane + i] = r * matrix[column] + g * matrix[3 + column] + b * matrix[6 + column];
        }
        Vector<float> Slope(long at)
        {
            var value = Vector.Load(colours + at);
            return Vector.Load(from + at) * value * (Vector<float>.One - value);
        }
        float OneSlope(long at) => from[at] * colours[at] * (1 - colours[at]);
    }
}
