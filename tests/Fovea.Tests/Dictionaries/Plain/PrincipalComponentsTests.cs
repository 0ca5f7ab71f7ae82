using Fovea.Dictionaries.Plain;
using Xunit;

namespace Fovea.Tests.Dictionaries;

public sealed class PrincipalComponentsTests
{
    [Fact]
    public void A_rectangle_has_its_axes()
    {
        // (±3, 0), (0, ±1) about (10, −2), turned by 30°: variances 9/2 and 1/2 along the turned axes.
        double c = Math.Cos(Math.PI / 6), s = Math.Sin(Math.PI / 6);
        var source = new ArrayVectors(
            [.. new (double X, double Y)[] { (3, 0), (-3, 0), (0, 1), (0, -1) }.SelectMany(
                p => new[] { (float)(10 + c * p.X - s * p.Y), (float)(-2 + s * p.X + c * p.Y) })], 2);
        using var pca = PrincipalComponents.Fit(source, BaselineSamples.Rows(source));
        Assert.Equal(4.5, pca.Eigenvalues[0], 5);
        Assert.Equal(0.5, pca.Eigenvalues[1], 5);
        Assert.Equal(0.9, pca.ExplainedVariance(1), 6);
        var directions = pca.Directions.data<float>().ToArray();
        Assert.Equal([c, s], directions[..2].Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([-s, c], directions[2..].Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([10f, -2f], pca.Offset!.data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void Eigenvalues_are_those_of_the_covariance_whatever_the_mean(double shift)
    {
        var source = BaselineSamples.Oblique(500, 6, shift);
        var (values, vectors) = Jacobi(Covariance(source));
        using var pca = PrincipalComponents.Fit(source, BaselineSamples.Rows(source), new BaselineOptions { BatchRows = 64 });
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(1, pca.Eigenvalues[i] / values[i], 8);
            double cosine = Enumerable.Range(0, 6).Sum(j => pca.Directions[i, j].item<float>() * vectors[j, i]);
            Assert.Equal(1, Math.Abs(cosine), 6);
        }
    }

    [Fact]
    public void All_directions_reconstruct_exactly()
    {
        var source = BaselineSamples.Oblique(300, 8, 50);
        using var pca = PrincipalComponents.Fit(source, BaselineSamples.Rows(source));
        Assert.InRange(BaselineSamples.Fvu(pca, source), 0, 1e-10);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void First_directions_explain_the_sum_of_their_eigenvalues(int latents)
    {
        var source = BaselineSamples.Oblique(300, 8, 2);
        using var pca = PrincipalComponents.Fit(
            source, BaselineSamples.Rows(source), new BaselineOptions { LatentSize = latents, BatchRows = 100 });
        Assert.Equal(8, pca.Eigenvalues.Count);
        Assert.Equal(pca.ExplainedVariance(latents), BaselineSamples.Measure(pca, source).Scores.ExplainedVariance, 6);
    }

    [Fact]
    public void The_k_largest_coefficients_are_the_best_k()
    {
        var source = BaselineSamples.Oblique(300, 8, 2);
        long[] rows = BaselineSamples.Rows(source);
        using var first = PrincipalComponents.Fit(source, rows, new BaselineOptions { LatentSize = 2 });
        using var largest = PrincipalComponents.Fit(source, rows, new BaselineOptions { K = 2 });
        var scores = BaselineSamples.Measure(largest, source).Scores;
        Assert.Equal(2, scores.L0);
        Assert.InRange(scores.Fvu, 1e-6, BaselineSamples.Fvu(first, source));
    }

    [Fact]
    public void More_directions_than_components_are_refused()
    {
        var source = BaselineSamples.Oblique(20, 4);
        long[] rows = BaselineSamples.Rows(source);
        Assert.Equal(
            FailureKind.Configuration,
                Assert.Throws<FoveaException>(() => PrincipalComponents.Fit(source, rows, new BaselineOptions { LatentSize = 5 })).Kind);
        Assert.Equal(
            FailureKind.Configuration,
                Assert.Throws<FoveaException>(
                    () => PrincipalComponents.Fit(source, rows, new BaselineOptions { LatentSize = 3, K = 4 })).Kind);
    }

    private static double[,] Covariance(ArrayVectors source)
    {
        using var x = BaselineSamples.Read(source);
        var values = x.data<float>().ToArray();
        int d = source.Dimension, count = (int)source.Count;
        double[] mean = [.. Enumerable.Range(0, d).Select(i => Enumerable.Range(0, count).Average(row => (double)values[row * d + i]))];
        var covariance = new double[d, d];
        for (int row = 0; row < count; row++)
            for (int i = 0; i < d; i++)
                for (int j = 0; j < d; j++) covariance[i, j] += (values[row * d + i] - mean[i]) * (values[row * d + j] - mean[j]) / count;
        return covariance;
    }

    /// <summary>Cyclic Jacobi: eigenvalues falling, eigenvectors as columns.</summary>
    private static (double[] Values, double[,] Vectors) Jacobi(double[,] a)
    {
        int n = a.GetLength(0);
        var v = new double[n, n];
        for (int i = 0; i < n; i++) v[i, i] = 1;
        for (int sweep = 0; sweep < 50; sweep++)
            for (int p = 0; p < n; p++)
                for (int q = p + 1; q < n; q++)
                {
                    if (a[p, q] == 0) continue;
                    double theta = (a[q, q] - a[p, p]) / (2 * a[p, q]), t =
                        (theta < 0 ? -1 : 1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
                    double c = 1 / Math.Sqrt(t * t + 1), s = t * c;
                    for (int k = 0; k < n; k++) (a[k, p], a[k, q]) = (c * a[k, p] - s * a[k, q], s * a[k, p] + c * a[k, q]);
                    for (int k = 0; k < n; k++) (a[p, k], a[q, k]) = (c * a[p, k] - s * a[q, k], s * a[p, k] + c * a[q, k]);
                    for (int k = 0; k < n; k++) (v[k, p], v[k, q]) = (c * v[k, p] - s * v[k, q], s * v[k, p] + c * v[k, q]);
                }
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => a[i, i])];
        var sorted = new double[n, n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) sorted[j, i] = v[j, order[i]];
        return ([.. order.Select(i => a[i, i])], sorted);
    }
}
