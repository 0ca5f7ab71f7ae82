using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation;

[Collection(TensorCounts.Name)]
public sealed class TopExamplesTests
{
    private static readonly Preprocessing Input = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);

    [Theory]
    [InlineData(true, 70, 3, 2)]
    [InlineData(false, 70, 3, 2)]
    [InlineData(true, 5, 1, 1)]
    [InlineData(false, 131, 2, 5)]
    public void Streaming_equals_a_full_sort(bool latents, int units, int height, int width)
    {
        const int images = 40, kept = 6;
        float[] values = Values(images * height * width * units, latents);
        var group = new UnitGroup("group", "layer", null);
        var expected = FullSort(values, images, height, width, units, kept, latents);
        foreach (int batch in new[] { 1, 7, 40 })
        {
            var accumulator = new UnitAccumulator(units, latents, height, width, new TopExamplesOptions { Examples = kept });
            for (int start = 0; start < images; start += batch)
            {
                int count = Math.Min(batch, images - start), size = height * width * units;
                accumulator.Add(values.AsSpan(start * size, count * size), [.. Enumerable.Range(start, count)]);
            }
            Same(expected, accumulator.Finish(group).Units, 1e-6);
        }
    }

    [Fact]
    public void Nothing_depends_on_the_order_of_images_where_values_are_equal()
    {
        float[] values = [1, 1, 1, 1, 2, 1];
        var forwards = new UnitAccumulator(1, false, 1, 1, new TopExamplesOptions { Examples = 3 });
        forwards.Add(values, [0, 1, 2, 3, 4, 5]);
        var backwards = new UnitAccumulator(1, false, 1, 1, new TopExamplesOptions { Examples = 3 });
        backwards.Add(values, [5, 3, 2, 1, 4, 0]);
        var group = UnitGroup.Neurons("layer");
        Assert.Equal([4, 0, 1], forwards.Finish(group).Units[0].Examples.Select(example => example.Image));
        Assert.Equal([4, 0, 1], backwards.Finish(group).Units[0].Examples.Select(example => example.Image));
    }

    [Fact]
    public void A_NaN_names_its_unit()
    {
        var accumulator = new UnitAccumulator(3, false, 1, 2);
        var error = Assert.Throws<FoveaException>(() => accumulator.Add(new[] { 0, 1, 2, 0, float.NaN, 2 }, [0]));
        Assert.Equal(FailureKind.Numerical, error.Kind);
        Assert.Contains("Unit 1", error.Message);
    }

    [Fact]
    public void One_pass_over_images_serves_several_layers_and_dictionaries()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        var (channels, height, width) = Shape(network, "block3");
        network.Train();
        using var topk = Samples.Create("topk", channels, 60, float32);
        using var l1 = Samples.Create("l1", channels, 33, float32);
        using var source = new NoisePictures(23);
        UnitGroup[] groups =
            [UnitGroup.Neurons("block2"), UnitGroup.Neurons("block3"), UnitGroup.Latents("block3", "topk", topk),
                UnitGroup.Latents("block3", "l1", l1)];
        var options = new TopExamplesOptions { Examples = 4, BatchSize = 5 };
        var results = TopExamples.Collect(
            network.With(Input), groups, source, options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(network.Training);
        Assert.Equal([23, 23, 23, 23], results.Select(result => result.Images));

        float[] vectors = Vectors(network, source, "block3");
        for (int g = 1; g < 4; g++)
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            Tensor rows = tensor(vectors).reshape(-1, channels);
            float[] values = (groups[g].Autoencoder?.EncodeDense(rows) ?? rows).contiguous().data<float>().ToArray();
            var expected = FullSort(values, 23, height, width, values.Length / (23 * height * width), 4, groups[g].IsDictionary);
            Same(expected, results[g].Units, 1e-4);
        }

        Assert.Equal(
            FailureKind.Configuration,
                Assert.Throws<FoveaException>(
                    () => TopExamples.Collect(new ArrayVectors(vectors, channels), height, width, [.. Enumerable.Range(0, 23)],
            groups[1..], options with { BatchSize = 0 })).Kind);
        // The same from stored activations.
        var stored = TopExamples.Collect(
            new ArrayVectors(vectors, channels), height, width, [.. Enumerable.Range(0, 23)], groups[1..], options with { BatchSize = 4 },
            cancellationToken: TestContext.Current.CancellationToken);
        for (int g = 0; g < 3; g++) Same(results[g + 1].Units, stored[g].Units, 1e-4);
    }

    [Fact]
    public void A_chosen_part_of_the_images_keeps_its_indices_and_memory_is_given_back()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        using var source = new NoisePictures(12);
        var options = new TopExamplesOptions { Examples = 3, BatchSize = 2, Images = [3, 4, 9] };
        TopExamples.Collect(
            network.With(Input), [UnitGroup.Neurons("block2")], source, options, cancellationToken: TestContext.Current.CancellationToken);
        long before = TensorCounts.Settled();
        var result = TopExamples.Collect(
            network.With(Input), [UnitGroup.Neurons("block2")], source, options,
                cancellationToken: TestContext.Current.CancellationToken)[0];
        Assert.Equal(before, Tensor.TotalCount);
        Assert.All(result.Units, unit => Assert.Equal([3, 4, 9], unit.Examples.Select(example => example.Image).Order()));
    }

    [Fact]
    public void A_dictionary_of_another_layer_and_a_half_finished_store_are_refused()
    {
        using var dictionary = Samples.Create("topk", 7, 20, float32);
        using var source = new NoisePictures(2);
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        Assert.Contains(
            "another layer",
                Assert.Throws<FoveaException>(
                    () => TopExamples.Collect(network.With(Input), [UnitGroup.Latents("block2", "d", dictionary)], source)).Message);
        Assert.Equal(
            FailureKind.Data,
                Assert.Throws<FoveaException>(
                    () => TopExamples.Collect(new ArrayVectors(new float[21], 7), 2, 2, [0], [UnitGroup.Neurons("x")])).Kind);
    }

    private static float[] Values(int count, bool latents)
    {
        var random = new CounterRandom(3, "values", 0);
        var values = new float[count];
        // Few different values: ties everywhere.
        for (int i = 0; i < count; i++) values[i] = (latents ? Math.Max(0, random.NextInt(40) - 33) : random.NextInt(21) - 10) * 0.11f;
        return values;
    }

    private static UnitStatistics[] FullSort(float[] values, int images, int height, int width, int units, int kept, bool latents)
    {
        int positions = height * width;
        return
        [
            .. Enumerable.Range(0, units).Select(unit =>
            {
                float At(int image, int p) => values[(image * positions + p) * units + unit];
                float[] all =
                    [.. Enumerable.Range(0, images).SelectMany(image => Enumerable.Range(0, positions).Select(p => At(image, p)))];
                var best = Enumerable.Range(0, images).Select(image =>
                {
                    int hottest = Enumerable.Range(0, positions).OrderByDescending(p => At(image, p))
                        .First(); // stable: the first of equals
                    float sum = 0;
                    for (int p = 0; p < positions; p++) sum += At(image, p);
                    return new TopExample(image, At(image, hottest), hottest / width, hottest % width) { Mean = sum / positions };
                });
                TopExample[] sorted =
                    [.. best.Where(example => !latents || example.Value > 0).OrderByDescending(example => example.Value)
                        .ThenBy(example => example.Image).Take(kept)];
                double density = all.Average(value => latents ? (value > 0 ? 1.0 : 0) : Math.Abs(value) > 0.1 ? 1.0 : 0);
                return new UnitStatistics(unit, density, all.Average(value => (double)value), all.Max(), sorted);
            }),
        ];
    }

    private static void Same(IReadOnlyList<UnitStatistics> expected, IReadOnlyList<UnitStatistics> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int u = 0; u < expected.Count; u++)
        {
            Assert.Equal(expected[u].Unit, actual[u].Unit);
            Assert.Equal(expected[u].Density, actual[u].Density, 1e-2);
            Assert.Equal(expected[u].Mean, actual[u].Mean, tolerance);
            Assert.Equal(expected[u].Maximum, actual[u].Maximum, tolerance);
            Assert.Equal(expected[u].Examples.Count, actual[u].Examples.Count);
            for (int e = 0; e < expected[u].Examples.Count; e++)
            {
                TopExample want = expected[u].Examples[e], have = actual[u].Examples[e];
                Assert.Equal(want.Value, have.Value, tolerance);
                if (tolerance < 1e-5) Assert.Equal(want, have); // exact values: places and ties too
            }
        }
    }

    private static (int Channels, int Height, int Width) Shape(ImageModel network, string layer)
    {
        using var scope = NewDisposeScope();
        var taps = new Probe(layer);
        long[] shape = network.Forward(zeros(1, 3, 32, 32), taps)[layer].shape;
        return ((int)shape[1], (int)shape[2], (int)shape[3]);
    }

    private static float[] Vectors(ImageModel network, NoisePictures source, string layer)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.Eval();
        var taps = new Probe(layer);
        var all = new List<float>();
        var pixels = new float[3 * 32 * 32];
        for (int i = 0; i < source.Count; i++)
        {
            Input.Apply(source.Read(i), 0, pixels);
            all.AddRange(
                network.Forward(tensor(pixels, [1, 3, 32, 32]), taps)[layer].permute(0, 2, 3, 1).contiguous().data<float>().ToArray());
        }
        return [.. all];
    }
}
