using Fovea.Dictionaries;
using Fovea.Dictionaries.Comparison;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

[Collection(TensorCounts.Name)]
public sealed class ShrinkageTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    [InlineData(2)]
    public void Scaled_reconstructions_have_their_scale(double scale)
    {
        using var scope = NewDisposeScope();
        var shrinkage = new Shrinkage();
        foreach (int item in (int[])[0, 1, 2])
        {
            var x = Samples.Vectors(7 + item, 5, ScalarType.Float64, item) + 1;
            shrinkage.Add(x, x * scale);
        }
        var scores = shrinkage.Scores();
        Assert.Equal(scale, scores.L2Ratio, 12);
        Assert.Equal(scale, scores.LengthRatio, 12);
        Assert.Equal(scale, scores.RelativeReconstructionBias, 12);
    }

    [Fact]
    public void The_three_differ_where_long_and_short_vectors_do()
    {
        using var scope = NewDisposeScope();
        var shrinkage = new Shrinkage();
        shrinkage.Add(tensor(new float[,] { { 3, 4 }, { 1, 0 } }), tensor(new float[,] { { 3, 4 }, { 0, 0 } }));
        var scores = shrinkage.Scores();
        Assert.Equal(0.5, scores.L2Ratio, 12);
        Assert.Equal(5.0 / 6, scores.LengthRatio, 12);
        Assert.Equal(1, scores.RelativeReconstructionBias, 12);
    }

    [Fact]
    public void The_bias_is_the_scale_that_fits_best()
    {
        using var scope = NewDisposeScope();
        Tensor x = Samples.Vectors(50, 6, ScalarType.Float64), output = x * 0.7 + 0.2 * Samples.Vectors(50, 6, ScalarType.Float64, 1);
        var shrinkage = new Shrinkage();
        shrinkage.Add(x, output);
        double gamma = shrinkage.Scores().RelativeReconstructionBias;
        double Error(double scale) => (output / scale - x).square().sum().item<double>();
        Assert.True(Error(gamma) < Error(gamma * 1.001) && Error(gamma) < Error(gamma * 0.999));
    }

    [Fact]
    public void Zeros_and_nothing_have_their_answers()
    {
        using var scope = NewDisposeScope();
        var shrinkage = new Shrinkage();
        Assert.Throws<FoveaException>(() => shrinkage.Scores());
        shrinkage.Add(zeros(2, 3), zeros(2, 3));
        Assert.Equal(0, shrinkage.Scores().L2Ratio);
        Assert.Equal(double.NaN, shrinkage.Scores().RelativeReconstructionBias);
        Assert.Throws<ArgumentException>(() => shrinkage.Add(zeros(2, 3), zeros(3, 3)));
    }

    [Fact]
    public void An_autoencoder_is_measured_like_the_others_and_nothing_is_left()
    {
        var source = BaselineSamples.Oblique(90, 6);
        using var autoencoder = Samples.Create("topk", 6, 20, ScalarType.Float32);
        IFeatureDictionary dictionary = autoencoder;
        Assert.Equal("topk", dictionary.Name);
        Assert.Same(autoencoder.DecoderWeight, dictionary.Directions);
        long before = TensorCounts.Settled();
        var scores = DictionaryEvaluation.Measure(dictionary, source, BaselineSamples.Rows(source), batchRows: 40);
        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal(90, scores.Scores.Vectors);
        Assert.InRange(scores.Scores.L0, 0, 5);
        Assert.InRange(scores.Coherence.Maximum, 0.1, 1);
    }
}
