using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Small autoencoders with nothing special about their numbers, and vectors for them.</summary>
internal static class Samples
{
    public static TheoryData<string> Variants =>
        ["l1", "l1-untied", "l1-plain", "l1-plain-untied", "topk", "topk-twice", "batchtopk", "matryoshka", "jumprelu", "jumprelu-tanh",
            "jumprelu-target", "gated", "matchingpursuit", "matchingpursuit-tolerance", "archetypal"];

    /// <summary>Those that kernels train: codes follow from one product, and the decoder is trained itself.</summary>
    public static TheoryData<string> OfKernels =>
        [.. Variants.Select(row => row.Data).Where(name => !name.StartsWith("matching", StringComparison.Ordinal) && name != "archetypal")];

    /// <summary>Those that kernels encode.</summary>
    public static TheoryData<string> OfEntries => [.. OfKernels.Select(row => row.Data), "archetypal"];

    /// <summary>Those whose codes SAELens has, with all that Fovea keeps of them.</summary>
    public static TheoryData<string> Exportable =>
        [.. Variants.Select(row => row.Data).Where(name => name is not ("matchingpursuit" or "matchingpursuit-tolerance" or "archetypal")),
            "matchingpursuit-repeat"];

    public static AutoencoderOptions Options(string variant, int latents) =>
        new() { Variant = Variant(variant, latents), LatentSize = latents, Seed = 5 };

    /// <summary>The same with another bandwidth where there is one.</summary>
    public static AutoencoderOptions WithBandwidth(this AutoencoderOptions options, double bandwidth) =>
        options.Variant is JumpReLUOptions own ? options with { Variant = own with { Bandwidth = bandwidth } } : options;

    private static VariantOptions Variant(string variant, int latents) => variant.Split('-')[0] switch
    {
        "l1" => new L1Options
        {
            Sparsity = 0.4,
            Tied = !variant.EndsWith("untied", StringComparison.Ordinal),
            Biases = !variant.Contains("plain", StringComparison.Ordinal),
        },
        "topk" => new TopKOptions { Sparsity = 5, SecondK = variant == "topk-twice" ? 9 : null },
        "jumprelu" => new JumpReLUOptions
        {
            Sparsity = 0.7,
            Bandwidth = 0.3,
            Penalty = variant switch
            {
                "jumprelu-tanh" => JumpReLUPenalty.Tanh,
                "jumprelu-target" => JumpReLUPenalty.Target,
                _ => JumpReLUPenalty.Step
            },
            TargetL0 = 3,
        },
        "batchtopk" => new BatchTopKOptions { Sparsity = 5 },
        "matryoshka" => new MatryoshkaOptions { Sparsity = 5 },
        "matchingpursuit" when variant == "matchingpursuit-repeat" =>
            new MatchingPursuitOptions { Sparsity = latents, Tolerance = 1.2, StopAtRepeat = true },
        "matchingpursuit" => new MatchingPursuitOptions { Sparsity = 4, Tolerance = variant == "matchingpursuit" ? 0 : 1.2 },
        "archetypal" => new ArchetypalOptions { Sparsity = 5, Relaxation = 0.5 },
        _ => new GatedOptions { Sparsity = 0.4 },
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
        // Directions follow from what was made noisy; mixtures stay mixtures.
        if (!autoencoder.DecoderIsFree) autoencoder.AfterStep();
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
