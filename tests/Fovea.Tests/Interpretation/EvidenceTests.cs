using Fovea.Dictionaries;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation;

/// <summary>What the streaming pass says beside top examples, against slow loops over all values.</summary>
[Collection(TensorCounts.Name)]
public sealed class EvidenceTests
{
    private const int Images = 60, Height = 2, Width = 3, Classes = 4;
    private static readonly Preprocessing Input = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
    private static readonly UnitGroup Group = new("group", "layer", null);

    [Theory]
    [InlineData(true, 70)]
    [InlineData(false, 133)]
    public void Statistics_equal_slow_loops_whatever_the_batch(bool latents, int units)
    {
        float[] values = Values(units, latents);
        var first = Dense(values, units, latents, 60);
        foreach (int batch in new[] { 1, 7, 60 }) Same(first, Dense(values, units, latents, batch));
        foreach (int unit in new[] { 0, 5, units - 1 })
        {
            float[] own = [.. Enumerable.Range(0, Images * Height * Width).Select(row => values[row * units + unit])];
            float At(int image, int y, int x) => own[(image * Height + y) * Width + x];
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++)
                {
                    float[] column = [.. Enumerable.Range(0, Images).Select(image => At(image, y, x))];
                    Assert.Equal(column.Average(value => (double)value), first.Grid!.Mean(unit, y, x), 1e-9);
                    Assert.Equal(
                        column.Count(value => latents ? value > 0 : Math.Abs(value) > 0.1f) / (double)Images, first.Grid.Rate(unit, y, x),
                            1e-9);
                }
            }
            var means = Enumerable.Range(0, Classes)
                .Select(label => Enumerable.Range(0, Images).Where(image => Label(image) == label)
                    .Average(image => own.AsSpan(image * 6, 6).ToArray().Average(value => (double)value))).ToArray();
            for (int label = 0; label < Classes; label++) Assert.Equal(means[label], first.Classes!.Mean(unit, label), 1e-6);
            int top = Array.IndexOf(means, means.Max());
            double rest = means.Where((_, label) => label != top).Average(mean => Math.Max(0, mean));
            Assert.Equal(means[top] > 0 ? top : null, first.Classes!.TopClass(unit));
            if (means[top] > 0) Assert.Equal((means[top] - rest) / (means[top] + rest), first.Classes.Selectivity(unit)!.Value, 1e-6);
            else Assert.Null(first.Classes.Selectivity(unit));
            HistogramHolds(first.Histogram!, unit, own);
        }
    }

    [Fact]
    public void Histogram_edges_are_eighths_of_octaves_and_large_and_small_values_have_their_bins()
    {
        float[] values = [0, -0f, 1e-4f, 1, 1.124f, 1.125f, 3000, -1, -3000, -1.125f];
        var accumulator = new UnitAccumulator(1, false, 1, 1);
        accumulator.Add(values, [.. Enumerable.Range(0, values.Length)]);
        var histogram = accumulator.Finish(Group).Histogram!;
        Assert.Equal(3, histogram.Of(0)[161]); // the middle
        Assert.Equal(float.PositiveInfinity, histogram.Edges[^1]);
        Assert.Equal(1 / 1024f, histogram.Edges[162]);
        int one = Array.IndexOf([.. histogram.Edges], 1f);
        Assert.Equal((2L, 1L, 1L), (histogram.Of(0)[one], histogram.Of(0)[one + 1], histogram.Of(0)[^1]));
        Assert.Equal((1L, 1L, 1L), (histogram.Of(0)[322 - one], histogram.Of(0)[321 - one], histogram.Of(0)[0]));
        Assert.Equal(values.Length, histogram.Of(0).ToArray().Sum());
        Assert.InRange(histogram.Quantile(0, 1), 1024, 3000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Bands_and_random_positives_come_from_the_unit_s_own_active_images(bool latents)
    {
        const int units = 70;
        float[] values = Values(units, latents);
        var result = Dense(values, units, latents, 13);
        foreach (var unit in result.Units)
        {
            var active = Enumerable.Range(0, Images)
                .Select(image => (Image: image, Value: Enumerable.Range(image * 6, 6).Max(row => values[row * units + unit.Unit])))
                .Where(one => one.Value > (latents ? 0 : 0.1f)).OrderBy(one => one.Value).ThenBy(one => one.Image).ToArray();
            (int From, int To)[] bands = [(0, 50), (50, 75), (75, 90), (90, 99)];
            for (int band = 0; band < 4; band++)
            {
                int[] members =
                    [.. Enumerable.Range(0, active.Length)
                        .Where(rank => rank * 100.0 / active.Length >= bands[band].From && rank * 100.0 / active.Length < bands[band].To)];
                var set = unit.Others[band];
                Assert.Equal($"band-{bands[band].From}", set.Kind);
                Assert.Equal(Math.Min(3, members.Length), set.Examples.Count);
                Assert.Subset(
                    members.Select(rank => active[rank]).ToHashSet(), set.Examples.Select(example => (example.Image, example.Value))
                        .ToHashSet());
            }
            var random = unit.Others[4];
            Assert.Equal(
                ("random", Math.Min(3, active.Length)), (random.Kind, random.Examples.Select(example => example.Image).Distinct().Count()));
            foreach (var example in unit.Others.Take(5).SelectMany(set => set.Examples))
            {
                Assert.Contains((example.Image, example.Value), active);
                Assert.Equal(example.Value, values[(example.Image * 6 + example.Y * Width + example.X) * units + unit.Unit]);
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    public void Every_active_image_is_drawn_equally_often(int sample)
    {
        const int units = 4000, images = 12; // of which 10 activate every unit
        float[] values = [.. Enumerable.Range(0, images * units).Select(i => i / units is 4 or 9 ? 0f : 1f + i / units)];
        foreach (bool backwards in new[] { false, true })
        {
            var accumulator = new UnitAccumulator(units, true, 1, 1, new TopExamplesOptions { Sample = sample, Others = 3, Seed = 8 });
            foreach (int image in backwards ? Enumerable.Range(0, images).Reverse() : Enumerable.Range(0, images))
                accumulator.Add(values.AsSpan(image * units, units), [image]);
            var drawn = accumulator.Finish(Group).Units.SelectMany(unit => unit.Others[4].Examples).GroupBy(example => example.Image)
                .ToDictionary(group => group.Key, group => group.Count());
            Assert.Equal(10, drawn.Count);
            Assert.DoesNotContain(4, drawn.Keys);
            // 1,200 expected, standard deviation √(4000 · 0.3 · 0.7) = 29.
            Assert.All(drawn.Values, count => Assert.InRange(count, 1200 - 5 * 29, 1200 + 5 * 29));
        }
    }

    [Fact]
    public void Near_misses_are_images_of_the_top_class_that_leave_the_unit_off()
    {
        // Latent 0 is on for every image of class 2 but 6 and 14, and for image 3; latent 1 never.
        float[] values =
            [.. Enumerable.Range(0, Images)
                .SelectMany(image => Enumerable.Range(0, 6)
                    .SelectMany(p => new[] { p == 1 && image is not (6 or 14) && (Label(image) == 2 || image == 3) ? 2f : 0f, 0f }))];
        var result = Dense(values, 2, true, 9);
        var near = result.Units[0].Others[5];
        Assert.Equal("near", near.Kind);
        Assert.Equal([6, 14], near.Examples.Select(example => example.Image).Order());
        Assert.All(near.Examples, example => Assert.Equal((0f, Height / 2, Width / 2), (example.Value, example.Y, example.X)));
        Assert.Empty(result.Units[1].Others[5].Examples);

        // Of a neuron, the lowest.
        float[] neuron = [.. Enumerable.Range(0, Images).SelectMany(image => Enumerable.Repeat(Label(image) == 1 ? 5f + image : 1f, 6))];
        Assert.Equal([1, 5, 9], Dense(neuron, 1, false, 60).Units[0].Others[5].Examples.Select(example => example.Image));
    }

    [Theory]
    [InlineData("topk")]
    [InlineData("l1")]
    [InlineData("jumprelu")]
    public void Codes_give_what_their_dense_form_gives(string variant)
    {
        const int inputs = 24, latents = 150;
        using var autoencoder = Samples.Create(variant, inputs, latents, float32);
        using var vectors = Samples.Vectors(Images * Height * Width, inputs, float32);
        float[] x = vectors.data<float>().ToArray();
        using var stream = new CodeStream(autoencoder);
        var dense = new float[Images * Height * Width * latents];
        SparseCodes all = stream.Encode(x);
        for (int row = 0; row < all.RowCount; row++)
        {
            for (int e = (int)all.RowOffsets[row]; e < all.RowOffsets[row + 1]; e++) dense[row * latents + all.Latents[e]] = all.Values[e];
        }
        var expected = Dense(dense, latents, true, 11);
        Assert.Contains(expected.Units, unit => unit.Density is > 0 and < 0.5);
        foreach (int batch in new[] { 1, 8, 60 })
        {
            var accumulator = new UnitAccumulator(latents, true, Height, Width, Options());
            for (int start = 0; start < Images; start += batch)
            {
                int count = Math.Min(batch, Images - start);
                accumulator.Add(stream.Encode(x.AsSpan(start * 6 * inputs, count * 6 * inputs)), [.. Enumerable.Range(start, count)]);
            }
            Same(expected, accumulator.Finish(Group));
        }
    }

    [Fact]
    public void Observers_get_every_value_once_in_the_order_of_the_images()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        using var source = new NoisePictures(11);
        using var dictionary = Samples.Create("topk", 64, 90, float32);
        UnitGroup[] groups = [UnitGroup.Neurons("block2"), UnitGroup.Latents("block2", "topk", dictionary)];
        Recorder[] recorders = [new(), new()];
        var options =
            new TopExamplesOptions
            {
                BatchSize = 4,
                Observers = groups.Zip(recorders)
                .ToLookup(pair => pair.First, pair => (IUnitObserver)pair.Second)
            };
        var results = TopExamples.Collect(
            network.With(Input), groups, source, options, cancellationToken: TestContext.Current.CancellationToken);
        for (int g = 0; g < 2; g++)
        {
            int units = results[g].Units.Count;
            Assert.Equal(Enumerable.Range(0, 11), recorders[g].Images);
            Assert.Equal((results[g].Height, results[g].Width), recorders[g].Grid);
            Assert.Equal(11 * results[g].Height * results[g].Width * units, recorders[g].Values.Count);
            for (int unit = 0; unit < units; unit++)
            {
                double mean = Enumerable.Range(0, recorders[g].Values.Count / units)
                    .Average(row => (double)recorders[g].Values[row * units + unit]);
                Assert.Equal(results[g].Units[unit].Mean, mean, 1e-9);
            }
        }
        Assert.Equal(5, results[0].Classes!.Classes);

        TopExamples.Collect(network.With(Input), groups, source, options, cancellationToken: TestContext.Current.CancellationToken);
        long before = TensorCounts.Settled();
        TopExamples.Collect(network.With(Input), groups, source, options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(before, Tensor.TotalCount);
    }

    private static void HistogramHolds(ActivationHistogram histogram, int unit, float[] own)
    {
        float[] edges = [.. histogram.Edges], sorted = [.. own.Order()];
        for (int bin = 0; bin < histogram.Bins; bin++)
        {
            // A bin holds its edge nearer to zero.
            int count = own.Count(value => edges[bin] >= 0 ? value >= edges[bin] && value < edges[bin + 1]
                : edges[bin + 1] <= 0 ? value > edges[bin] && value <= edges[bin + 1] : value > edges[bin] && value < edges[bin + 1]);
            Assert.Equal(count, histogram.Of(unit)[bin]);
        }
        foreach (double share in new[] { 0, 0.1, 0.5, 0.9, 0.999, 1 })
        {
            float exact = sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
            Assert.InRange(histogram.Quantile(unit, share), exact - Math.Abs(exact) / 8 - 1e-3, exact + Math.Abs(exact) / 8 + 1e-3);
        }
        float[] active = [.. sorted.Where(value => Math.Abs(value) >= 1 / 1024f)];
        float middle = active[(int)Math.Ceiling(0.5 * active.Length) - 1];
        Assert.InRange(histogram.Quantile(unit, 0.5, activeOnly: true), middle - Math.Abs(middle) / 8, middle + Math.Abs(middle) / 8);
    }

    private static int Label(int image) => image % Classes;

    private static TopExamplesOptions Options() => new()
    {
        Seed = 5,
        Labels = new ImageLabels([.. Enumerable.Range(0, Images)], [.. Enumerable.Range(0, Images).Select(Label)], Classes),
    };

    private static GroupStatistics Dense(float[] values, int units, bool latents, int batch)
    {
        var accumulator = new UnitAccumulator(units, latents, Height, Width, Options());
        for (int start = 0; start < Images; start += batch)
        {
            int count = Math.Min(batch, Images - start), size = Height * Width * units;
            accumulator.Add(values.AsSpan(start * size, count * size), [.. Enumerable.Range(start, count)]);
        }
        return accumulator.Finish(Group);
    }

    /// <summary>Everything to the last bit.</summary>
    private static void Same(GroupStatistics expected, GroupStatistics actual)
    {
        Assert.Equal(expected.Images, actual.Images);
        foreach (var (one, other) in expected.Units.Zip(actual.Units))
        {
            Assert.Equal((one.Unit, one.Density, one.Mean, one.Maximum), (other.Unit, other.Density, other.Mean, other.Maximum));
            Assert.Equal(one.AllExamples.Select(set => set.Kind), other.AllExamples.Select(set => set.Kind));
            foreach (var (a, b) in one.AllExamples.Zip(other.AllExamples)) Assert.Equal(a.Examples, b.Examples);
        }
        Assert.Equal(expected.Histogram!.Counts.ToArray(), actual.Histogram!.Counts.ToArray());
        Assert.Equal(expected.Grid!.Means(), actual.Grid!.Means());
        Assert.Equal(expected.Grid.Rates(), actual.Grid.Rates());
        Assert.Equal(expected.Classes!.Means(), actual.Classes!.Means());
    }

    /// <summary>Continuous values in some units, few different ones (ties) in others; a few outliers.</summary>
    private static float[] Values(int units, bool latents)
    {
        var random = new CounterRandom(3, "evidence values", 0);
        var values = new float[Images * Height * Width * units];
        for (int i = 0; i < values.Length; i++)
        {
            double value = i % units % 2 == 0
                ? Math.Exp(random.NextGaussian() - 1) * random.NextGaussian() : (random.NextInt(21) - 12) * 0.11;
            values[i] = (float)(latents ? Math.Max(0, value) : value);
        }
        return values;
    }

    private sealed class Recorder : IUnitObserver
    {
        public List<float> Values { get; } = [];

        public List<int> Images { get; } = [];

        public (int, int) Grid { get; private set; }

        public void Add(ReadOnlySpan<float> values, int height, int width, ReadOnlySpan<int> images)
        {
            Values.AddRange(values);
            Images.AddRange(images);
            Grid = (height, width);
        }
    }
}
