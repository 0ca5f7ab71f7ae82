using Fovea.Dictionaries.Sparse;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Every parameter's gradient against central differences of the loss in float64, away from kinks.</summary>
public sealed class GradientTests
{
    private const int Inputs = 7, Latents = 19, Rows = 12;
    private const double Distance = 1e-6;

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Gradients_equal_finite_differences(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, Inputs, Latents, ScalarType.Float64);
        var x = VectorsAwayFromKinks(autoencoder);
        autoencoder.RequireGradients(true);
        using (var loss = autoencoder.Loss(x, 0.6)) loss.Total.backward();
        autoencoder.RequireGradients(false);
        var auxiliary = AuxiliaryTerm(autoencoder, x);
        foreach (var (name, parameter) in autoencoder.TrainableParameters)
        {
            // The true loss is flat in θ; its surrogate gradient has tests of its own.
            if (name == SparseAutoencoder.ThresholdName) continue;
            var expected = Differences(parameter, () =>
            {
                using var loss = autoencoder.Loss(x, 0.6);
                return loss.Reconstruction.item<double>() + loss.Sparsity.item<double>() + auxiliary(loss);
            });
            AssertClose(expected, parameter.grad!, name);
        }
    }

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Each_loss_term_has_its_own_right_gradient(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, Inputs, Latents, ScalarType.Float64);
        var x = VectorsAwayFromKinks(autoencoder);
        var auxiliary = AuxiliaryTerm(autoencoder, x);
        foreach (var (term, value) in ((Func<AutoencoderLoss, Tensor>, Func<AutoencoderLoss, double>)[])[
            (loss => loss.Reconstruction, loss => loss.Reconstruction.item<double>()),
            (loss => loss.Sparsity, loss => loss.Sparsity.item<double>()),
            (loss => loss.Auxiliary, auxiliary)])
        {
            autoencoder.RequireGradients(true);
            foreach (var parameter in autoencoder.TrainableParameters.Values) parameter.grad = null;
            using (var loss = autoencoder.Loss(x))
            {
                // Most variants lack a term or two, and a constant has no gradient.
                if (term(loss).requires_grad) term(loss).backward();
            }
            autoencoder.RequireGradients(false);
            foreach (var (name, parameter) in autoencoder.TrainableParameters.Where(
                pair => pair.Value.grad is not null && pair.Key != "threshold"))
            {
                var expected = Differences(parameter, () => { using var loss = autoencoder.Loss(x); return value(loss); });
                // A gate's bias opens and closes gates and does nothing else: its two ways to the codes cancel.
                if (name == GatedAutoencoder.GateBiasName && expected.All(slope => Math.Abs(slope) < 1e-7))
                    Assert.True(parameter.grad!.abs().max().item<double>() < 1e-12);
                else AssertClose(expected, parameter.grad!, name);
            }
        }
    }

    [Fact]
    public void The_second_reconstruction_of_Gated_trains_the_encoder_and_no_decoder()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("gated", Inputs, Latents, ScalarType.Float64);
        var x = VectorsAwayFromKinks(autoencoder);
        autoencoder.RequireGradients(true);
        using var loss = autoencoder.Loss(x);
        loss.Auxiliary.backward();
        autoencoder.RequireGradients(false);
        Assert.Null(autoencoder.Parameters["W_dec"].grad);
        Assert.Null(autoencoder.Parameters["b_mag"].grad);
        // b_dec is in it by the encoder alone: −Σ ∂L/∂z W_encᵀ, with ∂L/∂z summed in b_gate's gradient.
        var through = autoencoder.Parameters["W_enc"].matmul(autoencoder.Parameters["b_gate"].grad!);
        Assert.True(through.abs().max().item<double>() > 0.01);
        Assert.True(through.allclose(-autoencoder.Parameters["b_dec"].grad!, 1e-9, 1e-12));
    }

    [Theory]
    [InlineData("topk")]
    [InlineData("topk-twice")]
    [InlineData("jumprelu")]
    [InlineData("l1-untied")]
    [InlineData("gated")]
    public void AuxK_gives_dead_latents_the_gradient_of_a_constant_residual(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, Inputs, Latents, ScalarType.Float64);
        var x = VectorsAwayFromKinks(autoencoder);
        using (no_grad()) autoencoder.EncoderBias.narrow(0, 12, 7).fill_(-0.3);
        var auxiliary = AuxiliaryTerm(autoencoder, x);
        autoencoder.AuxiliaryLoss = new AuxiliaryLoss(0.5, 3, 0);
        autoencoder.DeadLatents = [12, 13, 14, 15, 16, 17, 18];
        Tensor residual;
        using (no_grad())
        using (var loss = autoencoder.Loss(x)) residual = x - loss.Output;

        // The definition, slowly: e held constant, no decoder bias, the 3 largest positive dead pre-activations of each row.
        double Slow()
        {
            using var inner = NewDisposeScope();
            using var frozen = no_grad();
            var z = autoencoder.PreActivations(x);
            double sum = 0;
            for (int row = 0; row < Rows; row++)
            {
                var left = residual[row].clone();
                foreach (int latent in autoencoder.DeadLatents.OrderByDescending(i => z[row, i].item<double>()).Take(3))
                    left = left - autoencoder.DecoderWeight[latent] * Math.Max(0, z[row, latent].item<double>());
                sum += left.square().sum().item<double>();
            }
            return 0.5 * sum / Rows;
        }

        using (var with = autoencoder.Loss(x))
        {
            var dead = autoencoder.DeadLatents;
            autoencoder.DeadLatents = [];
            using var without = autoencoder.Loss(x);
            autoencoder.DeadLatents = dead;
            Assert.Equal(Slow(), (with.Auxiliary - without.Auxiliary).item<double>(), 1e-10);
        }
        autoencoder.RequireGradients(true);
        foreach (var parameter in autoencoder.TrainableParameters.Values) parameter.grad = null;
        using (var loss = autoencoder.Loss(x)) loss.Auxiliary.backward();
        autoencoder.RequireGradients(false);
        foreach (string name in (string[])[SparseAutoencoder.DecoderWeightName, SparseAutoencoder.EncoderWeightName,
            autoencoder.EncoderBiasParameter, SparseAutoencoder.DecoderBiasName])
        {
            var parameter = autoencoder.Parameters[name];
            // Multi-TopK and Gated have an auxiliary term of their own beside it.
            double Whole()
            {
                using var inner = NewDisposeScope();
                autoencoder.DeadLatents = [];
                using var loss = autoencoder.Loss(x);
                autoencoder.DeadLatents = [12, 13, 14, 15, 16, 17, 18];
                return auxiliary(loss) + Slow();
            }

            AssertClose(Differences(parameter, Whole), parameter.grad!, name);
        }
        var encoder = autoencoder.Parameters[SparseAutoencoder.EncoderWeightName].grad!.narrow(1, 12, 7);
        Assert.True(encoder.abs().max().item<double>() > 0, "AuxK does not reach the encoder");
    }

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Gradients_reach_the_vectors(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, Inputs, Latents, ScalarType.Float64);
        var x = VectorsAwayFromKinks(autoencoder).requires_grad_(true);
        autoencoder.DecodeDense(autoencoder.EncodeDense(x)).square().sum().backward();
        var gradient = x.grad!;
        x = x.detach();
        AssertClose(Differences(
            x, () =>
            {
                using var inner = NewDisposeScope(); return autoencoder.DecodeDense(autoencoder.EncodeDense(x)).square().sum()
                .item<double>();
            }), gradient, "x");
    }

    [Fact]
    public void The_L0_penalty_of_JumpReLU_gives_no_gradient_to_the_encoder()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("jumprelu", Inputs, Latents, ScalarType.Float64);
        autoencoder.RequireGradients(true);
        var x = Samples.Vectors(Rows, Inputs, ScalarType.Float64);
        using var loss = autoencoder.Loss(x);
        loss.Sparsity.backward();
        Assert.Null(autoencoder.Parameters["W_enc"].grad);
        Assert.Null(autoencoder.Parameters["b_enc"].grad);
        Assert.NotNull(autoencoder.Parameters["threshold"].grad);
    }

    [Fact]
    public void A_target_L0_pulls_thresholds_up_where_too_many_are_active_and_down_where_too_few()
    {
        using var scope = NewDisposeScope();
        foreach (var (target, sign) in ((double, int)[])[(0.5, -1), (18, 1)])
        {
            using var autoencoder = AutoencoderVariants.Create(
                new AutoencoderOptions
                {
                    Variant = (JumpReLUOptions)Samples.Options(
                    "jumprelu-target", Latents).Variant with
                    { TargetL0 = target },
                    LatentSize = Latents
                }, Inputs, ScalarType.Float64);
            autoencoder.Initialize(3);
            autoencoder.RequireGradients(true);
            using var loss = autoencoder.Loss(Samples.Vectors(200, Inputs, ScalarType.Float64));
            loss.Sparsity.backward();
            // Adam goes against the gradient.
            Assert.Equal(sign, Math.Sign(autoencoder.Parameters["threshold"].grad!.sum().item<double>()));
            Assert.Null(autoencoder.Parameters["W_enc"].grad);
        }
    }

    /// <summary>The auxiliary term as gradients see it: Gated's has a decoder that is held at what it is now.</summary>
    private static Func<AutoencoderLoss, double> AuxiliaryTerm(SparseAutoencoder autoencoder, Tensor x)
    {
        if (autoencoder is not GatedAutoencoder) return loss => loss.Auxiliary.item<double>();
        var (decoder, bias) = (autoencoder.DecoderWeight.clone(), autoencoder.Parameters["b_dec"].clone());
        using (var now = autoencoder.Loss(x)) Assert.Equal(now.Auxiliary.item<double>(), Held(), 1e-12);
        return _ => Held();

        double Held()
        {
            using var scope = NewDisposeScope();
            return ((x - autoencoder.PreActivations(x).relu().mm(decoder) - bias).square().sum() / Rows).item<double>();
        }
    }

    /// <summary>
    /// Vectors none of whose pre-activations lies near a kink: 0, the threshold, the clip value, or a tie with the k-th largest.
    /// </summary>
    private static Tensor VectorsAwayFromKinks(SparseAutoencoder autoencoder)
    {
        var kept = new List<Tensor>();
        for (int item = 0; kept.Count < Rows; item++)
        {
            var x = Samples.Vectors(1, Inputs, ScalarType.Float64, item);
            var z = autoencoder.PreActivations(x);
            var kinks = new List<Tensor> { z, z - 0.1 };
            if (autoencoder.Parameters.TryGetValue("threshold", out var threshold)) kinks.Add(z - threshold);
            if (autoencoder is GatedAutoencoder)
                kinks.Add((z - autoencoder.EncoderBias) * autoencoder.Parameters["r_mag"].exp() + autoencoder.Parameters["b_mag"]);
            if (autoencoder is TopKAutoencoder topK)
            {
                var sorted = z.sort(1, descending: true).Values[0];
                kinks.Add(sorted[topK.K - 1] - sorted[topK.K]);
            }
            if (autoencoder is MatchingPursuitAutoencoder pursuit) kinks.AddRange(PursuitSlow.Margins(pursuit, x));
            if (kinks.All(kink => kink.abs().min().item<double>() > 1e-3)) kept.Add(x);
            Assert.True(item < 1000, "no vectors away from kinks");
        }
        return cat(kept, 0);
    }

    internal static double[] Differences(Tensor parameter, Func<double> loss)
    {
        var result = new double[parameter.numel()];
        var flat = parameter.view(-1);
        for (int i = 0; i < result.Length; i++)
        {
            double value = flat[i].item<double>();
            flat[i] = value + Distance;
            double above = loss();
            flat[i] = value - Distance;
            double below = loss();
            flat[i] = value;
            result[i] = (above - below) / (2 * Distance);
        }
        return result;
    }

    internal static void AssertClose(double[] expected, Tensor gradient, string name)
    {
        var actual = gradient.contiguous().view(-1).data<double>();
        Assert.Equal(expected.Length, actual.Count);
        double largest = expected.Max(Math.Abs);
        Assert.True(largest > 1e-6, $"{name} has no gradient to check");
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-6 * Math.Max(1, largest),
                $"{name}[{i}]: {actual[i]} instead of {expected[i]}");
    }
}
