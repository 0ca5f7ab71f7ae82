using Fovea.Dictionaries.Sparse;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Matching pursuit against loops over its definition, and what it can that one product cannot.</summary>
public sealed class MatchingPursuitTests
{
    [Theory]
    [InlineData(1, 0.0, false)]
    [InlineData(4, 0.0, false)]
    [InlineData(30, 0.0, false)]
    [InlineData(30, 0.6, false)]
    [InlineData(30, 0.0, true)]
    [InlineData(5, 0.4, true)]
    public void Codes_are_those_of_the_definition(int k, double tolerance, bool stopAtRepeat)
    {
        using var scope = NewDisposeScope();
        using var pursuit = new MatchingPursuitAutoencoder(8, 30, k, tolerance, stopAtRepeat, ScalarType.Float64);
        pursuit.Initialize(3, [.. Enumerable.Range(0, 8).Select(i => 0.1 * i)]);
        var x = Samples.Vectors(50, 8, ScalarType.Float64);
        double[] vectors = [.. x.data<double>()], codes = [.. pursuit.EncodeDense(x).data<double>()];
        var lengths = new HashSet<int>();
        for (int row = 0; row < 50; row++)
        {
            double[] expected = PursuitSlow.Codes(pursuit, vectors[(row * 8)..((row + 1) * 8)]);
            lengths.Add(expected.Count(code => code > 0));
            for (int i = 0; i < 30; i++) Assert.Equal(expected[i], codes[row * 30 + i], 1e-12);
        }
        if (tolerance > 0 || stopAtRepeat) Assert.True(lengths.Count > 1, "all vectors ended alike");
        using var sparse = pursuit.Encode(x);
        Assert.True(sparse.ToDense().allclose(pursuit.EncodeDense(x)));
    }

    [Fact]
    public void What_is_left_is_what_the_loss_is_made_of()
    {
        using var scope = NewDisposeScope();
        using var pursuit = new MatchingPursuitAutoencoder(8, 30, 6, dtype: ScalarType.Float64);
        pursuit.Initialize(3);
        var x = Samples.Vectors(20, 8, ScalarType.Float64);
        double[] vectors = [.. x.data<double>()];
        double squares = 0;
        for (int row = 0; row < 20; row++)
        {
            double[] left = vectors[(row * 8)..((row + 1) * 8)];
            PursuitSlow.Codes(PursuitSlow.Directions(pursuit), left, 6, 0, false);
            squares += left.Sum(value => value * value);
        }
        using var loss = pursuit.Loss(x);
        Assert.Equal(squares / 20, loss.Reconstruction.item<double>(), 1e-12);
    }

    [Fact]
    public void A_feature_and_one_close_to_it_are_told_apart_where_one_product_cannot()
    {
        // x = d₁ + d₂ with d₂ near d₁, and d₃ orthogonal to none: the products with x alone rank d₃ before what is really there.
        using var scope = NewDisposeScope();
        using var pursuit = new MatchingPursuitAutoencoder(3, 3, 2, dtype: ScalarType.Float64);
        using var topK = new TopKAutoencoder(3, 3, 2, dtype: ScalarType.Float64);
        var directions = tensor(new double[,] { { 1, 0, 0 }, { 0.95, Math.Sqrt(1 - 0.9025), 0 }, { 0, 0, 1 } });
        using (no_grad())
        {
            pursuit.Parameters["W_dec"].copy_(directions);
            topK.Parameters["W_dec"].copy_(directions);
            topK.Parameters["W_enc"].copy_(directions.t());
        }
        var x = tensor(new double[,] { { 1, 0, 0.5 } });
        Assert.Equal([1.0, 0, 0.5], pursuit.EncodeDense(x).data<double>().ToArray());
        double[] product = [.. topK.EncodeDense(x).data<double>()];
        Assert.Equal(0, product[2]);
        Assert.True(product[1] > 0.9);
    }

    [Fact]
    public void Dead_latents_are_chosen_by_what_is_left()
    {
        using var scope = NewDisposeScope();
        using var pursuit = new MatchingPursuitAutoencoder(8, 30, 2, dtype: ScalarType.Float64);
        pursuit.Initialize(3);
        var x = Samples.Vectors(20, 8, ScalarType.Float64);
        pursuit.AuxiliaryLoss = new AuxiliaryLoss(0.5, 3, 0);
        pursuit.DeadLatents = [3, 7, 11, 19];
        Tensor left;
        using (var plain = pursuit.Loss(x)) left = (x - plain.Output).detach();
        var scores = left.mm(pursuit.DecoderWeight.t());
        double sum = 0;
        for (int row = 0; row < 20; row++)
        {
            var rest = left[row].clone();
            foreach (int latent in pursuit.DeadLatents.OrderByDescending(i => scores[row, i].item<double>()).Take(3))
                rest = rest - pursuit.DecoderWeight[latent] * Math.Max(0, scores[row, latent].item<double>());
            sum += rest.square().sum().item<double>();
        }
        using var loss = pursuit.Loss(x);
        Assert.Equal(0.5 * sum / 20, loss.Auxiliary.item<double>(), 1e-10);
    }

    [Theory]
    [InlineData(0, 0.0)]
    [InlineData(31, 0.0)]
    [InlineData(4, -1.0)]
    [InlineData(4, double.NaN)]
    public void Values_that_cannot_be_used_are_refused(int k, double tolerance) =>
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => new MatchingPursuitAutoencoder(8, 30, k,
            tolerance)).Kind);
}
