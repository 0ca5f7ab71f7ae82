using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Interpretation;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Activations;

[Collection(TensorCounts.Name)]
public sealed partial class HarvesterTests : IDisposable
{
    private static readonly Preprocessing Small = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-harvest-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Rows_are_the_layers_vectors_position_by_position()
    {
        using var network = Tiny();
        var source = new NoisePictures(7);
        Harvest(network, source, "a");
        using var store = ActivationStore.Open(Path.Combine(_root, "a", "block3"));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var taps = new Probe("block3") { Output = true };
        var pixels = new float[3 * 32 * 32];
        for (int image = 0; image < 7; image++)
        {
            Small.Apply(source.Read(image), 0, pixels);
            var expected = network.Forward(tensor(pixels, [1, 3, 32, 32]), taps)["block3"];
            for (int p = 0; p < store.Manifest.Positions; p++)
            {
                var row = store.Row(image * store.Manifest.Positions + p);
                var vector = expected[0, TensorIndex.Colon, p / store.Manifest.Grid[1], p % store.Manifest.Grid[1]].contiguous()
                    .data<float>().ToArray();
                for (int c = 0; c < vector.Length; c++) Assert.Equal(vector[c], row[c], 1e-4f);
            }
        }
    }

    [Fact]
    public void A_harvest_cut_off_anywhere_and_continued_gives_the_same_bytes()
    {
        using var network = Tiny();
        var source = new NoisePictures(23);
        Harvest(network, source, "whole");
        for (int stopAt = 1; stopAt <= 6; stopAt++)
        {
            using var cancel = new CancellationTokenSource();
            int calls = 0;
            var stopper = new Progress(_ =>
            {
                if (++calls == stopAt) cancel.Cancel();
            });
            Assert.ThrowsAny<OperationCanceledException>(() => Harvest(network, source, $"cut{stopAt}", stopper, cancel.Token));
            Harvest(network, source, $"cut{stopAt}");
            AssertSameFiles(Path.Combine(_root, "whole"), Path.Combine(_root, $"cut{stopAt}"));
        }
    }

    [Fact]
    public void The_split_is_by_image_and_the_same_for_every_filter()
    {
        using var network = Tiny();
        Harvest(network, new NoisePictures(30), "split");
        using var store = ActivationStore.Open(Path.Combine(_root, "split", "block4"));
        Assert.Equal(6, store.Manifest.Split.ValidationImages.Count); // a fifth of 30
        foreach (string filter in store.Manifest.Filters)
        {
            var (training, validation) = store.Draws(filter);
            int positions = store.Manifest.Positions;
            Assert.Equal(24 * positions, training.Count);
            Assert.Equal(6 * positions, validation.Count);
            Assert.Empty(training.Select(row => row / positions).Intersect(validation.Select(row => row / positions)));
            Assert.Equal(
                store.Manifest.Split.ValidationImages, validation.Select(row => store.Images[(int)(row / positions)]).Distinct().Order());
        }
    }

    [Fact]
    public void The_training_mean_leaves_held_out_images_aside()
    {
        using var network = Tiny();
        Harvest(network, new NoisePictures(30), "mean");
        using var store = ActivationStore.Open(Path.Combine(_root, "mean", "block4"));
        float[] mean = store.TrainingMean(TestContext.Current.CancellationToken);
        int positions = store.Manifest.Positions;
        long[] rows =
            [.. Enumerable.Range(0, (int)store.Count)
                .Where(row => !store.Manifest.Split.ValidationImages.Contains(store.Images[row / positions])).Select(row => (long)row)];
        Assert.Equal(24 * positions, rows.Length);
        for (int i = 0; i < store.Dimension; i++) Assert.Equal(rows.Average(row => (double)store.Row(row)[i]), mean[i], 1e-6);
    }

    [Fact]
    public void The_mean_of_some_images_is_that_of_their_rows()
    {
        using var network = Tiny();
        Harvest(network, new NoisePictures(9), "some");
        using var store = ActivationStore.Open(Path.Combine(_root, "some", "block4"));
        int[] wanted = [0, 3, 8];
        float[] mean = store.Mean(wanted.Contains, TestContext.Current.CancellationToken);
        int positions = store.Manifest.Positions;
        for (int i = 0; i < store.Dimension; i++)
            Assert.Equal(
                wanted.SelectMany(image => Enumerable.Range(image * positions, positions))
                    .Average(row => (double)store.Row(row)[i]), mean[i], 1e-6);
        Assert.Equal(
            FailureKind.Data, Assert.Throws<FoveaException>(() => store.Mean(_ => false, TestContext.Current.CancellationToken)).Kind);
    }

    [Fact]
    public void Without_a_filter_every_row_is_taken_once()
    {
        using var network = Tiny();
        Harvest(network, new NoisePictures(5), "none");
        using var store = ActivationStore.Open(Path.Combine(_root, "none", "block4"));
        var (training, validation) = store.Draws("none");
        Assert.Equal(Enumerable.Range(0, (int)store.Count).Select(i => (long)i), training.Concat(validation).Order());
    }

    [Fact]
    public void The_absence_of_a_filter_is_reported_and_compared_with_nothing()
    {
        using var network = Tiny();
        Harvest(network, new NoisePictures(5), "report");
        string folder = Path.Combine(_root, "report", "block4");
        var report = DocumentFile.Read<FilterReport>(Path.Combine(folder, "filters.json"));
        Assert.Equal(["none", "magnitude", "median", "gradcam"], report.Filters.Select(filter => filter.Name));
        Assert.Equal(0, report.Filters[0].AllZeroFraction);
        Assert.Equal(["magnitude", "median", "gradcam"], report.Compared);
        Assert.Equal((3, 3), (report.Cosine.Length, report.Spearman[0].Length));
    }

    [Fact]
    public void Native_memory_is_given_back()
    {
        using var network = Tiny();
        Harvest(network, new NoisePictures(5), "warm");
        long before = TensorCounts.Settled();
        Harvest(network, new NoisePictures(5), "counted");
        Assert.Equal(before, Tensor.TotalCount);
    }

    // Two shards then begin at one row: which of them a search finds depends on where they lie.
    [Theory]
    [InlineData(0, 4)]
    [InlineData(4, 8)]
    [InlineData(8, 16)]
    [InlineData(12, 20)]
    [InlineData(16, 20)]
    [InlineData(20, 24)]
    [InlineData(36, 40)]
    public void A_shard_whose_images_are_all_damaged_is_passed_over(int from, int to)
    {
        using var network = Tiny();
        Harvest(network, new Damaged(new NoisePictures(800), from..to), "hole", images: 40);
        using var whole = Open("hole");
        Assert.Equal(
            Enumerable.Range(0, 10)
                .Select(shard => 4 * shard >= from && 4 * shard < to ? 0L : 4),
                    whole.Manifest.Shards.Select(shard => (long)(shard.Rows / whole.Manifest.Positions)));
        Assert.Equal([.. Enumerable.Range(0, from), .. Enumerable.Range(to, 40 - to)], whole.Images);
        Harvest(network, new NoisePictures(800), "all", images: 40);
        using var all = Open("all");
        for (long row = 0; row < whole.Count; row++)
        {
            int image = whole.Images[(int)(row / whole.Manifest.Positions)];
            Assert.Equal(all.Row(image * (long)all.Manifest.Positions + row % all.Manifest.Positions).ToArray(), whole.Row(row).ToArray());
        }
        foreach (string filter in whole.Manifest.Filters)
        {
            var (training, validation) = whole.Draws(filter);
            Assert.Equal(whole.Count, training.Count + validation.Count);
            Assert.All(training, row => Assert.InRange(row, 0, whole.Count - 1));
        }
    }

    [Theory]
    [InlineData("images")]
    [InlineData("seed")]
    [InlineData("weights")]
    [InlineData("transform")]
    [InlineData("source")]
    public void Shards_of_another_harvest_are_refused(string what)
    {
        using var network = Tiny();
        string root = Path.Combine(_root, what);
        using var cancel = new CancellationTokenSource();
        var stopper = new Progress(progress => { if (progress.Images >= 12) cancel.Cancel(); });
        Assert.ThrowsAny<OperationCanceledException>(() => Harvest(network, new NoisePictures(32), what, stopper, cancel.Token));
        int[] images = [.. Enumerable.Range(what == "images" ? 1 : 0, 30)];
        if (what == "weights") network.Initialise(4);
        var transform = what == "transform" ? new Preprocessing(null, 32, [0.4f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]) : Small;
        IImageSource source = new NoisePictures(what == "source" ? 64 : 32);
        if (what != "images") images = [.. Enumerable.Range(0, 32)];
        var options = Options with { Seed = what == "seed" ? 2 : 1ul };
        var error = Assert.Throws<FoveaException>(() =>
            new Harvester(network.With(transform), source, options).Run(images, root, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("another harvest", error.Message, StringComparison.Ordinal);
        Assert.Contains("block3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 0.1, 1)]
    [InlineData(4, 0.1, 1)]
    [InlineData(3, 0.99, 2)]
    [InlineData(5, 0.0, 0)]
    [InlineData(1, 0.5, 0)]
    [InlineData(20, 0.1, 2)]
    public void A_fraction_above_0_holds_out_an_image_and_leaves_one(int count, double fraction, int heldOut)
    {
        using var network = Tiny();
        new Harvester(network.With(Small), new NoisePictures(count), Options with { ValidationFraction = fraction })
            .Run([.. Enumerable.Range(0, count)], Path.Combine(_root, "few"), cancellation: TestContext.Current.CancellationToken);
        using var store = Open("few");
        Assert.Equal(heldOut, store.Manifest.Split.ValidationImages.Count);
        Assert.Equal(heldOut, store.Draws("none").Validation.Count / store.Manifest.Positions);
    }

    [Fact]
    public void A_batch_that_no_array_holds_is_refused_before_any_image_is_read()
    {
        const int Many = 1_000_000;
        using var network = Tiny();
        var options = new HarvestOptions { Layers = ["block1"], BatchSize = Many };
        var error = Assert.Throws<FoveaException>(
            () => new Harvester(network.With(Small), new Damaged(new NoisePictures(Many), 0..Many), options)
            .Run([.. Enumerable.Range(0, Many)], Path.Combine(_root, "large"), cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("harvest in batches of", error.Message, StringComparison.Ordinal);
        // 32 KiB an image.
        Harvester.RequireBatch("block1", 32, 16 * 16, 65_535);
        Assert.Contains(
            "of 65535 or fewer", Assert.Throws<FoveaException>(() => Harvester.RequireBatch("block1", 32, 16 * 16, 65_536)).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_held_out_is_there()
    {
        using var network = Tiny();
        // All but two are damaged: whichever the seed draws, one of the two is held out.
        Harvest(network, new Damaged(new NoisePictures(1000), 2..12), "left", images: 12);
        using var store = Open("left");
        Assert.Equal(
            (1, 1), (store.Draws("none").Validation.Count / store.Manifest.Positions, store.Manifest.Split.ValidationImages.Count));
    }

    [Fact]
    public void A_store_knows_itself_by_its_vectors()
    {
        using var network = Tiny();
        Harvest(network, new NoisePictures(9), "one");
        Harvest(network, new NoisePictures(9), "same");
        network.Initialise(8);
        Harvest(network, new NoisePictures(9), "other");
        string?[] identities = [.. "one same other".Split(' ').Select(folder =>
        {
            using var store = Open(folder);
            return store.Identity;
        })];
        Assert.Matches("^[0-9a-f]{64}$", identities[0]);
        Assert.Equal(identities[0], identities[1]);
        Assert.NotEqual(identities[0], identities[2]);
        // A shard of another harvest under this manifest.
        File.Copy(Path.Combine(_root, "other", "block4", "vectors-00001.safetensors"),
            Path.Combine(_root, "same", "block4", "vectors-00001.safetensors"), overwrite: true);
        Assert.Contains("vectors-00001", Assert.Throws<FoveaException>(() => Open("same")).Message, StringComparison.Ordinal);
    }

    private ActivationStore Open(string folder) => ActivationStore.Open(Path.Combine(_root, folder, "block4"));

    private static HarvestOptions Options => new()
    {
        Layers = ["block3", "block4"],
        Filters = ["none", "magnitude", "median", "gradcam"],
        BatchSize = 4,
        ValidationFraction = 0.2,
        ShardBytes = 1, // one batch a shard
    };

    private void Harvest(
        ImageModel network, IImageSource source, string folder, IProgress<HarvestProgress>? progress = null,
            CancellationToken cancellation = default, int? images = null)
    {
        new Harvester(network.With(Small), source, Options).Run(
            [.. Enumerable.Range(0, images ?? source.Count)], Path.Combine(_root, folder), progress, cancellation);
    }

    private static ImageModel Tiny()
    {
        var network = ImageModel.Create("small_cnn", 5, GradientFlow.Modified);
        network.Initialise(3);
        return network;
    }

    internal static void AssertSameFiles(string expected, string actual)
    {
        string[] Names(string root) =>
            [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file)).Order()];
        Assert.Equal(Names(expected), Names(actual));
        foreach (string name in Names(expected))
            Assert.True(File.ReadAllBytes(Path.Combine(expected, name)).AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(actual, name))), name);
    }

    internal sealed class Progress(Action<HarvestProgress> report) : IProgress<HarvestProgress>
    {
        public void Report(HarvestProgress value) => report(value);
    }

    /// <summary>A source some of whose images cannot be decoded.</summary>
    internal sealed class Damaged(IImageSource inner, Range damaged) : IImageSource
    {
        public string Description => inner.Description;

        public ClassList Classes => inner.Classes;

        public int Count => inner.Count;

        public string Fingerprint => inner.Fingerprint;

        public string Id(int index) => inner.Id(index);

        public int Label(int index) => inner.Label(index);

        public RgbImage Read(int index) =>
            index >= damaged.Start.Value && index < damaged.End.Value
                ? throw new DamagedImageException(Id(index), "the file is empty") : inner.Read(index);

        public void Dispose() => inner.Dispose();
    }
}
