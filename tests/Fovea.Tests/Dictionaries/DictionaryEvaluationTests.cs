using Fovea.Dictionaries;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// One evaluator for trainer, sweep, <c>sae eval</c> and <c>sae import</c>, against each other to the bit and against a slow loop.
/// </summary>
public sealed class DictionaryEvaluationTests : IDisposable
{
    private const int Inputs = 13;
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ArrayVectors Vectors(int rows)
    {
        using var scope = NewDisposeScope();
        return new([.. (Samples.Vectors(rows, Inputs, ScalarType.Float32) * 3 + 7).data<float>()], Inputs);
    }

    private static long[] Rows(int first, int count) => [.. Enumerable.Range(first, count).Select(row => (long)row)];

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Whoever_measures_a_dictionary_gets_the_same_numbers(string variant)
    {
        var vectors = Vectors(1900);
        long[] training = Rows(0, 700), heldOut = Rows(700, 1200);
        using var trained = AutoencoderTrainer.Train(
            AutoencoderTrainerTests.Small(variant) with { Epochs = 2 }, vectors, training, heldOut, null, null,
                TestContext.Current.CancellationToken);
        var expected = trained.Report.Validation!;
        Assert.NotEqual(1, trained.Report.InputScale);
        Assert.Equal(1200, expected.Vectors);

        trained.Save(Path.Combine(_folder, "own"));
        using var loaded = AutoencoderFile.Load(Path.Combine(_folder, "own"));
        Assert.Equal(expected, DictionaryEvaluation.Scores(loaded, vectors, heldOut));

        if (loaded is not MatchingPursuitAutoencoder)
        {
            SaeLensFile.Export(Path.Combine(_folder, "exported"), loaded);
            using var imported = SaeLensFile.Import(Path.Combine(_folder, "exported"));
            Assert.Equal(expected, DictionaryEvaluation.Scores(imported, vectors, heldOut));
        }

        using var configured = new ConfiguredDictionary(loaded, () => { });
        Assert.Equal(expected, DictionaryEvaluation.Measure(configured, vectors, heldOut).Scores);
        Assert.Equal(trained.Report.Coherence, DictionaryEvaluation.Measure(configured, vectors, heldOut).Coherence);
    }

    /// <summary>
    /// Definitions of docs/reference/metrics.md, one number after the other in float64, from the codes that tensors give.
    /// </summary>
    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void A_slow_loop_gives_the_same(string variant)
    {
        const int n = 40, count = 1500;
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create(variant, Inputs, n, ScalarType.Float32);
        autoencoder.InputScale = 0.3;
        var vectors = Vectors(count);
        var all = new float[count * Inputs];
        vectors.Read(Rows(0, count), all);
        var x = tensor(all).view(count, Inputs);
        float[] codes = [.. autoencoder.EncodeDense(x).data<float>()], decoder = [.. autoencoder.DecoderWeight.data<float>()];
        float[] bias = [.. autoencoder.Parameters[SparseAutoencoder.DecoderBiasName].data<float>()];
        double error = 0, deviation = 0, ratios = 0, inputs = 0, outputs = 0, squares = 0, products = 0;
        var mean = new double[Inputs];
        for (int i = 0; i < all.Length; i++) mean[i % Inputs] += all[i] / (double)count;
        var active = new int[n];
        for (int row = 0; row < count; row++)
        {
            var output = bias.Select(value => (double)value).ToArray();
            for (int latent = 0; latent < n; latent++)
            {
                if (codes[row * n + latent] == 0) continue;
                active[latent]++;
                for (int i = 0; i < Inputs; i++) output[i] += (double)codes[row * n + latent] * decoder[latent * Inputs + i];
            }
            double before = 0, after = 0;
            for (int i = 0; i < Inputs; i++)
            {
                double value = all[row * Inputs + i];
                error += (value - output[i]) * (value - output[i]);
                deviation += (value - mean[i]) * (value - mean[i]);
                before += value * value;
                after += output[i] * output[i];
                products += value * output[i];
            }
            (ratios, inputs, outputs, squares) =
                (ratios + Math.Sqrt(after / before), inputs + Math.Sqrt(before), outputs + Math.Sqrt(after), squares + after);
        }

        var scores = DictionaryEvaluation.Scores(autoencoder, vectors, Rows(0, count));
        Assert.Equal(1, scores.Fvu / (error / deviation), 1e-5);
        Assert.Equal(1, scores.Reconstruction / (0.3 * 0.3 * error / count), 1e-5);
        Assert.Equal(active.Sum() / (double)count, scores.L0, 1e-2);
        Assert.Equal(active.Count(times => times == 0) / (double)n, scores.DeadFraction, 1e-9);
        Assert.Equal(active.Count(times => times > 0.1 * count) / (double)n, scores.DenseFraction!.Value, 0.03);
        Assert.Equal(all.Count(value => Math.Abs(value) > 0.1f) / (double)count, scores.ActiveUnits!.Value, 1e-9);
        Assert.Equal(scores.ActiveUnits.Value / scores.L0, scores.ActiveUnitsDrop!.Value, 1e-9);
        Assert.Equal(ratios / count, scores.Shrinkage!.L2Ratio, 1e-5);
        Assert.Equal(outputs / inputs, scores.Shrinkage.LengthRatio, 1e-5);
        Assert.Equal(squares / products, scores.Shrinkage.RelativeReconstructionBias, 1e-5);
        Assert.Equal(scores.Reconstruction + scores.Sparsity, scores.Loss, 1e-9 * scores.Loss);
        if (variant is "l1" or "l1-untied")
            Assert.Equal(1, scores.Sparsity / (0.3 * 0.3 * autoencoder.Sparsity * codes.Sum(code => (double)code) / count), 1e-5);
        // By tensors in float64 the same.
        using var wide = Samples.Create(variant, Inputs, n, ScalarType.Float64);
        wide.InputScale = 0.3;
        var byTensors = DictionaryEvaluation.Scores(wide, vectors, Rows(0, count));
        Assert.Equal(1, scores.Fvu / byTensors.Fvu, 1e-4);
        Assert.Equal(1, (1e-9 + scores.Sparsity) / (1e-9 + byTensors.Sparsity), 2e-2);
    }

    [Fact]
    public void What_cannot_be_measured_is_said()
    {
        using var autoencoder = Samples.Create("topk", Inputs, 40, ScalarType.Float32);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => DictionaryEvaluation.Scores(autoencoder, Vectors(5), [])).Kind);
        using var wide = Samples.Create("topk", Inputs, 40, ScalarType.Float64);
        var broken = new ArrayVectors([.. Enumerable.Repeat(float.NaN, Inputs)], Inputs);
        foreach (var one in (SparseAutoencoder[])[autoencoder, wide])
            Assert.Equal(FailureKind.Numerical, Assert.Throws<FoveaException>(() => DictionaryEvaluation.Scores(one, broken, [0])).Kind);
    }
}
