using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation.Scores;

public sealed class UntrainedDictionaryTests
{
    [Theory]
    [InlineData(InputNormalization.None, false)]
    [InlineData(InputNormalization.LayerNorm, true)]
    public void It_normalises_as_the_trained_one_does_about_the_same_bias(InputNormalization normalization, bool ignoresScale)
    {
        using var scope = NewDisposeScope();
        using var trained = new TopKAutoencoder(6, 20, 3) { Layer = "layer", Normalization = normalization };
        trained.Initialize(1);
        using (no_grad())
            trained.Parameters[SparseAutoencoder.DecoderBiasName].copy_(Samples.Normal([6], "bias", ScalarType.Float32));
        using SparseAutoencoder untrained = UntrainedDictionary.Of(trained, 4.4, seed: 7);
        Assert.Equal(("layer", 6, 20, normalization), (untrained.Layer, untrained.InputSize, untrained.LatentSize, untrained.Normalization));
        Assert.True(untrained.Parameters[SparseAutoencoder.DecoderBiasName].equal(trained.Parameters[SparseAutoencoder.DecoderBiasName]).all().item<bool>());
        Tensor x = Samples.Normal([30, 6], "vectors", ScalarType.Float32);
        Tensor active = untrained.EncodeDense(x) > 0;
        Assert.True(active.sum(1, type: ScalarType.Int64).max().item<long>() == 4);
        Assert.False(active.equal(trained.EncodeDense(x) > 0).all().item<bool>());
        Assert.Equal(ignoresScale, active.equal(untrained.EncodeDense(5 * x) > 0).all().item<bool>());
    }

    [Theory]
    [InlineData(0.2, 1)]
    [InlineData(500, 20)]
    public void At_least_one_latent_and_at_most_all_are_active(double l0, int k)
    {
        using var trained = new TopKAutoencoder(6, 20, 3);
        trained.Initialize(1);
        using SparseAutoencoder untrained = UntrainedDictionary.Of(trained, l0, seed: 7);
        Assert.Equal(k, Assert.IsType<TopKAutoencoder>(untrained).K);
        Assert.Throws<ArgumentOutOfRangeException>(() => UntrainedDictionary.Of(trained, double.NaN, 7));
    }
}
