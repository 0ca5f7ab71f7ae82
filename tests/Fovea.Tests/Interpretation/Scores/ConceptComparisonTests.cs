using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation;

[Collection(TensorCounts.Name)]
public sealed class ConceptComparisonTests
{
    private static readonly Preprocessing Input = new(null, 64, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);

    private static readonly ConceptOptions Options = new() { Images = 30, BatchSize = 7, MinimumPositives = 5 };

    [Fact]
    public void Neurons_latents_and_random_directions_are_scored_at_their_own_positions()
    {
        using var network = Make();
        using var source = new ShapesWorldSource("test", 48, 5);
        using var dictionary = Samples.Create("topk", 64, 40, float32);
        UnitGroup[] groups = [UnitGroup.Neurons("block2"), UnitGroup.Latents("block2", "topk", dictionary)];
        IReadOnlyList<ConceptSummary> Run() =>
            ConceptComparison.Run(network.With(Input), groups, source, Options, cancellationToken: TestContext.Current.CancellationToken);
        var summaries = Run();
        Assert.Equal(
            [("neurons", 64), ("topk", 40), ("random-40", 40), ("random-64", 64)],
                summaries.Select(summary => (summary.Name, summary.Units)));
        long before = TensorCounts.Settled();
        Assert.Equal(summaries.Select(summary => summary.Means), Run().Select(summary => summary.Means));
        Assert.Equal(before, Tensor.TotalCount);

        // The same by another way: images one by one, every value by hand.
        var (vectors, height, width) = Vectors(network, source);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor rows = tensor(vectors).reshape(-1, 64);
        Tensor[] values = [rows, dictionary.EncodeDense(rows)];
        for (int g = 0; g < 2; g++)
        {
            foreach (var coverage in summaries[g].PerConcept.Where(one => one.Unit >= 0))
            {
                int concept = ShapesWorldConcept.All.Select(one => one.Name).ToList().IndexOf(coverage.Concept);
                bool[] shown =
                    [.. Enumerable.Range(0, 30)
                        .SelectMany(image =>
                            ShapesWorldConcept.ToGrid(ShapesWorldConcept.All[concept].Mask(source.Truth(image)), height, width)
                    .Select(share => share >= ConceptTruth.DefaultShare))];
                float[] own = values[g].select(1, coverage.Unit).contiguous().data<float>().ToArray();
                Assert.Equal(shown.Average(one => one ? 1.0 : 0), coverage.Prevalence, 1e-9);
                Assert.Equal(BestF1(own, shown), coverage.F1, 0.01); // rounding of the batched kernels may part equal values
            }
        }
        Assert.True(summaries[0].PerConcept.Count(one => one.Unit >= 0) > 20);
    }

    [Fact]
    public void Random_directions_are_rectified_projections_about_the_mean()
    {
        double[] mean = [1, -2, 0.5];
        using var directions = RandomCodes.Draw(mean, 4, 9);
        using var scope = NewDisposeScope();
        Tensor d = stack(
            [.. Enumerable.Range(0, 3).Select(c => directions.Values(Shifted(mean, c, 1)) - directions.Values(Shifted(mean, c, -1)))]);
        Assert.Equal(0, directions.Values(Shifted(mean, 0, 0)).abs().max().item<float>(), 1e-6);
        float[] lengths = d.square().sum([0L]).sqrt().data<float>().ToArray();
        Assert.All(lengths, length => Assert.Equal(1, length, 1e-5)); // max(0, d) − max(0, −d) = d
        Assert.True(directions.Values(Shifted(mean, 0, 3)).min().item<float>() >= 0);
        using var more = RandomCodes.Draw(mean, 7, 9);
        Assert.Equal(
            directions.Values(Shifted(mean, 1, 2)).data<float>().ToArray(), more.Values(Shifted(mean, 1, 2)).data<float>().ToArray()[..4]);
    }

    [Fact]
    public void Vectors_too_many_to_keep_are_read_again_and_are_the_same()
    {
        using var network = Make();
        using var source = new ShapesWorldSource("test", 48, 5);
        int[] images = [3, 1, 40, 7, 8, 9, 10];
        using var kept = Passes(LayerPasses.MostKeptBytes);
        using var again = Passes(1000);
        foreach (string layer in (string[])["block2", "block3"])
        {
            Assert.Equal(kept.Shape(layer), again.Shape(layer));
            Assert.Equal(kept.Mean(layer), again.Mean(layer));
            List<float> one = [], two = [];
            List<int> order = [];
            kept.ForEach(layer, (vectors, _) => one.AddRange(vectors.data<float>().ToArray()));
            again.ForEach(layer, (vectors, some) =>
            {
                two.AddRange(vectors.data<float>().ToArray());
                order.AddRange(some);
            });
            Assert.Equal(one, two);
            Assert.Equal(images, order);
            var (channels, height, width) = kept.Shape(layer);
            Assert.Equal(images.Length * height * width * channels, one.Count);
            for (int c = 0; c < channels; c++)
                Assert.Equal(one.Where((_, i) => i % channels == c).Average(value => (double)value), kept.Mean(layer)[c], 1e-9);
        }
        Assert.Equal((1, 3), (kept.Forwards, again.Forwards));

        LayerPasses Passes(long bytes) =>
            new(network.With(Input), ["block2", "block3"], source, images, 3, null, TestContext.Current.CancellationToken, bytes);
    }

    [Fact]
    public void Only_the_images_that_are_named_are_looked_at()
    {
        using var network = Make();
        using var source = new ShapesWorldSource("test", 48, 5);
        ConceptSummary Of(ShapesWorldSource images, IReadOnlyList<int>? among) =>
            ConceptComparison.Run(network.With(Input), [UnitGroup.Neurons("block2")], images,
            Options with { Images = 20, Among = among, RandomDirections = false },
                cancellationToken: TestContext.Current.CancellationToken)[0];
        Assert.Equal(Of(source, null).Means, Of(source, [.. Enumerable.Range(0, 20)]).Means);
        Assert.NotEqual(Of(source, null).Means, Of(source, [.. Enumerable.Range(20, 28)]).Means);
    }

    [Fact]
    public void A_preprocessing_that_cuts_is_refused()
    {
        using var network = Make();
        using var source = new ShapesWorldSource("test", 8, 5);
        var cut = new Preprocessing(72, 64, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
        Assert.Equal(
            FailureKind.Configuration,
                Assert.Throws<FoveaException>(() => ConceptComparison.Run(network.With(cut), [UnitGroup.Neurons("block2")], source)).Kind);
        Assert.Equal(FailureKind.Configuration,
            Assert.Throws<FoveaException>(
                () => ConceptComparison.Run(network.With(Input), [UnitGroup.Neurons("block2")], source, Options with { Share = 0 })).Kind);
    }

    private static Tensor Shifted(double[] mean, int component, double by)
    {
        double[] vector = [.. mean];
        vector[component] += by;
        return tensor([.. vector.Select(value => (float)value)], [1, 3]);
    }

    private static double BestF1(float[] values, bool[] shown) => values.Distinct().Max(t =>
        2.0 * values.Zip(shown)
            .Count(pair => pair.First >= t && pair.Second) / (values.Count(value => value >= t) + shown.Count(one => one)));

    private static (float[] Vectors, int Height, int Width) Vectors(ImageModel network, ShapesWorldSource source)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.Eval();
        var taps = new Probe("block2");
        var all = new List<float>();
        var pixels = new float[3 * 64 * 64];
        long[] shape = [];
        for (int i = 0; i < 30; i++)
        {
            Input.Apply(source.Read(i), 0, pixels);
            Tensor map = network.Forward(tensor(pixels, [1, 3, 64, 64]), taps)["block2"];
            shape = map.shape;
            all.AddRange(map.permute(0, 2, 3, 1).contiguous().data<float>().ToArray());
        }
        return ([.. all], (int)shape[2], (int)shape[3]);
    }

    private static ImageModel Make()
    {
        ImageModel network = ImageModel.Create("small_cnn", 24, GradientFlow.Standard);
        network.Initialise(4);
        return network;
    }
}
