using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Dictionaries;

public sealed class GeometricMedianTests
{
    [Fact]
    public void It_is_the_point_that_a_slow_search_finds()
    {
        const int D = 4;
        var random = new CounterRandom(3, "test/median", 0);
        float[] vectors =
            [.. Enumerable.Range(0, 60 * D).Select(i => (float)(random.NextGaussian() * (1 + i % D) + random.NextDouble(0, 3)))];
        double[] found = GeometricMedian.Of(vectors, D, TestContext.Current.CancellationToken), slow = Search(vectors, D);
        for (int i = 0; i < D; i++) Assert.Equal(slow[i], found[i], 1e-6);
        Assert.Equal(found, GeometricMedian.Of(vectors, D, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Of_a_triangle_it_sees_every_side_under_120_degrees()
    {
        // Isosceles with its base on the axis: Fermat's point is h/√3 above the middle of a base of length 2h.
        double[] found = GeometricMedian.Of([-1, 0, 1, 0, 0, 2], 2, TestContext.Current.CancellationToken);
        Assert.Equal(0, found[0], 1e-8);
        Assert.Equal(1 / Math.Sqrt(3), found[1], 1e-8);
    }

    [Fact]
    public void Of_a_triangle_with_an_angle_above_120_degrees_it_is_that_corner()
    {
        double[] found = GeometricMedian.Of([-5, 0, 5, 0, 0, 0.5f], 2, TestContext.Current.CancellationToken);
        Assert.Equal(0, found[0], 1e-4);
        Assert.Equal(0.5, found[1], 1e-4);
    }

    [Theory]
    // On a line it is the median. The mean, where the search starts, is one of the numbers, and not the median.
    [InlineData(new float[] { -3, -2, -1, 0, 6 }, -1)]
    // More than half are the same.
    [InlineData(new float[] { 7, 7, 7, 0, 1 }, 7)]
    [InlineData(new float[] { 2, 2, 2 }, 2)]
    public void It_does_not_stop_at_a_vector_that_it_meets(float[] line, double median) =>
        Assert.Equal(median, GeometricMedian.Of(line, 1, TestContext.Current.CancellationToken)[0], 1e-3);

    [Fact]
    public void It_stays_where_enough_vectors_are_one_and_leaves_where_too_few_are()
    {
        // The mean, where the search starts, is 0 in both. Three of six hold it there against a pull of 1; one of five does not against a
        // pull of 2.
        Assert.Equal([0.0], GeometricMedian.Of([0, 0, 0, -3, 1, 2], 1, TestContext.Current.CancellationToken));
        Assert.Equal(-1, GeometricMedian.Of([-3, -2, -1, 0, 6], 1, TestContext.Current.CancellationToken)[0], 1e-6);
    }

    [Fact]
    public void A_few_vectors_far_away_move_the_mean_and_not_the_median()
    {
        const int D = 8, Rows = 1000;
        var random = new CounterRandom(5, "test/median", 0);
        var vectors = new float[Rows * D];
        for (int row = 0; row < Rows; row++)
            for (int i = 0; i < D; i++) vectors[row * D + i] = row % 20 == 0 ? 10_000 : 3 + (float)random.NextGaussian();
        double[] mean = new double[D];
        for (int i = 0; i < vectors.Length; i++) mean[i % D] += vectors[i] / (double)Rows;
        double[] found = GeometricMedian.Of(vectors, D, TestContext.Current.CancellationToken);
        Assert.All(mean, value => Assert.InRange(value, 400, 600));
        Assert.All(found, value => Assert.InRange(value, 2.7, 3.5));
    }

    [Theory]
    [InlineData(BiasStart.Mean)]
    [InlineData(BiasStart.Median)]
    [InlineData(BiasStart.Zero)]
    public void Training_starts_from_it(BiasStart start)
    {
        const int D = 5, Rows = 400;
        var random = new CounterRandom(8, "test/median", 0);
        // A skewed cloud, so that mean and median differ.
        float[] values = [.. Enumerable.Range(0, Rows * D).Select(i => (float)Math.Exp(random.NextGaussian() + i % D * 0.2))];
        long[] rows = [.. Enumerable.Range(0, Rows).Where(row => row % 7 != 0).Select(row => (long)row)];
        float[] used = [.. rows.SelectMany(row => values.AsSpan((int)row * D, D).ToArray())];
        double[] expected = start switch
        {
            BiasStart.Mean => [.. Enumerable.Range(0, D).Select(i => used.Where((_, at) => at % D == i).Average(value => (double)value))],
            BiasStart.Median => Search(used, D),
            _ => new double[D],
        };
        var options = Sae.TopK(3) with { LatentSize = 12, BiasStart = start, Epochs = 1, LearningRate = 1e-12 };
        using var trained = AutoencoderTrainer.Train(
            options, new ArrayVectors(values, D), rows, [], cancellation: TestContext.Current.CancellationToken);
        var bias = trained.Autoencoder.Parameters["b_dec"].data<float>();
        for (int i = 0; i < D; i++) Assert.Equal(expected[i], bias[i], 1e-5);
    }

    /// <summary>Walks along the axes as long as the sum of distances falls, in ever smaller steps.</summary>
    private static double[] Search(float[] vectors, int d)
    {
        var point = new double[d];
        double best = Sum(point);
        for (double step = 4; step > 1e-9; step /= 2)
        {
            bool better;
            do
            {
                better = false;
                for (int i = 0; i < d; i++)
                {
                    foreach (double change in (double[])[step, -step])
                    {
                        point[i] += change;
                        if (Sum(point) is var sum && sum < best) (best, better) = (sum, true);
                        else point[i] -= change;
                    }
                }
            }
            while (better);
        }
        return point;

        double Sum(double[] y)
        {
            double sum = 0;
            for (int row = 0; row < vectors.Length / d; row++)
            {
                double squares = 0;
                for (int i = 0; i < d; i++) squares += Math.Pow(vectors[row * d + i] - y[i], 2);
                sum += Math.Sqrt(squares);
            }
            return sum;
        }
    }
}
