using System.Globalization;
using System.Text.Json;
using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Training;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models;
using Fovea.Tests.Interpretation;
using Xunit;

namespace Fovea.Tests.Activations;

/// <summary>Vectors in two bytes a number, and some positions of each image.</summary>
[Collection(TensorCounts.Name)]
public sealed class StorageTests : IDisposable
{
    private const int Images = 23, Kept = 3;
    private static readonly Preprocessing Small = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-storage-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(VectorStorage.Float16, "F16", "float16")]
    [InlineData(VectorStorage.BFloat16, "BF16", "bfloat16")]
    public void Rows_are_those_of_single_precision_rounded_and_the_error_is_theirs(VectorStorage storage, string type, string word)
    {
        using ActivationStore whole = Harvest("whole", Options), half = Harvest("half", Options with { Storage = storage });
        Assert.Equal((null, null), (whole.Manifest.Storage, whole.Manifest.StorageError));
        Assert.Equal((word, whole.Count), (half.Manifest.Storage, half.Count));
        double squared = 0, energy = 0;
        var read = new float[half.Dimension];
        for (long row = 0; row < whole.Count; row++)
        {
            half.Read([row], read);
            Assert.Equal(read, half.Row(row).ToArray());
            ReadOnlySpan<float> vector = whole.Row(row);
            for (int i = 0; i < read.Length; i++)
            {
                float expected = storage == VectorStorage.Float16 ? (float)(Half)vector[i] : Nearest(vector[i]);
                Assert.Equal(expected, read[i]);
                squared += Math.Pow((double)vector[i] - expected, 2);
                energy += Math.Pow(vector[i], 2);
            }
        }
        Assert.Equal(squared / energy, half.Manifest.StorageError!.Value, squared / energy * 1e-9);
        // A few parts in 2⁻¹² or 2⁻⁹, squared.
        Assert.InRange(half.Manifest.StorageError!.Value, storage == VectorStorage.Float16 ? 1e-9 : 1e-7, storage == VectorStorage.Float16 ? 6e-8 : 4e-6);
        using var shard = SafetensorsFile.Open(Path.Combine(_root, "half", "block3", half.Manifest.Shards[0].File));
        Assert.Equal(type, shard.Tensors[HarvestShard.Vectors].Type.SafetensorsName());
        // Draws are of the vectors before they are rounded.
        Assert.Equal(Bytes("whole", "draws/magnitude/draws-00000.safetensors")[^64..], Bytes("half", "draws/magnitude/draws-00000.safetensors")[^64..]);
    }

    [Fact]
    public void A_shard_that_became_shorter_under_way_is_said()
    {
        using ActivationStore store = Harvest("whole", Options);
        string shard = Path.Combine(_root, "whole", "block3", store.Manifest.Shards[0].File);
        using (var file = new FileStream(shard, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(4096);
        var read = new float[store.Dimension];
        var failure = Assert.Throws<FoveaException>(() => store.Read([store.Manifest.Shards[0].Rows - 1], read));
        Assert.Equal(FailureKind.Data, failure.Kind);
        Assert.Contains("shorter", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_read_in_any_order_and_beside_each_other()
    {
        using ActivationStore store = Harvest("whole", Options);
        long[] rows = [5, 6, 7, store.Count - 1, 0, 1, 1, 2, store.Manifest.Shards[0].Rows - 1, store.Manifest.Shards[0].Rows % store.Count, 3];
        var read = new float[rows.Length * store.Dimension];
        store.Expect(rows);
        store.Read(rows, read);
        for (int i = 0; i < rows.Length; i++) Assert.Equal(store.Row(rows[i]).ToArray(), read.AsSpan(i * store.Dimension, store.Dimension).ToArray());
    }

    [Fact]
    public void Single_precision_says_nothing_new()
    {
        string written = JsonSerializer.Serialize(Options with { KeepBy = null }, JsonFile.Options);
        Assert.DoesNotContain("storage", written, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("keep", written, StringComparison.OrdinalIgnoreCase);
        using ActivationStore whole = Harvest("whole", Options);
        string manifest = File.ReadAllText(Path.Combine(_root, "whole", "block3", ActivationManifest.FileName));
        Assert.DoesNotContain("storage", manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("kept", manifest, StringComparison.Ordinal);
        using var shard = SafetensorsFile.Open(Path.Combine(_root, "whole", "block3", "vectors-00000.safetensors"));
        Assert.Equal(["harvest", "schema", "sha256"], shard.Metadata.Keys.Order());
    }

    [Fact]
    public void Numbers_that_float16_cannot_hold_are_refused_and_bfloat16_is_named()
    {
        // A hundred million times as bright.
        var bright = new Preprocessing(null, 32, [0.5f, 0.5f, 0.5f], [1e-8f, 1e-8f, 1e-8f]);
        var error = Assert.Throws<FoveaException>(() => Harvest("bright", Options with { Storage = VectorStorage.Float16 }, bright));
        Assert.Equal(FailureKind.Numerical, error.Kind);
        Assert.Contains("block3", error.Message, StringComparison.Ordinal);
        Assert.Contains("bfloat16", error.Message, StringComparison.Ordinal);
        using ActivationStore store = Harvest("held", Options with { Storage = VectorStorage.BFloat16 }, bright);
        Assert.InRange(store.Manifest.StorageError!.Value, 1e-7, 4e-6);
    }

    [Fact]
    public void A_shard_of_another_type_than_the_manifest_says_is_refused()
    {
        Harvest("half", Options with { Storage = VectorStorage.Float16 }).Dispose();
        string path = Path.Combine(_root, "half", "block3", ActivationManifest.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"float16\"", "\"bfloat16\"", StringComparison.Ordinal));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => ActivationStore.Open(Path.GetDirectoryName(path)!)).Kind);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"bfloat16\"", "\"float8\"", StringComparison.Ordinal));
        Assert.Contains("float8", Assert.Throws<FoveaException>(() => ActivationStore.Open(Path.GetDirectoryName(path)!)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, VectorStorage.Float16)]
    [InlineData(Kept, VectorStorage.Float32)]
    [InlineData(Kept, VectorStorage.BFloat16)]
    public void A_harvest_cut_off_and_continued_gives_the_same_bytes(int keep, VectorStorage storage)
    {
        HarvestOptions options = Options with { Keep = keep, Storage = storage };
        Harvest("whole", options).Dispose();
        foreach (int stopAt in (int[])[1, 3, 5])
        {
            using var cancel = new CancellationTokenSource();
            int calls = 0;
            Assert.ThrowsAny<OperationCanceledException>(() => Harvest("cut", options, Small, new HarvesterTests.Progress(_ =>
            {
                if (++calls == stopAt) cancel.Cancel();
            }), cancel.Token));
        }
        Harvest("cut", options).Dispose();
        HarvesterTests.AssertSameFiles(Path.Combine(_root, "whole"), Path.Combine(_root, "cut"));
    }

    [Fact]
    public void Kept_rows_are_the_rows_of_their_places()
    {
        using ActivationStore all = Harvest("all", Options), kept = Harvest("kept", Options with { Keep = Kept });
        Assert.Equal(new StoredPositions(Kept, "magnitude"), kept.Manifest.Kept);
        Assert.Equal((long)Images * Kept, kept.Count);
        Assert.Equal(all.Images, kept.Images);
        for (int image = 0; image < Images; image++)
        {
            var places = new List<int>();
            for (int i = 0; i < Kept; i++)
            {
                var (y, x) = kept.PlaceOf((long)image * Kept + i);
                places.Add(y * kept.Manifest.Grid[1] + x);
                Assert.Equal(all.Row((long)image * all.Manifest.Positions + places[i]).ToArray(), kept.Row((long)image * Kept + i).ToArray());
            }
            Assert.Equal(places.Order().Distinct(), places);
            Assert.Equal(all.Labels[image], kept.Labels[image]);
        }
        // Maps are of all positions, also of filters that drew nothing.
        foreach (string filter in kept.Manifest.Filters) Assert.Equal(all.ScoreMaps(filter).SelectMany(map => map), kept.ScoreMaps(filter).SelectMany(map => map));
        Assert.Equal(Bytes("all", FilterReport.FileName), Bytes("kept", FilterReport.FileName));
        Assert.Equal(all.Manifest.Split.ValidationImages, kept.Manifest.Split.ValidationImages);
    }

    [Fact]
    public void What_is_kept_of_an_image_depends_on_the_seed_and_the_image_alone()
    {
        HarvestOptions options = Options with { Keep = Kept, Storage = VectorStorage.Float16 };
        using ActivationStore one = Harvest("one", options), large = Harvest("large", options with { BatchSize = 7, ShardBytes = 1 << 20 });
        using ActivationStore later = Harvest("later", options, images: [.. Enumerable.Range(5, 12)]), other = Harvest("other", options with { Seed = 2 });
        Assert.NotEqual(one.Manifest.Shards.Count, large.Manifest.Shards.Count);
        Assert.Equal(Places(one), Places(large));
        Assert.Equal(Places(one).Skip(5 * Kept).Take(12 * Kept), Places(later));
        Assert.NotEqual(Places(one), Places(other));
    }

    [Fact]
    public void Draws_are_the_rows_that_are_kept_and_no_others()
    {
        using ActivationStore kept = Harvest("kept", Options with { Keep = Kept, KeepBy = "median" });
        Assert.Equal("median", kept.Manifest.MainFilter);
        var (training, validation) = kept.Draws("median");
        Assert.Equal(Enumerable.Range(0, (int)kept.Count).Select(row => (long)row), training.Concat(validation).Order());
        Assert.Equal(kept.Manifest.Split.ValidationImages, validation.Select(row => kept.Images[(int)(row / Kept)]).Distinct().Order());
        var error = Assert.Throws<FoveaException>(() => kept.Draws("magnitude"));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("'median'", error.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => kept.RequireAllPositions("Heat maps need")).Kind);
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => Harvest("bad", Options with { Keep = 2, KeepBy = "active" })).Kind);
    }

    [Fact]
    public void The_mean_counts_each_vector_as_often_as_it_stands_for_others()
    {
        using ActivationStore kept = Harvest("kept", Options with { Keep = Kept });
        float[] mean = kept.Mean(image => image != 2, TestContext.Current.CancellationToken);
        var expected = new double[kept.Dimension];
        for (int shard = 0, first = 0; shard < kept.Manifest.Shards.Count; first += kept.Manifest.Shards[shard++].Rows)
        {
            using var draws = SafetensorsFile.Open(HarvestShard.DrawsPath(Path.Combine(_root, "kept", "block3"), "magnitude", shard));
            ReadOnlySpan<float> weights = draws.Span<float>(HarvestShard.Weight);
            Assert.Equal([.. Enumerable.Range(first, weights.Length).Select(row => (long)row)], draws.Span<long>(HarvestShard.DrawnRow).ToArray());
            for (int row = 0; row < weights.Length; row++)
            {
                if ((first + row) / Kept == 2) continue;
                for (int i = 0; i < expected.Length; i++) expected[i] += (double)weights[row] * kept.Row(first + row)[i] / ((Images - 1) * Kept);
            }
        }
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], mean[i], 1e-5);
        // All positions kept: the plain mean.
        using ActivationStore all = Harvest("all", Options), whole = Harvest("whole", Options with { Keep = 1000 });
        Assert.Equal(all.Mean(_ => true, TestContext.Current.CancellationToken), whole.Mean(_ => true, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Shards_made_apart_have_the_bytes_of_one_pass_where_images_are_damaged(int workers)
    {
        using ImageModel network = Network();
        IImageSource source = new HarvesterTests.Damaged(new NoisePictures(1000), 3..8);
        HarvestOptions options = Options with { Keep = Kept, Storage = VectorStorage.Float16 };
        int[] images = [.. Enumerable.Range(0, 43)];
        new Harvester(network.With(Small), source, options).Run(images, Path.Combine(_root, "whole"), cancellation: TestContext.Current.CancellationToken);
        for (int worker = workers - 1; worker >= 0; worker--)
        {
            using HarvestWork work = new Harvester(network.With(Small), source, options).Open(images, Path.Combine(_root, "parts"));
            var mine = new Queue<int>(Enumerable.Range(0, work.Shards).Where(shard => shard % workers == worker));
            work.Make(() => mine.TryDequeue(out int shard) ? shard : null, _ => true, (_, _) => { }, 0, null, TestContext.Current.CancellationToken);
        }
        using (HarvestWork joined = new Harvester(network.With(Small), source, options).Open(images, Path.Combine(_root, "parts")))
            joined.Finish(_ => null, _ => Assert.Fail("a shard is missing"));
        HarvesterTests.AssertSameFiles(Path.Combine(_root, "whole"), Path.Combine(_root, "parts"));
    }

    [Theory]
    [InlineData(0, VectorStorage.Float16)]
    [InlineData(Kept, VectorStorage.BFloat16)]
    public void Dictionaries_are_trained_on_it(int keep, VectorStorage storage)
    {
        using ActivationStore store = Harvest("store", Options with { Keep = keep, Storage = storage });
        using TrainedAutoencoder trained = store.Train(
            Sae.Of("topk", 4) with { LatentSize = 32, BatchSize = 16, Epochs = 2 },
            cancellation: TestContext.Current.CancellationToken);
        Assert.InRange(trained.Report.Validation!.Fvu, 0.001, 2);
    }

    private static float Nearest(float value)
    {
        if (value == 0) return 0;
        double step = Math.Pow(2, Math.Floor(Math.Log2(Math.Abs(value))) - 7);
        return (float)(Math.Round(value / step, MidpointRounding.ToEven) * step);
    }

    private static IEnumerable<string> Places(ActivationStore store) => [.. Enumerable.Range(0, (int)store.Count)
        .Select(row => string.Create(CultureInfo.InvariantCulture, $"{store.Images[row / Kept]}: {store.PlaceOf(row)}"))];

    private byte[] Bytes(string folder, string file) => File.ReadAllBytes(Path.Combine(_root, folder, "block3", file));

    private static HarvestOptions Options => new()
    {
        Layers = ["block3"],
        Filters = ["none", "magnitude", "median"],
        BatchSize = 4,
        ValidationFraction = 0.2,
        ShardBytes = 1, // one batch a shard
    };

    private ActivationStore Harvest(
        string folder, HarvestOptions options, Preprocessing? preprocessing = null, IProgress<HarvestProgress>? progress = null,
        CancellationToken cancellation = default, int[]? images = null)
    {
        using ImageModel network = Network();
        new Harvester(network.With(preprocessing ?? Small), new NoisePictures(Images), options).Run(
            images ?? [.. Enumerable.Range(0, Images)], Path.Combine(_root, folder), progress, cancellation);
        return ActivationStore.Open(Path.Combine(_root, folder, "block3"));
    }

    private static ImageModel Network()
    {
        var network = ImageModel.Create("small_cnn", 5, GradientFlow.Modified);
        network.Initialise(3);
        return network;
    }
}
