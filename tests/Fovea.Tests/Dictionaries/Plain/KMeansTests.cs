using Fovea.Dictionaries.Plain;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class KMeansTests
{
    private const int Clusters = 12, Inputs = 10, Each = 80;

    // Centres about (20, …) with distance ≈ 9 from each other, points at 0.3 around them: no doubt about the clusters.
    private static readonly double[,] Centres = BaselineSamples.Matrix(
        Clusters, Inputs, "centres", random => 20 + 2 * random.NextGaussian());

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(1, 100)]
    [InlineData(2, 7)]
    public void Planted_clusters_are_found(int seed, int batch)
    {
        var source = Points();
        using var kmeans = KMeans.Fit(
            source, BaselineSamples.Rows(source),
                new BaselineOptions { LatentSize = Clusters, Seed = (ulong)seed, BatchRows = batch, SampleRows = 300 });
        Assert.True(kmeans.Converged);
        using var scope = NewDisposeScope();
        var distances = cdist(tensor(Centres), kmeans.Directions.to_type(ScalarType.Float64));
        var (nearest, which) = distances.min(1);
        Assert.Equal(Clusters, which.data<long>().ToArray().Distinct().Count());
        Assert.InRange(nearest.max().item<double>(), 0, 0.3);
        // The codes are the clusters: 80 points after each other.
        var owners = kmeans.Encode(BaselineSamples.Read(source)).Latents.ToArray();
        for (int cluster = 0; cluster < Clusters; cluster++) Assert.Single(owners.Skip(cluster * Each).Take(Each).Distinct());
    }

    [Fact]
    public void One_latent_is_active_and_the_error_is_the_distance()
    {
        var source = Points();
        using var kmeans = KMeans.Fit(source, BaselineSamples.Rows(source), new BaselineOptions { LatentSize = Clusters, K = 5 });
        var scores = BaselineSamples.Measure(kmeans, source).Scores;
        Assert.Equal(1, scores.L0);
        Assert.Equal(0, scores.DeadFraction);
        Assert.Equal(kmeans.MeanSquaredDistance, scores.Reconstruction, 3);
        Assert.InRange(scores.Reconstruction, 0.8 * Inputs * 0.09, 1.1 * Inputs * 0.09);
    }

    [Fact]
    public void As_many_centroids_as_vectors_leave_no_error()
    {
        var source = BaselineSamples.Oblique(30, 4);
        using var kmeans = KMeans.Fit(source, BaselineSamples.Rows(source), new BaselineOptions { LatentSize = 30 });
        Assert.InRange(BaselineSamples.Fvu(kmeans, source), 0, 1e-10);
    }

    [Fact]
    public void Equal_vectors_do_not_stop_it()
    {
        var source = new ArrayVectors([1, 1, 1, 1, 1, 1, 5, 5], 2);
        using var kmeans = KMeans.Fit(source, BaselineSamples.Rows(source), new BaselineOptions { LatentSize = 3 });
        Assert.Equal(0, BaselineSamples.Fvu(kmeans, source));
    }

    [Fact]
    public void Clusters_outside_the_sample_are_found_by_those_that_lost_theirs()
    {
        // 400 points at two places, one far away that the sample of two rows cannot both hold and seed.
        var values = Enumerable.Range(0, 400).Select(i => i < 399 ? i % 2 * 1e-3f : 100f).ToArray();
        var source = new ArrayVectors(values, 1);
        using var kmeans = KMeans.Fit(source, BaselineSamples.Rows(source), new BaselineOptions { LatentSize = 2, SampleRows = 2 });
        Assert.InRange(BaselineSamples.Fvu(kmeans, source), 0, 1e-6);
    }

    [Fact]
    public void Too_few_vectors_are_refused()
    {
        var source = BaselineSamples.Oblique(5, 3);
        Assert.Equal(
            FailureKind.Data,
                Assert.Throws<FoveaException>(
                    () => KMeans.Fit(source, BaselineSamples.Rows(source), new BaselineOptions { LatentSize = 6 })).Kind);
    }

    private static ArrayVectors Points()
    {
        var noise = BaselineSamples.Matrix(Clusters * Each, Inputs, "points", random => 0.3 * random.NextGaussian());
        for (int i = 0; i < noise.GetLength(0); i++)
            for (int j = 0; j < Inputs; j++) noise[i, j] += Centres[i / Each, j];
        return BaselineSamples.Source(noise);
    }
}
