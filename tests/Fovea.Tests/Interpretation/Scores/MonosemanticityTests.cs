using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation;

[Collection(TensorCounts.Name)]
public sealed class MonosemanticityTests
{
    private const int Units = 6, Dimension = 7;

    [Theory]
    [InlineData(0f)]
    [InlineData(5000f)]
    public void One_pass_equals_the_loop_over_pairs_for_any_batches(float offset)
    {
        const int images = 300, positions = 4;
        float[] values = Values(images, positions, offset);
        ImageEmbeddings embeddings = Embeddings(images);
        var whole = Score(values, positions, embeddings, images);
        foreach (var score in whole)
        {
            double[] a = [.. Enumerable.Range(0, images)
                .Select(i => (double)Enumerable.Range(0, positions).Max(p => values[(i * positions + p) * Units + score.Unit]))];
            Assert.Equal(Pairs(a, embeddings, [.. Enumerable.Range(0, images)]), score.Score, offset == 0 ? 1e-12 : 1e-9);
        }
        Assert.Equal(4, whole.Count(score => double.IsFinite(score.Score)));
        Assert.True(double.IsNaN(whole[4].Score)); // constant
        Assert.True(double.IsNaN(whole[5].Score)); // one image alone: no pair
        foreach (int batch in new[] { 1, 7, 128 }) Assert.Equal(whole, Score(values, positions, embeddings, batch));
    }

    [Fact]
    public void Mean_and_deviation_of_shuffles_are_those_of_every_permutation()
    {
        const int images = 6;
        float[] values = Values(images, 1, 0.5f);
        ImageEmbeddings embeddings = Embeddings(images);
        var scores = Score(values, 1, embeddings, images);
        foreach (int unit in new[] { 0, 3 })
        {
            double[] a = [.. Enumerable.Range(0, images).Select(i => (double)values[i * Units + unit])];
            double[] all = [.. Permutations([.. Enumerable.Range(0, images)]).Select(order => Pairs(a, embeddings, order))];
            Assert.Equal(720, all.Length);
            Assert.Equal(all.Average(), scores[unit].Shuffled, 1e-9);
            Assert.Equal(Math.Sqrt(all.Average(one => (one - all.Average()) * (one - all.Average()))), scores[unit].Deviation, 1e-8);
            Assert.Equal((scores[unit].Score - all.Average()) / scores[unit].Deviation, scores[unit].Excess, 1e-6);
        }
    }

    [Fact]
    public void A_unit_for_one_kind_of_image_scores_1_and_one_for_unlike_images_0()
    {
        // Six images: three alike, three unlike one another and them.
        float[] vectors = [2, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1];
        var embeddings = new ImageEmbeddings([10, 11, 12, 13, 14, 15], vectors, 4);
        var scores = new Monosemanticity(2, embeddings);
        scores.Add([1, 0, 2, 0, 3, 0, 0, 1, 0, 2, 0, 3], 1, 1, [10, 11, 12, 13, 14, 15]);
        var result = scores.Finish();
        Assert.Equal(1, result[0].Score, 1e-7);
        Assert.Equal(0, result[1].Score, 1e-7);
        Assert.Equal(3.0 / 15, result[0].Shuffled, 1e-7);
        Assert.True(result[0].Excess > 1 && result[1].Excess < 0);
    }

    [Fact]
    public void Images_without_embedding_images_that_come_twice_and_NaN_are_refused()
    {
        var scores = new Monosemanticity(1, Embeddings(3));
        Assert.Contains("no embedding", Assert.Throws<FoveaException>(() => scores.Add([1], 1, 1, [3])).Message);
        scores.Add([1], 1, 1, [2]);
        Assert.Contains("twice", Assert.Throws<FoveaException>(() => scores.Add([1], 1, 1, [2])).Message);
        Assert.Equal(FailureKind.Numerical, Assert.Throws<FoveaException>(() => scores.Add([0, float.NaN], 1, 2, [1])).Kind);
        Assert.Throws<FoveaException>(() => scores.Finish());
        Assert.Throws<FoveaException>(() => new ImageEmbeddings([1, 1], [1, 2], 1));
        Assert.Throws<FoveaException>(() => new ImageEmbeddings([1], [1, 2], 1));
    }

    [Fact]
    public void Embeddings_are_the_pooled_last_map_and_memory_is_given_back()
    {
        var input = new Preprocessing(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        using var source = new NoisePictures(9);
        ImageEmbeddings Run() =>
            ImageEmbeddings.Compute(
                network.With(input), source, [1, 8, 3], batchSize: 2, cancellationToken: TestContext.Current.CancellationToken);
        ImageEmbeddings embeddings = Run();
        Assert.Equal([1, 8, 3], embeddings.Images);
        Assert.Equal(128, embeddings.Dimension);
        Score(new float[3 * Units], 1, embeddings, 3, [1, 8, 3]);
        long before = TensorCounts.Settled();
        Run();
        Score(new float[3 * Units], 1, embeddings, 3, [1, 8, 3]);
        Assert.Equal(before, Tensor.TotalCount);

        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.Eval();
        var taps = new Probe("block4");
        var pixels = new float[3 * 32 * 32];
        input.Apply(source.Read(8), 0, pixels);
        float[] pooled = network.Forward(tensor(pixels, [1, 3, 32, 32]), taps)["block4"].mean([2, 3]).data<float>().ToArray();
        double length = Math.Sqrt(pooled.Sum(value => (double)value * value));
        for (int k = 0; k < 128; k++) Assert.Equal(pooled[k] / length, embeddings.Units[128 + k], 1e-5);
    }

    /// <summary>Unit 0 dense, 1 and 2 rectified, 3 negative, 4 constant, 5 active on one image.</summary>
    private static float[] Values(int images, int positions, float offset)
    {
        var random = new CounterRandom(3, "monosemanticity", 0);
        var values = new float[images * positions * Units];
        for (int row = 0; row < images * positions; row++)
        {
            for (int unit = 0; unit < Units; unit++)
            {
                double draw = random.NextGaussian();
                values[row * Units + unit] = offset
                    + (float)(unit switch
                    {
                        0 => draw,
                        1 or 2 => Math.Max(0, draw - unit + 1),
                        3 => -Math.Abs(draw) - 1,
                        4 => 0.7,
                        _ => row == positions ? 1 : 0
                    });
            }
        }
        return values;
    }

    private static ImageEmbeddings Embeddings(int images)
    {
        var random = new CounterRandom(5, "embeddings", images);
        float[] values = [.. Enumerable.Range(0, images * Dimension).Select(_ => (float)(random.NextGaussian() + 0.6))];
        if (images > 10) Array.Clear(values, 2 * Dimension, Dimension); // a vector of zeros
        return new ImageEmbeddings([.. Enumerable.Range(0, images)], values, Dimension);
    }

    private static IReadOnlyList<MonosemanticityScore> Score(
        float[] values, int positions, ImageEmbeddings embeddings, int batch, int[]? numbers = null)
    {
        var scores = new Monosemanticity(Units, embeddings);
        int images = values.Length / positions / Units, size = positions * Units;
        numbers ??= [.. Enumerable.Range(0, images)];
        for (int start = 0; start < images; start += batch)
        {
            int count = Math.Min(batch, images - start);
            scores.Add(values.AsSpan(start * size, count * size), positions, 1, numbers.AsSpan(start, count));
        }
        Assert.Equal(images, scores.Images);
        return scores.Finish();
    }

    private static double Pairs(double[] a, ImageEmbeddings embeddings, int[] order)
    {
        double least = a.Min(), range = a.Max() - least, above = 0, below = 0;
        for (int i = 0; i < a.Length; i++)
        {
            for (int j = i + 1; j < a.Length; j++)
            {
                double weight = (a[i] - least) / range * (a[j] - least) / range, cosine = 0;
                for (int k = 0; k < Dimension; k++)
                    cosine += (double)embeddings.Units[order[i] * Dimension + k] * embeddings.Units[order[j] * Dimension + k];
                above += weight * cosine;
                below += weight;
            }
        }
        return above / below;
    }

    private static IEnumerable<int[]> Permutations(int[] items) => items.Length <= 1
        ? [items]
        : items.SelectMany(first => Permutations([.. items.Where(item => item != first)]).Select(rest => (int[])[first, .. rest]));
}
