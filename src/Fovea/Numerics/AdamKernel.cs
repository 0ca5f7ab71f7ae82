using System.Numerics;
using static TorchSharp.torch;

namespace Fovea.Numerics;

/// <summary>
/// The update of Adam (Kingma and Ba 2015) in one pass over parameter, gradient and moments: 16 bytes read and 12 written a parameter,
/// where tensor operations take a dozen passes. Every element is computed by itself with the same operations in vectors and in tails, so
/// neither the partition nor the number of threads changes a bit of the result.
/// </summary>
internal static unsafe class AdamKernel
{
    private const int ChunkLength = 1 << 15;

    /// <summary>One parameter's update; contiguous float32 tensors of one length in main memory.</summary>
    public readonly record struct Work(Tensor Parameter, Tensor Gradient, Tensor Mean, Tensor Square, float Rate, float Scale);

    public static void Run(IReadOnlyList<Work> work, AdamOptions options)
    {
        var chunks = new List<Chunk>();
        foreach (var item in work)
        {
            // Native memory: it does not move, and the caller keeps the tensors alive.
            float* p = TensorMemory.Floats(item.Parameter), g = TensorMemory.Floats(item.Gradient);
            float* m = TensorMemory.Floats(item.Mean), v = TensorMemory.Floats(item.Square);
            long length = item.Parameter.numel();
            for (long start = 0; start < length; start += ChunkLength)
                chunks.Add(new Chunk(
                    p + start, g + start, m + start, v + start, (int)Math.Min(ChunkLength, length - start),
                        Factors.Of(options, item.Rate, item.Scale)));
        }
        ParallelLoop.For(
            chunks.Count,
                i => Update(chunks[i].Parameter, chunks[i].Gradient, chunks[i].Mean, chunks[i].Square, chunks[i].Length,
                    chunks[i].Factors));
        GC.KeepAlive(work);
    }

    /// <summary>The update of <paramref name="length"/> elements; all pointers are to float32, the gradient is only read.</summary>
    public static void Update(float* parameter, float* gradient, float* mean, float* square, int length, in Factors k)
    {
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> p = Vector.Load(parameter + i), m = Vector.Load(mean + i), v = Vector.Load(square + i);
            Vector<float> g = Vector.Load(gradient + i) + p * k.WeightDecay;
            m += (g - m) * k.OneMinusBeta1;
            v = v * k.Beta2 + g * g * k.OneMinusBeta2;
            p -= m / (Vector.SquareRoot(v) / new Vector<float>(k.Scale) + new Vector<float>(k.Epsilon)) * k.Rate;
            m.Store(mean + i);
            v.Store(square + i);
            p.Store(parameter + i);
        }
        for (; i < length; i++)
        {
            float p = parameter[i], m = mean[i], v = square[i];
            float g = gradient[i] + p * k.WeightDecay;
            m += (g - m) * k.OneMinusBeta1;
            v = v * k.Beta2 + g * g * k.OneMinusBeta2;
            p -= m / (MathF.Sqrt(v) / k.Scale + k.Epsilon) * k.Rate;
            (mean[i], square[i], parameter[i]) = (m, v, p);
        }
    }

    /// <summary>What is the same for all elements of a parameter in one step: η/(1−β₁ᵗ) as Rate, √(1−β₂ᵗ) as Scale.</summary>
    public readonly record struct Factors(
        float OneMinusBeta1, float Beta2, float OneMinusBeta2, float Epsilon, float WeightDecay, float Rate, float Scale)
    {
        public static Factors Of(AdamOptions options, float rate, float scale) => new(
            (float)(1 - options.Beta1), (float)options.Beta2, (float)(1 - options.Beta2), (float)options.Epsilon,
                (float)options.WeightDecay, rate, scale);

        /// <summary>The factors of step <paramref name="step"/>, counted from 1.</summary>
        public static Factors At(AdamOptions options, double learningRate, long step) => Of(
            options, (float)(learningRate / (1 - Math.Pow(options.Beta1, step))), (float)Math.Sqrt(1 - Math.Pow(options.Beta2, step)));
    }

    private readonly struct Chunk(float* parameter, float* gradient, float* mean, float* square, int length, Factors factors)
    {
        public readonly float* Parameter = parameter, Gradient = gradient, Mean = mean, Square = square;
        public readonly int Length = length;
        public readonly Factors Factors = factors;
    }
}
