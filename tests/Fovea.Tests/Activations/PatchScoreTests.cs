using Fovea.Activations.Filters;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Activations;

/// <summary>Each filter against a slow, obvious loop over channels, on activations with negative values as LeakyReLU gives.</summary>
public sealed class PatchScoreTests
{
    private const int N = 3, C = 8, H = 2, W = 5;

    [Fact]
    public void Magnitude_is_the_sum_of_absolute_values() => Check("magnitude", v => v.Sum(Math.Abs));

    [Fact]
    public void Active_counts_units_beyond_the_threshold() => Check("active", v => v.Count(a => Math.Abs(a) > 0.1f));

    [Fact]
    public void Median_is_the_lower_middle_value_clamped() => Check("median", v => Math.Max(v.Order().ElementAt((C - 1) / 2), 0));

    [Fact]
    public void Maximum_is_clamped() => Check("maximum", v => Math.Max(v.Max(), 0));

    [Fact]
    public void No_filter_is_one_everywhere() => Check("none", _ => 1);

    [Fact]
    public void Gradcam_weighs_channels_by_their_mean_gradient_and_scales_to_one()
    {
        using var scope = NewDisposeScope();
        var (activations, values) = Random(1);
        var (gradients, slopes) = Random(2);
        using var map = PatchScores.Create("gradcam").Score(new LayerEvidence(activations, gradients));
        var actual = map.data<float>().ToArray();
        for (int n = 0; n < N; n++)
        {
            var expected = new double[H * W];
            for (int c = 0; c < C; c++)
            {
                double alpha = Enumerable.Range(0, H * W).Average(p => slopes[(n * C + c) * H * W + p]);
                for (int p = 0; p < H * W; p++) expected[p] += alpha * values[(n * C + c) * H * W + p];
            }
            double largest = expected.Max(v => Math.Max(v, 0));
            for (int p = 0; p < H * W; p++) Assert.Equal(Math.Max(expected[p], 0) / largest, actual[n * H * W + p], 1e-4);
        }
    }

    [Fact]
    public void Gradcam_is_nan_where_nothing_speaks_for_the_class()
    {
        using var scope = NewDisposeScope();
        using var map = PatchScores.Create("gradcam").Score(new LayerEvidence(ones(1, 2, 2, 2), -ones(1, 2, 2, 2)));
        Assert.All(map.data<float>().ToArray(), value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void An_unknown_filter_is_refused_with_the_names()
    {
        var error = Assert.Throws<FoveaException>(() => PatchScores.Create("magnitud"));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("magnitude", error.Message, StringComparison.Ordinal);
    }

    private static void Check(string name, Func<IReadOnlyList<float>, double> slow)
    {
        using var scope = NewDisposeScope();
        var (activations, values) = Random(3);
        IPatchScore score = PatchScores.Create(name);
        using var map = score.Score(new LayerEvidence(activations));
        Assert.Equal([N, H, W], map.shape);
        var actual = map.data<float>().ToArray();
        if (score is IVectorScore direct)
        {
            // The same of vectors as they are stored.
            var scores = new float[actual.Length];
            direct.Score(activations.permute(0, 2, 3, 1).contiguous().data<float>().ToArray(), C, scores);
            for (int i = 0; i < scores.Length; i++) Assert.Equal(actual[i], scores[i], 1e-5f * C);
        }
        for (int n = 0; n < N; n++)
        {
            for (int p = 0; p < H * W; p++)
            {
                var vector = Enumerable.Range(0, C).Select(c => values[(n * C + c) * H * W + p]).ToArray();
                Assert.Equal(slow(vector), actual[n * H * W + p], 1e-4);
            }
        }
    }

    private static (Tensor Tensor, float[] Values) Random(long item)
    {
        var random = new CounterRandom(11, "scores", item);
        var values = Enumerable.Range(0, N * C * H * W).Select(_ => (float)random.NextGaussian() * 0.3f).ToArray();
        return (tensor(values, [N, C, H, W]), values);
    }
}
