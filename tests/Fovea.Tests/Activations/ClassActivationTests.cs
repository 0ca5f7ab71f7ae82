using Fovea.Activations.Filters;
using Fovea.Activations.Filters.ClassActivation;
using Fovea.Interpretation.Attribution;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Activations;

/// <summary>
/// Each method against a slow loop in double precision over activations of both signs, and against the published formula where activations
/// are not negative.
/// </summary>
public sealed class ClassActivationTests
{
    private const int N = 3, C = 6, H = 3, W = 4, P = H * W;

    /// <summary>The map of one image from its channels' activations and gradients.</summary>
    private delegate double[] Slow(double[][] a, double[][] g);

    [Fact]
    public void Signed_gradcam_weighs_channels_by_their_mean_gradient() => Check("gradcam-signed", false, Weighted((a, g) => g.Average()));

    [Fact]
    public void Hirescam_weighs_each_position_by_its_own_gradient() => Check("hirescam", false, ByPosition((a, g) => g * a));

    [Fact]
    public void Layercam_weighs_each_position_by_its_positive_gradient() =>
        Check("layercam", false, ByPosition((a, g) => Math.Max(g, 0) * a));

    [Fact]
    public void Gradcam_pp_is_as_published_where_activations_are_not_negative() => Check("gradcam-pp", true, Weighted((a, g) =>
        g.Sum(one => one * one / (2 * one * one + a.Sum() * one * one * one) * Math.Max(one, 0))));

    [Fact]
    public void Gradcam_pp_bounds_its_denominator_where_a_channel_sums_below_zero() => Check("gradcam-pp", false, Weighted((a, g) =>
        g.Sum(one => Math.Max(one, 0) / (2 + Math.Max(one, 0) * Math.Max(a.Sum(), 0)))));

    [Fact]
    public void Xgradcam_is_as_published_where_activations_are_not_negative() =>
        Check("xgradcam", true, Weighted((a, g) => a.Zip(g, (x, y) => x * y / a.Sum()).Sum()));

    [Fact]
    public void Xgradcam_averages_by_size_where_signs_are_mixed() =>
        Check("xgradcam", false, Weighted((a, g) => a.Zip(g, (x, y) => Math.Abs(x) * y).Sum() / a.Sum(Math.Abs)));

    [Theory]
    [InlineData(40, 3, 4)] // fewer positions than channels
    [InlineData(5, 6, 7)]  // more
    [InlineData(12, 3, 4)]
    public void Eigencam_equals_the_full_decomposition(int channels, int height, int width)
    {
        using var scope = NewDisposeScope();
        Tensor activations = Values("eigen", 4, channels, height, width);
        float[] actual = Floats(new EigenCam().Map(new LayerEvidence(activations)));
        for (int n = 0; n < 4; n++)
        {
            Tensor matrix = activations[n].flatten(1).transpose(0, 1).to(float64);
            matrix -= matrix.mean([0], keepdim: true);
            var (u, s, _) = linalg.svd(matrix, fullMatrices: false);
            double[] first = (u.select(1, 0) * s[0]).data<double>().ToArray();
            if (first.Max() < -first.Min()) first = [.. first.Select(value => -value)];
            for (int p = 0; p < first.Length; p++) Assert.Equal(first[p], actual[n * first.Length + p], 2e-4);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-4)] // the sign that the decomposition leaves open does not depend on the activations' own
    public void Eigencam_of_one_peak_is_the_centred_peak(float peak)
    {
        using var scope = NewDisposeScope();
        Tensor activations = tensor([0, 0, 0, peak], [1, 1, 2, 2]);
        Assert.Equal([-1, -1, -1, 3], Floats(new EigenCam().Map(new LayerEvidence(activations))).Select(value => MathF.Round(value, 4)));
    }

    public static TheoryData<string> Methods => [.. ClassActivationMaps.Methods.Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Channels_that_are_silent_or_sum_to_zero_or_to_the_pole_give_finite_maps(string name)
    {
        using var scope = NewDisposeScope();
        // A silent channel; one that sums to zero; for every g of 2 one whose sum makes 2 + g Σ A zero; and one as usual.
        Tensor activations = tensor([0f, 0, 0, 0, 1, -1, 2, -2, -1, 0, 0, 0, 1, 0.5f, 0.25f, 2], [1, 4, 2, 2]), gradients = full(
            [1, 4, 2, 2], 2f);
        gradients[0, 0] = 0;
        var evidence = new LayerEvidence(activations, gradients, (_, outputs) => (outputs * gradients).sum([1L, 2, 3]));
        ClassActivationMap method = ClassActivationMaps.Get(name);
        Tensor map = method.Map(evidence), drawn = method.Score(evidence);
        Assert.Equal([1, 2, 2], map.shape);
        Assert.All(Floats(map), value => Assert.InRange(value, -50, 50));
        Assert.All(Floats(drawn), value => Assert.InRange(value, 0, 50));
        Assert.Contains(Floats(drawn), value => value > 0);
        Assert.Equal(16, activations.numel());
        Assert.Equal(-2, activations[0, 1, 1, 1].item<float>());
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Without_any_activation_nothing_is_positive(string name)
    {
        using var scope = NewDisposeScope();
        var evidence = new LayerEvidence(zeros(2, 3, 2, 2), ones(2, 3, 2, 2), (images, _) => zeros(images.shape[0]));
        Assert.All(Floats(ClassActivationMaps.Get(name).Map(evidence)), value => Assert.Equal(0, value));
        Assert.DoesNotContain(Floats(ClassActivationMaps.Get(name).Score(evidence)), value => value > 0);
    }

    [Fact]
    public void Only_the_signed_map_is_drawn_by_its_size()
    {
        using var scope = NewDisposeScope();
        Tensor map = tensor([-3f, 0, 1, 2], [1, 2, 2]);
        foreach (ClassActivationMap method in ClassActivationMaps.Methods)
        {
            float[] expected = method.Name switch { "gradcam" => [0, 0, 0.5f, 1], "gradcam-signed" => [3, 0, 1, 2], _ => [0, 0, 1, 2] };
            Assert.Equal(expected, Floats(method.Drawn(map)));
        }
    }

    [Theory]
    [InlineData("hirescam", "gradients")]
    [InlineData("ablationcam", "rest of the network")]
    public void Missing_evidence_is_named(string name, string missing)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => ClassActivationMaps.Get(name).Map(new LayerEvidence(ones(1, 2, 2, 2))));
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
    }

    private static Slow Weighted(Func<double[], double[], double> weight) => (a, g) =>
    {
        double[] weights = [.. a.Zip(g, weight)];
        return [.. Enumerable.Range(0, P).Select(p => Enumerable.Range(0, C).Sum(c => weights[c] * a[c][p]))];
    };

    private static Slow ByPosition(Func<double, double, double> value) => (a, g) =>
        [.. Enumerable.Range(0, P).Select(p => Enumerable.Range(0, C).Sum(c => value(a[c][p], g[c][p])))];

    private static void Check(string name, bool positive, Slow slow)
    {
        using var scope = NewDisposeScope();
        Tensor activations = Values("activations", N, C, H, W), gradients = Values("gradients", N, C, H, W);
        if (positive) activations = activations.abs();
        float[] a = Floats(activations), g = Floats(gradients), actual = Floats(
            ClassActivationMaps.Get(name).Map(new LayerEvidence(activations, gradients)));
        double[][] Image(float[] values, int n) =>
            [.. Enumerable.Range(0, C).Select(c => values.Skip((n * C + c) * P).Take(P).Select(value => (double)value).ToArray())];
        for (int n = 0; n < N; n++)
        {
            double[] expected = slow(Image(a, n), Image(g, n));
            for (int p = 0; p < P; p++) Assert.Equal(expected[p], actual[n * P + p], 1e-4);
        }
    }

    private static Tensor Values(string purpose, params long[] shape)
    {
        var random = new CounterRandom(5, purpose, 0);
        return tensor([.. Enumerable.Range(0, (int)shape.Aggregate(1L, (x, y) => x * y)).Select(_ => (float)random.NextGaussian())], shape);
    }

    private static float[] Floats(Tensor values) => values.contiguous().data<float>().ToArray();
}
