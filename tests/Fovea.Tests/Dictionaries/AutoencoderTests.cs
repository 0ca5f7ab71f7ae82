using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class AutoencoderTests
{
    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Folded_and_unfolded_reconstruct_alike(string variant)
    {
        const double scale = 3.7;
        using var scope = NewDisposeScope();
        using var scaled = Samples.Create(variant, 6, 20, ScalarType.Float64);
        using var raw = Samples.Create(variant, 6, 20, ScalarType.Float64);
        raw.FoldScale(scale);
        var x = Samples.Vectors(50, 6, ScalarType.Float64) / scale;
        Close(scaled.EncodeDense(x * scale) / scale, raw.EncodeDense(x));
        Close(scaled.Reconstruct(x * scale) / scale, raw.Reconstruct(x));
        using var before = scaled.Loss(x * scale);
        using var after = raw.Loss(x);
        Close(before.Total / (scale * scale), after.Total);
        Close(before.Sparsity / (scale * scale), after.Sparsity);
    }

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Sparse_and_dense_codes_agree(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, 6, 20, ScalarType.Float32);
        var x = Samples.Vectors(50, 6, ScalarType.Float32);
        var dense = autoencoder.EncodeDense(x);
        using var codes = autoencoder.Encode(x);
        Assert.True(dense.Equals(codes.ToDense()));
        Assert.Equal(dense.ne(0).sum().item<long>(), codes.EntryCount);
        Assert.True(codes.Tensors.Values.ne(0).all().item<bool>());
        Assert.True(autoencoder.DecodeDense(dense).allclose(autoencoder.Decode(codes), 1e-5, 1e-5));
        Assert.True(dense.ge(0).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Maps_hold_the_same_as_vectors_along_any_axis(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, 6, 20, ScalarType.Float64);
        var nchw = Samples.Normal([2, 6, 3, 4], "map", ScalarType.Float64);
        var (codes, output) = (autoencoder.EncodeMap(nchw), autoencoder.Reconstruct(nchw));
        Assert.Equal([2, 20, 3, 4], codes.shape);
        Assert.Equal([2, 6, 3, 4], output.shape);
        var vector = nchw[1, TensorIndex.Colon, 2, 3].unsqueeze(0);
        Close(autoencoder.EncodeDense(vector)[0], codes[1, TensorIndex.Colon, 2, 3]);
        Close(autoencoder.DecodeDense(autoencoder.EncodeDense(vector))[0], output[1, TensorIndex.Colon, 2, 3]);
        Close(autoencoder.PreActivations(vector)[0], autoencoder.PreActivationMap(nchw)[1, TensorIndex.Colon, 2, 3]);
        autoencoder.Axis = 3;
        Close(codes.permute(0, 2, 3, 1), autoencoder.EncodeMap(nchw.permute(0, 2, 3, 1)));
    }

    [Fact]
    public void TopK_keeps_the_k_largest_and_nothing_that_is_not_positive()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Identity(new TopKAutoencoder(5, 5, 3, dtype: ScalarType.Float64));
        var codes = autoencoder.EncodeDense(tensor(new double[,] { { 3, -9, 1, 2, 4 }, { -1, 5, -2, 0, -3 } }));
        Assert.Equal([3, 0, 0, 2, 4, 0, 5, 0, 0, 0], codes.data<double>().ToArray());
        using var sparse = autoencoder.Encode(tensor(new double[,] { { 3, -9, 1, 2, 4 }, { -1, 5, -2, 0, -3 } }));
        Assert.Equal([0L, 3, 4], sparse.RowOffsets.ToArray());
        Assert.Equal([0, 3, 4, 1], sparse.Latents.ToArray());
        Assert.Equal([3.0, 2, 4, 5], sparse.Tensors.Values.data<double>().ToArray());
        Assert.Equal([3f, 2, 4, 5], sparse.Values.ToArray());
    }

    [Fact]
    public void L1_clips_at_inference_and_not_in_training()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Identity(new L1Autoencoder(4, 4, 0.5, 0.1, tied: false, dtype: ScalarType.Float64));
        var x = tensor(new double[,] { { 0.05, 0.1, -1, 2 } });
        Assert.Equal([0, 0.1, 0, 2], autoencoder.EncodeDense(x).data<double>().ToArray());
        using var loss = autoencoder.Loss(x);
        Assert.Equal([0.05, 0.1, 0, 2], loss.Codes.data<double>().ToArray());
        Assert.Equal(0.5 * 2.15, loss.Sparsity.item<double>(), 12);
        Assert.Equal(1, loss.Reconstruction.item<double>(), 12);
    }

    [Fact]
    public void JumpReLU_jumps_at_its_threshold()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Identity(new JumpReLUAutoencoder(4, 4, 2, dtype: ScalarType.Float64));
        autoencoder.Parameters["threshold"].fill_(1);
        var x = tensor(new double[,] { { 0.99, 1.01, -3, 7 }, { 0, 0.5, 0.2, 1.5 } });
        Assert.Equal([0, 1.01, 0, 7, 0, 0, 0, 1.5], autoencoder.EncodeDense(x).data<double>().ToArray());
        using var loss = autoencoder.Loss(x);
        Assert.Equal(2 * 3 / 2.0, loss.Sparsity.item<double>(), 12);
    }

    [Fact]
    public void Gates_decide_whether_and_magnitudes_how_much()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Identity(new GatedAutoencoder(4, 4, 0.5, ScalarType.Float64));
        autoencoder.Parameters["b_gate"].fill_(-1);
        autoencoder.Parameters["r_mag"].fill_(Math.Log(2));
        autoencoder.Parameters["b_mag"].fill_(-4);
        var x = tensor(new double[,] { { 0.9, 1.5, 3, -7 } });
        // Open where x > 1; there 2x − 4, or nothing.
        Assert.Equal([0, 0, 2, 0], autoencoder.EncodeDense(x).data<double>().ToArray());
        using var loss = autoencoder.Loss(x);
        Assert.Equal(0.5 * (0.5 + 2), loss.Sparsity.item<double>(), 12);
        Assert.Equal(0.9 * 0.9 + 1.5 * 1.5 + 1 + 49, loss.Reconstruction.item<double>(), 12);
        Assert.Equal(0.9 * 0.9 + 1 + 1 + 49, loss.Auxiliary.item<double>(), 12);
    }

    [Fact]
    public void The_reconstruction_loss_is_summed_over_components_and_averaged_over_the_batch()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = new TopKAutoencoder(3, 4, 1);
        using var loss = autoencoder.Loss(tensor(new float[,] { { 1, 2, 2 }, { 0, 0, 1 } }));
        Assert.Equal((9 + 1) / 2f, loss.Reconstruction.item<float>());
    }

    [Theory]
    [InlineData("l1-untied")]
    [InlineData("topk")]
    [InlineData("jumprelu")]
    [InlineData("gated")]
    public void Decoder_rows_stay_at_length_one_and_their_gradient_is_across_them(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, 6, 20, ScalarType.Float64);
        autoencoder.AfterStep();
        Close(ones(20, ScalarType.Float64), autoencoder.DecoderWeight.norm(1, false, 2));
        autoencoder.RequireGradients(true);
        using (var loss = autoencoder.Loss(Samples.Vectors(30, 6, ScalarType.Float64))) loss.Total.backward();
        autoencoder.BeforeStep();
        Close(zeros(20, ScalarType.Float64), (autoencoder.DecoderWeight.grad! * autoencoder.DecoderWeight).sum(1));
        Assert.True(autoencoder.DecoderWeight.grad!.abs().max().item<double>() > 0.01);
    }

    [Fact]
    public void Initialization_is_unit_rows_transposed_encoder_and_the_mean()
    {
        using var scope = NewDisposeScope();
        using var first = new TopKAutoencoder(6, 20, 3);
        using var second = new TopKAutoencoder(6, 20, 3);
        first.Initialize(7, [1, 2, 3, 4, 5, 6]);
        second.Initialize(7, [1, 2, 3, 4, 5, 6]);
        Close(ones(20), first.DecoderWeight.norm(1, false, 2));
        Assert.True(first.DecoderWeight.t().Equals(first.EncoderWeight));
        Assert.True(first.DecoderWeight.Equals(second.DecoderWeight));
        Assert.Equal([1f, 2, 3, 4, 5, 6], first.Parameters["b_dec"].data<float>().ToArray());
        second.Initialize(8);
        Assert.False(first.DecoderWeight.Equals(second.DecoderWeight));
    }

    [Fact]
    public void A_tied_encoder_is_always_the_decoders_transpose()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("l1", 6, 20, ScalarType.Float32);
        autoencoder.DecoderWeight.mul_(2);
        Assert.True(autoencoder.DecoderWeight.t().Equals(autoencoder.Parameters["W_enc"]));
        Assert.DoesNotContain("W_enc", autoencoder.TrainableParameters.Keys);
    }

    [Theory]
    [InlineData("topk", 0.0)]
    [InlineData("topk", 21.0)]
    [InlineData("topk", 2.5)]
    [InlineData("l1", -1.0)]
    [InlineData("jumprelu", double.NaN)]
    [InlineData("vanilla", 1.0)]
    public void Unusable_settings_are_configuration_errors(string variant, double sparsity)
    {
        var error = Assert.Throws<FoveaException>(() =>
        {
            var options = Sae.Of(variant, sparsity) with { LatentSize = 20 };
            options.Validate();
            AutoencoderVariants.Create(options, 6).Dispose();
        });
        Assert.Equal(FailureKind.Configuration, error.Kind);
    }

    private static SparseAutoencoder Identity(SparseAutoencoder autoencoder)
    {
        autoencoder.Parameters["W_enc"].copy_(eye(autoencoder.InputSize, dtype: ScalarType.Float64));
        autoencoder.Parameters["W_dec"].copy_(eye(autoencoder.InputSize, dtype: ScalarType.Float64));
        return autoencoder;
    }

    private static void Close(Tensor expected, Tensor actual) =>
        Assert.True(expected.allclose(actual, 1e-6, 1e-6),
            $"differs by up to {(expected - actual).abs().max().to_type(ScalarType.Float64).item<double>()}");
}
