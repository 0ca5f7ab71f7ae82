using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Training;

/// <summary>
/// The update of <see cref="Adam"/> in one pass over parameter, gradient and moments: 16 bytes read and 12 written a parameter, where tensor
/// operations take a dozen passes. Every element is computed by itself with the same operations in vectors and in tails, so neither the
/// partition nor the number of threads changes a bit of the result.
/// </summary>
internal static unsafe class AdamKernel
{
    private const int ChunkLength = 1 << 15;

    /// <summary>One parameter's update; contiguous float32 tensors of one length in main memory.</summary>
    public readonly record struct Work(Tensor Parameter, Tensor Gradient, Tensor Mean, Tensor Square, float Rate, float Scale);

    public static void Run(IReadOnlyList<Work> work, AdamOptions options)
    {
        var constants = new Constants(
            (float)(1 - options.Beta1), (float)options.Beta2, (float)(1 - options.Beta2), (float)options.Epsilon, (float)options.WeightDecay);
        var chunks = new List<Chunk>();
        foreach (var item in work)
        {
            float* p = Pointer(item.Parameter, out int length), g = Pointer(item.Gradient, out _), m = Pointer(item.Mean, out _), v = Pointer(item.Square, out _);
            for (int start = 0; start < length; start += ChunkLength)
                chunks.Add(new Chunk(p + start, g + start, m + start, v + start, Math.Min(ChunkLength, length - start), item.Rate, item.Scale));
        }
        Parallel.For(0, chunks.Count, i => Update(chunks[i], constants));
        GC.KeepAlive(work);
    }

    private static float* Pointer(Tensor tensor, out int length)
    {
        // Native memory: it does not move, and the caller keeps the tensor alive.
        var span = MemoryMarshal.Cast<byte, float>(tensor.bytes);
        length = span.Length;
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span));
    }

    private static void Update(Chunk c, Constants k)
    {
        int i = 0;
        for (; i <= c.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> p = Vector.Load(c.Parameter + i), m = Vector.Load(c.Mean + i), v = Vector.Load(c.Square + i);
            Vector<float> g = Vector.Load(c.Gradient + i) + p * k.WeightDecay;
            m += (g - m) * k.OneMinusBeta1;
            v = v * k.Beta2 + g * g * k.OneMinusBeta2;
            p -= m / (Vector.SquareRoot(v) / new Vector<float>(c.Scale) + new Vector<float>(k.Epsilon)) * c.Rate;
            m.Store(c.Mean + i);
            v.Store(c.Square + i);
            p.Store(c.Parameter + i);
        }
        for (; i < c.Length; i++)
        {
            float p = c.Parameter[i], m = c.Mean[i], v = c.Square[i];
            float g = c.Gradient[i] + p * k.WeightDecay;
            m += (g - m) * k.OneMinusBeta1;
            v = v * k.Beta2 + g * g * k.OneMinusBeta2;
            p -= m / (MathF.Sqrt(v) / c.Scale + k.Epsilon) * c.Rate;
            (c.Mean[i], c.Square[i], c.Parameter[i]) = (m, v, p);
        }
    }

    private readonly record struct Constants(float OneMinusBeta1, float Beta2, float OneMinusBeta2, float Epsilon, float WeightDecay);

    private readonly struct Chunk(float* parameter, float* gradient, float* mean, float* square, int length, float rate, float scale)
    {
        public readonly float* Parameter = parameter, Gradient = gradient, Mean = mean, Square = square;
        public readonly int Length = length;
        public readonly float Rate = rate, Scale = scale;
    }
}
