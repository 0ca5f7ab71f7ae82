using Fovea.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class AutoencoderMetricsTests
{
    private static readonly int[] OneBatch = [100];

    [Fact]
    public void The_identity_explains_everything()
    {
        using var scope = NewDisposeScope();
        var x = Data();
        var scores = Score(x, x, OneBatch);
        Assert.Equal(0, scores.Fvu);
        Assert.Equal(1, scores.ExplainedVariance);
    }

    [Fact]
    public void The_mean_predictor_explains_nothing()
    {
        using var scope = NewDisposeScope();
        var x = Data();
        Assert.Equal(1, Score(x, x.mean([0], keepdim: true).expand_as(x), OneBatch).Fvu, 5);
        Assert.Equal(0, Score(x, x.mean([0], keepdim: true).expand_as(x), OneBatch).ExplainedVariance, 5);
        // The mean of the whole set, in batches: a variance taken batch by batch would not give 1.
        Assert.Equal(1, Score(x, x.mean([0], keepdim: true).expand_as(x), [7, 50, 1, 42]).Fvu, 5);
    }

    [Fact]
    public void A_constant_error_is_unexplained()
    {
        using var scope = NewDisposeScope();
        var x = Data();
        double variance = (x - x.mean([0])).square().sum(1).mean().item<float>();
        Assert.Equal(4 * 5 / variance, Score(x, x + 2, OneBatch).Fvu, 4);
    }

    [Fact]
    public void Neither_a_constant_in_the_data_nor_the_batch_size_changes_FVU()
    {
        using var scope = NewDisposeScope();
        var x = Data();
        var output = x * 0.7 + 0.1;
        double expected = Score(x, output, OneBatch).Fvu;
        Assert.Equal(expected, Score(x, output, [3, 90, 7]).Fvu, 9);
        var offset = (x + 300).to_type(ScalarType.Float64);
        Assert.Equal(expected, Score(offset, offset + (output - x), [3, 90, 7]).Fvu, 4);
        var far = x.to_type(ScalarType.Float64) + 1e6;
        Assert.Equal(expected, Score(far, far + (output - x), [3, 90, 7]).Fvu, 6);
    }

    [Fact]
    public void Vectors_are_not_changed_by_looking_at_them()
    {
        using var scope = NewDisposeScope();
        var x = Data().to_type(ScalarType.Float64);
        var before = x.clone();
        Score(x, x * 0.5, OneBatch);
        Assert.True(before.Equals(x));
    }

    [Fact]
    public void L0_and_dead_fraction_count_latents()
    {
        using var scope = NewDisposeScope();
        var codes = tensor(new float[,] { { 1, 0, 0, 2 }, { 0, 0, 0, 3 }, { 0, 0, 0, 0 } });
        var x = Samples.Vectors(3, 5, ScalarType.Float32);
        var metrics = new AutoencoderMetrics(5, 4);
        metrics.Add(x[..2], x[..2], codes[..2], 3, 1);
        metrics.Add(x[2..], x[2..], codes[2..], 6, 4);
        var scores = metrics.Scores();
        Assert.Equal(1, scores.L0);
        Assert.Equal(0.5, scores.DeadFraction);
        Assert.Equal(4, scores.Reconstruction, 12);
        Assert.Equal(2, scores.Sparsity, 12);
        Assert.Equal(6, scores.Loss, 12);
        Assert.Equal(3, scores.Vectors);
        Assert.Equal(2, metrics.FiredCount);
    }

    [Fact]
    public void A_latent_is_dense_above_a_tenth_of_the_vectors()
    {
        using var scope = NewDisposeScope();
        // Of 20 vectors, latent 0 is active in none, 1 in 2 (a tenth: not dense), 2 in 3, 3 in all.
        var codes = zeros(20, 4);
        codes[..2, 1] = tensor(1f);
        codes[17.., 2] = tensor(-1f);
        codes[.., 3] = tensor(5f);
        var x = Samples.Vectors(20, 5, ScalarType.Float32);
        foreach (int first in (int[])[20, 18, 1])
        {
            var metrics = new AutoencoderMetrics(5, 4);
            foreach (var part in new[] { ..first, first.. }.Where(part => part.GetOffsetAndLength(20).Length > 0))
            {
                metrics.Add(x[part], x[part], codes[part]);
                metrics.AddDetails(x[part], x[part], codes[part]);
            }
            Assert.Equal(0.5, metrics.Scores().DenseFraction);
            Assert.Equal(0.25, metrics.Scores().DeadFraction);
        }
    }

    [Fact]
    public void The_drop_in_active_units_is_counted_on_raw_vectors()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new float[,] { { 0.2f, -0.2f, 0.05f, 0 }, { -5, 0.3f, 0.09f, 7 } });
        var codes = tensor(new float[,] { { 1, 0, 0 }, { 0, 0, 0 } });
        var metrics = new AutoencoderMetrics(4, 3);
        metrics.Add(x * 100, x * 50, codes); // in the scale of a training
        metrics.AddDetails(x, x * 0.5, codes);
        var scores = metrics.Scores();
        Assert.Equal(2.5, scores.ActiveUnits);
        Assert.Equal(0.5, scores.L0);
        Assert.Equal(5, scores.ActiveUnitsDrop);
        Assert.Equal(0.5, scores.Shrinkage!.L2Ratio, 12);
        Assert.Equal(0.5, scores.Shrinkage.LengthRatio, 12);
        Assert.Equal(0.5, scores.Shrinkage.RelativeReconstructionBias, 12);
    }

    [Fact]
    public void Details_are_told_only_where_every_vector_has_them()
    {
        using var scope = NewDisposeScope();
        var x = Data();
        var metrics = new AutoencoderMetrics(5, 5);
        metrics.Add(x, x, x.relu());
        Assert.Equal(
            (null, null, null, null),
                (metrics.Scores().DenseFraction, metrics.Scores().ActiveUnits, metrics.Scores().ActiveUnitsDrop,
                    metrics.Scores().Shrinkage));
        metrics.AddDetails(x, x, x.relu());
        Assert.NotNull(metrics.Scores().ActiveUnits);
        metrics.Add(x, x, x.relu());
        Assert.Null(metrics.Scores().ActiveUnits);

        var silent = new AutoencoderMetrics(5, 5);
        silent.Add(x, x, zeros(100, 5));
        silent.AddDetails(x, x, zeros(100, 5));
        Assert.NotNull(silent.Scores().ActiveUnits);
        Assert.Null(silent.Scores().ActiveUnitsDrop);
    }

    [Fact]
    public void Saved_and_restored_sums_go_on_exactly()
    {
        using var scope = NewDisposeScope();
        var x = Data();
        var codes = x.relu();
        var whole = new AutoencoderMetrics(5, 5);
        whole.Add(x[..40], x[..40] * 0.3, codes[..40]);
        var text = System.Text.Json.JsonSerializer.Serialize(whole.Save());
        var restored = AutoencoderMetrics.Restore(System.Text.Json.JsonSerializer.Deserialize<AutoencoderMetrics.State>(text)!);
        whole.Add(x[40..], x[40..] * 0.3, codes[40..]);
        restored.Add(x[40..], x[40..] * 0.3, codes[40..]);
        Assert.Equal(whole.Scores(), restored.Scores());
    }

    [Fact]
    public void Nothing_to_evaluate_is_an_error() =>
        Assert.Equal(FailureKind.Numerical, Assert.Throws<FoveaException>(() => new AutoencoderMetrics(3, 4).Scores()).Kind);

    private static Tensor Data() => Samples.Vectors(100, 5, ScalarType.Float32) * tensor(new float[] { 1, 2, 3, 4, 5 }) + 1.5;

    private static AutoencoderScores Score(Tensor x, Tensor output, int[] batches)
    {
        var metrics = new AutoencoderMetrics((int)x.shape[1], 3);
        int start = 0;
        foreach (int rows in batches)
        {
            metrics.Add(x[start..(start + rows)], output[start..(start + rows)], zeros(rows, 3));
            start += rows;
        }
        Assert.Equal(x.shape[0], start);
        return metrics.Scores();
    }
}
