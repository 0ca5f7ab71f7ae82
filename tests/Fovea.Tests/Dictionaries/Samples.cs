using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Small autoencoders with nothing special about their numbers, and vectors for them.</summary>
internal static class Samples
{
    public static TheoryData<string> Variants => ["l1", "l1-untied", "l1-plain", "l1-plain-untied", "topk", "topk-twice", "batchtopk", "matryoshka", "jumprelu", "jumprelu-tanh", "jumprelu-target", "gated"];

    public static AutoencoderOptions Options(string variant, int latents) => new()
    {
        Architecture = variant.Split('-')[0],
        LatentSize = latents,
        Tied = !variant.EndsWith("untied", StringComparison.Ordinal),
        Biases = !variant.Contains("plain", StringComparison.Ordinal),
        Sparsity = variant.Split('-')[0] switch { "topk" or "batchtopk" or "matryoshka" => 5, "jumprelu" => 0.7, _ => 0.4 },
        Bandwidth = 0.3,
        Penalty = variant switch { "jumprelu-tanh" => JumpReLUPenalty.Tanh, "jumprelu-target" => JumpReLUPenalty.Target, _ => JumpReLUPenalty.Step },
        TargetL0 = 3,
        SecondK = variant == "topk-twice" ? 9 : null,
        Seed = 5,
    };

    /// <summary>Random parameters everywhere, biases and thresholds included.</summary>
    public static SparseAutoencoder Create(string variant, int inputs, int latents, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var autoencoder = AutoencoderVariants.Create(Options(variant, latents), inputs, dtype);
        autoencoder.Initialize(3);
        foreach (var (name, parameter) in autoencoder.TrainableParameters)
        {
            var noise = Normal(parameter.shape, name, dtype) * 0.2;
            if (name == SparseAutoencoder.ThresholdName) parameter.copy_(noise.abs() + 0.2);
            else parameter.add_(noise);
        }
        return autoencoder;
    }

    public static Tensor Vectors(int rows, int inputs, ScalarType dtype, int item = 0) => Normal([rows, inputs], "vectors", dtype, item);

    public static Tensor Normal(long[] shape, string stage, ScalarType dtype, int item = 0)
    {
        var random = new CounterRandom(11, stage, item);
        var values = new double[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = random.NextGaussian();
        return tensor(values).view(shape).to_type(dtype);
    }
}

/// <summary>Vectors in memory.</summary>
internal sealed class ArrayVectors(float[] values, int dimension) : IVectorSource
{
    public int Dimension => dimension;

    public long Count => values.Length / dimension;

    public void Read(ReadOnlySpan<long> rows, Span<float> destination)
    {
        for (int i = 0; i < rows.Length; i++) values.AsSpan((int)rows[i] * dimension, dimension).CopyTo(destination[(i * dimension)..]);
    }
}
