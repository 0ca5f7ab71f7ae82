using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>The step over active entries against the step by tensors and automatic gradients.</summary>
public sealed class SparseStepTests
{
    public static TheoryData<string, int, int, int> Shapes()
    {
        var shapes = new TheoryData<string, int, int, int>();
        foreach (string architecture in AutoencoderVariants.All.Select(variant => variant.Name)
            .Where(name => name is not (MatchingPursuitAutoencoder.VariantName or ArchetypalAutoencoder.VariantName))
            .Concat(["l1 tied", "l1 without biases", "topk twice", "jumprelu tanh", "jumprelu target"]))
        {
            // Neither d nor n a multiple of a vector's width; batches of one row, of less than a tile, of several blocks and groups.
            shapes.Add(architecture, 13, 37, 1);
            shapes.Add(architecture, 24, 64, 5);
            shapes.Add(architecture, 33, 100, 150);
        }
        return shapes;
    }

    private static SparseAutoencoder Create(string architecture, int d, int n)
    {
        string[] words = architecture.Split(' ', 2);
        string word = words.Length > 1 ? words[1] : "";
        VariantOptions variant = words[0] switch
        {
            "topk" => new TopKOptions { Sparsity = 5, SecondK = word == "twice" ? 13 : null },
            "l1" => new L1Options { Sparsity = 0.3, Tied = word == "tied", Biases = word != "without biases" },
            "jumprelu" => new JumpReLUOptions
            {
                Sparsity = 0.3,
                Bandwidth = 0.4,
                Penalty = word switch { "tanh" => JumpReLUPenalty.Tanh, "target" => JumpReLUPenalty.Target, _ => JumpReLUPenalty.Step },
                TargetL0 = 3,
            },
            "gated" => new GatedOptions { Sparsity = 0.3 },
            string name => Sae.Of(name, 5).Variant,
        };
        var autoencoder = AutoencoderVariants.Create(new AutoencoderOptions { Variant = variant, LatentSize = n }, d);
        autoencoder.Initialize(3, [.. Enumerable.Range(0, d).Select(i => 0.01 * i)]);
        if (autoencoder is GatedAutoencoder)
        {
            // Zero at the start, which would hide a wrong scale and an open gate without a magnitude.
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            foreach (string name in (string[])["r_mag", "b_mag"])
                autoencoder.Parameters[name].copy_(Samples.Normal([n], name, ScalarType.Float32) * 0.3);
        }
        return autoencoder;
    }

    private static float[] Vectors(int rows, int d, ulong seed)
    {
        var random = new CounterRandom(seed, "test/sparse-step", 0);
        return [.. Enumerable.Range(0, rows * d).Select(_ => (float)random.NextGaussian())];
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradients_and_metrics_equal_automatic_ones(string architecture, int d, int n, int rows)
    {
        using SparseAutoencoder a = Create(architecture, d, n), b = Create(architecture, d, n);
        using IAutoencoderStep sparse = new SparseStep(a, a.Rule()!), dense = new DenseStep(b);
        float[] vectors = Vectors(rows, d, 1);
        var metrics = new[] { new AutoencoderMetrics(d, n), new AutoencoderMetrics(d, n) };
        sparse.Train(vectors, 0.7, 0.5, 1e-3, metrics[0]);
        dense.Train(vectors, 0.7, 0.5, 1e-3, metrics[1]);

        AssertSame(metrics[1].Scores(), metrics[0].Scores());
        using var scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> own = sparse.ExportState(), automatic = dense.ExportState();
        Assert.Equal(automatic.Keys.Order(), own.Keys.Order());
        // After one step the first moment is a tenth of the gradient.
        foreach (var (name, expected) in automatic.Where(pair => pair.Key.StartsWith("exp_avg.", StringComparison.Ordinal)))
        {
            double size = expected.abs().max().item<float>(), difference = (expected - own[name]).abs().max().item<float>();
            Assert.True(size > 0, $"{name} has no gradient: nothing is compared");
            Assert.True(difference <= 2e-5 * size + 1e-9, $"{name}: {difference} of {size}");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Training_goes_the_same_way(string architecture, int d, int n, int rows)
    {
        using SparseAutoencoder a = Create(architecture, d, n), b = Create(architecture, d, n);
        using IAutoencoderStep sparse = new SparseStep(a, a.Rule()!), dense = new DenseStep(b);
        AutoencoderMetrics? last = null, lastDense = null;
        for (ulong step = 1; step <= 20; step++)
        {
            float[] vectors = Vectors(rows, d, step);
            (last, lastDense) = (new AutoencoderMetrics(d, n), new AutoencoderMetrics(d, n));
            sparse.Train(vectors, 1, 1, 1e-3, last);
            dense.Train(vectors, 1, 1, 1e-3, lastDense);
        }
        Assert.Equal(lastDense!.Scores().Loss, last!.Scores().Loss, lastDense.Scores().Loss * 1e-3);

        // The tensors are what the step holds: the plain form of the one evaluates as the other says.
        sparse.Publish();
        float[] fresh = Vectors(rows, d, 99);
        a.InputScale = 0.7;
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var x = tensor(fresh).view(rows, d);
        var (codes, output, penalty) = a.Infer(x);
        var metrics = new AutoencoderMetrics(d, n);
        metrics.Add(x, output, codes, double.NaN, penalty.item<float>());
        metrics.AddDetails(x, output, codes);
        AutoencoderScores one = DictionaryEvaluation.Scores(
            a, new ArrayVectors(fresh, d), [.. Enumerable.Range(0, rows).Select(row => (long)row)]), other = metrics.Scores(0.7);
        AssertSame(other, one);
        // Units are counted on the vectors as they are.
        Assert.Equal((double)fresh.Count(value => Math.Abs(value) > 0.1) / rows, one.ActiveUnits!.Value, 1e-9);
        Assert.Equal(other.DenseFraction!.Value, one.DenseFraction!.Value, 1e-9);
        var (expected, actual) = (other.Shrinkage!, one.Shrinkage!);
        Assert.Equal(expected.L2Ratio, actual.L2Ratio, 1e-5);
        Assert.Equal(expected.LengthRatio, actual.LengthRatio, 1e-5);
        Assert.Equal(expected.RelativeReconstructionBias, actual.RelativeReconstructionBias, 1e-4);
    }

    /// <summary>
    /// Without biases nothing near the vectors' mean is taken away from them: their variance must not be lost in their length.
    /// </summary>
    [Theory]
    [InlineData("l1 without biases", 1000)]
    [InlineData("l1 without biases", -3000)]
    [InlineData("topk", 1000)]
    [InlineData("gated", 1000)]
    public void A_large_mean_does_not_change_the_variance(string architecture, float mean)
    {
        const int d = 24, n = 64, rows = 700;
        using var autoencoder = Create(architecture, d, n);
        using var step = new SparseStep(autoencoder, autoencoder.Rule()!);
        float[] vectors = [.. Vectors(rows, d, 4).Select(value => value + mean)];
        var trained = new AutoencoderMetrics(d, n);
        var evaluated = DictionaryEvaluation.Scores(
            autoencoder, new ArrayVectors(vectors, d), [.. Enumerable.Range(0, rows).Select(row => (long)row)]);
        step.Train(vectors, 1, 1, 1e-3, trained);
        double variance = 0;
        for (int i = 0; i < d; i++)
        {
            double[] column = [.. Enumerable.Range(0, rows).Select(row => (double)vectors[row * d + i])];
            variance += column.Sum(value => (value - column.Average()) * (value - column.Average()));
        }
        foreach (var scores in (AutoencoderScores[])[evaluated, trained.Scores()])
            Assert.Equal(1, scores.Reconstruction * rows / scores.Fvu / variance, 1e-6);
    }

    [Theory]
    [InlineData("batchtopk")]
    [InlineData("matryoshka")]
    public void A_batch_that_the_last_ones_bound_does_not_fit_is_selected_exactly_too(string architecture)
    {
        using SparseAutoencoder a = Create(architecture, 16, 48), b = Create(architecture, 16, 48);
        using IAutoencoderStep sparse = new SparseStep(a, a.Rule()!), dense = new DenseStep(b);
        ulong step = 0;
        foreach (double scale in (double[])[1, 0.93, 3, 0.05, 1, 0.9, 0.85, 0.02, 2])
        {
            AutoencoderMetrics one = new(16, 48), other = new(16, 48);
            float[] vectors = Vectors(70, 16, ++step);
            sparse.Train(vectors, scale, 1, 1e-5, one);
            dense.Train(vectors, scale, 1, 1e-5, other);
            AssertSame(other.Scores(), one.Scores());
        }
        var (own, plain) = (a.Parameters[SparseAutoencoder.ThresholdName], b.Parameters[SparseAutoencoder.ThresholdName]);
        Assert.True(plain.gt(0).all().item<bool>());
        Assert.True(plain.allclose(own, 1e-4, 0));
    }

    [Theory]
    [InlineData("topk")]
    [InlineData("topk twice")]
    [InlineData("batchtopk")]
    [InlineData("matryoshka")]
    [InlineData("jumprelu")]
    [InlineData("gated")]
    [InlineData("l1 tied")]
    public void Dead_latents_are_revived_by_the_same_gradients(string architecture)
    {
        const int D = 24, N = 64, Rows = 70;
        using SparseAutoencoder a = Create(architecture, D, N), b = Create(architecture, D, N);
        // From the second batch on a latent is dead that was silent in the first.
        a.AuxiliaryLoss = b.AuxiliaryLoss = new AuxiliaryLoss(0.25, 3, Rows - 1);
        using (no_grad())
        {
            // Some latents fall silent although their input is there: a large negative bias for one batch.
            foreach (var autoencoder in (SparseAutoencoder[])[a, b]) autoencoder.EncoderBias.narrow(0, 5, 9).fill_(-50);
        }
        using IAutoencoderStep sparse = new SparseStep(a, a.Rule()!), dense = new DenseStep(b);
        foreach (var step in (IAutoencoderStep[])[sparse, dense])
            step.Train(Vectors(Rows, D, 1), 1, 1, 1e-12, new AutoencoderMetrics(D, N));
        using (no_grad())
        {
            foreach (var autoencoder in (SparseAutoencoder[])[a, b]) autoencoder.EncoderBias.narrow(0, 5, 9).fill_(0);
        }
        using var scope = NewDisposeScope();
        var before = sparse.ExportState();
        Assert.True(before[DeadLatents.StateName].gt(Rows - 1).sum().item<long>() >= 9);
        AutoencoderMetrics one = new(D, N), other = new(D, N);
        sparse.Train(Vectors(Rows, D, 2), 1, 1, 1e-12, one);
        dense.Train(Vectors(Rows, D, 2), 1, 1, 1e-12, other);
        AssertSame(other.Scores(), one.Scores());
        IReadOnlyDictionary<string, Tensor> own = sparse.ExportState(), automatic = dense.ExportState();
        foreach (var (name, expected) in automatic.Where(pair => pair.Key.StartsWith("exp_avg.", StringComparison.Ordinal)))
        {
            double size = expected.abs().max().item<float>(), difference = (expected - own[name]).abs().max().item<float>();
            Assert.True(difference <= 2e-5 * size + 1e-9, $"{name}: {difference} of {size}");
        }
        // The encoder of a latent that only AuxK reached has a gradient.
        var encoder = own["exp_avg." + (a.Tied ? SparseAutoencoder.DecoderWeightName : SparseAutoencoder.EncoderWeightName)];
        Assert.True((a.Tied ? encoder.narrow(0, 5, 9) : encoder.narrow(1, 5, 9)).abs().max().item<float>() > 0);
    }

    [Theory]
    [InlineData("topk")]
    [InlineData("batchtopk")]
    [InlineData("gated")]
    [InlineData("l1")]
    public void AuxK_reaches_dead_latents_alone_and_b_dec_through_their_encoder_alone(string architecture)
    {
        const int D = 24, N = 64, Rows = 70;
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> with = Second(0.25, out int[] dead), without = Second(0, out _);
        var alive = tensor(Enumerable.Range(0, N).Except(dead).Select(i => (long)i).ToArray());
        var silent = tensor(dead.Select(i => (long)i).ToArray());
        Assert.InRange(dead.Length, 9, N - 9);
        using var autoencoder = Create(architecture, D, N);
        string bias = autoencoder.EncoderBiasParameter;
        foreach (var (name, axis) in ((string, int)[])[("W_dec", 0), ("W_enc", 1), (bias, 0)])
        {
            Assert.True(with[name].index_select(axis, alive)
                .Equals(without[name].index_select(axis, alive)), $"{name} of a live latent hears of AuxK");
            Assert.True((with[name] - without[name]).index_select(axis, silent).abs().max()
                .item<float>() > 1e-3, $"{name} of dead latents does not");
        }
        var expected = -autoencoder.EncoderWeight.matmul(with[bias] - without[bias]);
        var change = with["b_dec"] - without["b_dec"];
        Assert.True(change.abs().max().item<float>() > 1e-3);
        Assert.True(expected.allclose(change, 1e-3, 1e-4),
            $"{(expected - change).abs().max().item<float>()} of {change.abs().max().item<float>()}");

        // Gradients of the second batch; nine latents were silent in the first by their bias.
        Dictionary<string, Tensor> Second(double coefficient, out int[] dead)
        {
            using var autoencoder = Create(architecture, D, N);
            autoencoder.AuxiliaryLoss = new AuxiliaryLoss(coefficient, 3, Rows - 1);
            using var step = new SparseStep(autoencoder, autoencoder.Rule()!);
            using var saved = autoencoder.EncoderBias.clone();
            autoencoder.EncoderBias.narrow(0, 5, 9).fill_(-50);
            step.Train(Vectors(Rows, D, 1), 1, 1, 1e-12, new AutoencoderMetrics(D, N));
            autoencoder.EncoderBias.copy_(saved);
            var before = step.ExportState();
            dead = [.. Enumerable.Range(0, N).Where(i => before[DeadLatents.StateName][i].item<long>() >= Rows)];
            step.Train(Vectors(Rows, D, 2), 1, 1, 1e-12, new AutoencoderMetrics(D, N));
            var after = step.ExportState();
            return autoencoder.TrainableParameters.Keys.ToDictionary(
                name => name, name => (after["exp_avg." + name] - before["exp_avg." + name] * 0.9) * 10);
        }
    }

    [Fact]
    public void State_goes_out_and_comes_back()
    {
        using SparseAutoencoder a = Create("jumprelu", 20, 50), b = Create("jumprelu", 20, 50);
        using SparseStep one = new(a, a.Rule()!), other = new(b, b.Rule()!);
        for (ulong i = 0; i < 3; i++) one.Train(Vectors(30, 20, i), 1, 1, 1e-2, new AutoencoderMetrics(20, 50));
        one.Publish();
        using (no_grad())
        {
            foreach (var (name, parameter) in a.Parameters) b.Parameters[name].copy_(parameter);
        }
        other.Refresh();
        var state = one.ExportState();
        other.ImportState(state);
        foreach (var tensor in state.Values) tensor.Dispose();
        foreach (var step in (SparseStep[])[one, other])
        {
            step.Train(Vectors(30, 20, 7), 1, 1, 1e-2, new AutoencoderMetrics(20, 50));
            step.Publish();
        }
        foreach (var (name, parameter) in a.Parameters) Assert.Equal(parameter.bytes.ToArray(), b.Parameters[name].bytes.ToArray());
    }

    [Theory]
    [InlineData("exp_avg.W_dec", false)]
    [InlineData("exp_avg_sq.W_enc", false)]
    [InlineData("silent", false)]
    [InlineData("exp_avg_sq.W_dec", true)]
    [InlineData("exp_avg.W_enc", true)]
    [InlineData("silent", true)]
    public void A_state_of_another_size_or_type_is_not_read(string name, bool narrow)
    {
        using var autoencoder = Create("jumprelu", 20, 50);
        using var step = new SparseStep(autoencoder, autoencoder.Rule()!);
        using var scope = NewDisposeScope();
        var state = new Dictionary<string, Tensor>(step.ExportState());
        state[name] = narrow ? state[name].to_type(ScalarType.Float16) : state[name].narrow(0, 0, state[name].shape[0] - 1).clone();
        var error = Assert.Throws<FoveaException>(() => step.ImportState(state));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(AutoencoderScores expected, AutoencoderScores actual)
    {
        Assert.Equal(expected.Vectors, actual.Vectors);
        Assert.Equal(expected.L0, actual.L0, 1e-9);
        Assert.Equal(expected.DeadFraction, actual.DeadFraction, 1e-9);
        Assert.Equal(expected.Reconstruction, actual.Reconstruction, expected.Reconstruction * 1e-5);
        Assert.Equal(expected.Sparsity, actual.Sparsity, expected.Sparsity * 1e-5 + 1e-12);
        if (expected.Vectors > 1) Assert.Equal(expected.Fvu, actual.Fvu, expected.Fvu * 1e-4);
    }
}
