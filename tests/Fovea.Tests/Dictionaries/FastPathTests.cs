using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Synthetic;
using Fovea.Dictionaries.Training;
using Fovea.Numerics;
using Xunit;
using static Fovea.Tests.FastPathRuns;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// Every fast path of the dictionaries is taken where it can be: both ways give the same numbers, so only a counter tells them apart.
/// </summary>
public sealed class FastPathTests
{
    private const int Inputs = 19, Latents = 70;

    [Theory]
    [MemberData(nameof(Samples.OfEntries), MemberType = typeof(Samples))]
    public void Encode_goes_over_entries(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, Inputs, Latents, ScalarType.Float32);
        var x = Samples.Vectors(300, Inputs, ScalarType.Float32);
        Assert.Equal(1, TimesRun(FastPath.EncodeEntries, () => ((IFeatureDictionary)autoencoder).Encode(x).Dispose()));
        // In float64 there are no kernels; nor is it worth bringing the encoder into their form for a few vectors.
        using var wide = Samples.Create(variant, Inputs, Latents, ScalarType.Float64);
        Assert.Equal(0, TimesRun(FastPath.EncodeEntries, () => wide.Encode(x.to_type(ScalarType.Float64)).Dispose()));
        Assert.Equal(0, TimesRun(FastPath.EncodeEntries, () => autoencoder.Encode(x.narrow(0, 0, 3)).Dispose()));
    }

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Decode_goes_over_entries_and_gives_what_tensors_give(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, Inputs, Latents, ScalarType.Float32);
        var x = Samples.Vectors(300, Inputs, ScalarType.Float32);
        using var codes = autoencoder.Encode(x);
        Tensor? decoded = null;
        Assert.Equal(1, TimesRun(FastPath.DecodeEntries, () => decoded = autoencoder.Decode(codes)));
        Assert.True(decoded!.allclose(autoencoder.DecodeDense(codes.ToDense()), 1e-5, 1e-5));
    }

    [Theory]
    [MemberData(nameof(Samples.OfKernels), MemberType = typeof(Samples))]
    public void Training_and_evaluation_go_over_entries(string variant)
    {
        var vectors = new PlantedDictionary(
            new PlantedDictionaryOptions { InputSize = 8, LatentSize = 12, Active = 2, Rows = 300, Seed = 9 });
        long[] rows = [.. Enumerable.Range(0, 300).Select(row => (long)row)];
        var options = AutoencoderTrainerTests.Small(variant) with { Epochs = 2, BatchSize = 50 };
        long evaluations = 0;
        Assert.Equal(10, TimesRun(FastPath.TrainEntries, () => evaluations = TimesRun(FastPath.EvaluateEntries, () =>
            AutoencoderTrainer.Train(options, vectors, rows[..250], rows[250..], null, null, TestContext.Current.CancellationToken)
                .Dispose())));
        Assert.InRange(evaluations, 4, 30);
    }

    [Fact]
    public void Without_kernels_training_goes_over_entries_by_tensors_where_the_variant_can()
    {
        foreach ((string variant, int expected) in ((string, int)[])[("topk", 1), ("l1", 1), ("gated", 0), ("archetypal", 1),
            ("matchingpursuit", 0)])
        {
            using var autoencoder = Samples.Create(variant, Inputs, Latents, ScalarType.Float32);
            using IAutoencoderStep step = TrainingSession.Stepper(autoencoder, withoutKernels: true);
            float[] vectors;
            using (NewDisposeScope()) vectors = [.. Samples.Vectors(20, Inputs, ScalarType.Float32).data<float>()];
            Assert.Equal(
                expected, TimesRun(FastPath.TrainTensors, () => step.Train(vectors, 1, 1, 1e-3, new AutoencoderMetrics(Inputs, Latents))));
        }
    }

    [Fact]
    public void Selection_of_the_k_largest_looks_at_stripes()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("topk", Inputs, Latents, ScalarType.Float32);
        using var stream = new CodeStream(autoencoder);
        float[] vectors = [.. Samples.Vectors(7, Inputs, ScalarType.Float32).data<float>()];
        Assert.Equal(1, TimesRun(FastPath.StripedSelection, () => stream.Encode(vectors)));
        bool wide = System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated;
        Assert.Equal(1, TimesRun(wide ? FastPath.WideProduct : FastPath.NarrowProduct, () => stream.Encode(vectors)));
    }
}
