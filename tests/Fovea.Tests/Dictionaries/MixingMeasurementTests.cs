using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Dictionaries;

/// <summary>What a training says of its batches.</summary>
public sealed class MixingMeasurementTests : IDisposable
{
    private const int Images = 600, Positions = 16, ImagesOfShard = 50, Dimension = 8;
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-mixing-").FullName;

    public MixingMeasurementTests() => Write(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Where_all_fits_a_window_batches_are_those_of_a_shuffle()
    {
        using ActivationStore store = ActivationStore.Open(_root);
        var (training, _) = store.Draws("none");
        MixingQuality found = Measure(store, training, null);
        Assert.Equal((540, 12), (found.Images.Groups, found.Shards.Groups));
        Assert.Equal(found.Images.ShuffledEntropy, found.Images.Entropy, 0.005);
        Assert.Equal(found.Images.ShuffledCoverage, found.Images.Coverage, 0.02);
        Assert.InRange(found.Shards.Entropy, 0.98, 1);
        // 540 × 16 vectors in batches of 256: 33, all of which are looked at.
        Assert.Equal((0L, 33), (found.FirstStep, found.Batches));
    }

    [Fact]
    public void Smaller_windows_mix_less_and_it_is_what_a_slow_loop_finds()
    {
        using ActivationStore store = ActivationStore.Open(_root);
        var (training, _) = store.Draws("none");
        MixingQuality wide = Measure(store, training, null), narrow = Measure(store, training, 512);
        Assert.True(narrow.Images.Entropy < wide.Images.Entropy - 0.2, $"{narrow.Images.Entropy} {wide.Images.Entropy}");
        Assert.True(narrow.Images.Coverage < wide.Images.Coverage - 0.3, $"{narrow.Images.Coverage} {wide.Images.Coverage}");
        Assert.Equal(wide.Images.ShuffledEntropy, narrow.Images.ShuffledEntropy);
        var plan = new TrainingPlan(Options(512), training, Dimension);
        double images = 0, shards = 0;
        for (int step = 0; step < 33; step++)
        {
            var rows = new long[256];
            plan.RowsOf(step, rows);
            images += rows.Select(row => row / Positions).Distinct().Count() / 256.0 / 33;
            shards += Entropy(rows.GroupBy(row => row / (Positions * ImagesOfShard)).Select(same => same.Count())) / 33;
        }
        Assert.Equal(images, narrow.Images.Coverage, 1e-12);
        // 256 = 12 · 21 + 4; the shards are not equal, but each has more than 22.
        Assert.Equal(shards / Entropy([.. Enumerable.Repeat(21, 8), .. Enumerable.Repeat(22, 4)]), narrow.Shards.Entropy, 1e-12);
    }

    [Fact]
    public void The_report_of_a_training_says_it()
    {
        using ActivationStore store = ActivationStore.Open(_root);
        var (training, validation) = store.Draws("none");
        using TrainedAutoencoder trained = AutoencoderTrainer.Train(
            Options(512), store, training, validation, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Measure(store, training, 512), trained.Report.Mixing);
        // Vectors of no images have none.
        using TrainedAutoencoder other = AutoencoderTrainer.Train(
            Options(512), new Plain(store), training, validation, cancellation: TestContext.Current.CancellationToken);
        Assert.Null(other.Report.Mixing);
    }

    private static MixingQuality Measure(ActivationStore store, RowSet rows, int? window) =>
        MixingMeasurement.Of(new TrainingPlan(Options(window), rows, Dimension), rows, store)!;

    private static AutoencoderOptions Options(int? window) =>
        Sae.Of("topk", 2) with { LatentSize = 8, BatchSize = 256, Epochs = 1, MixingVectors = window };

    private static double Entropy(IEnumerable<int> counts)
    {
        double all = counts.Sum();
        return counts.Sum(count => -count / all * Math.Log(count / all));
    }

    private static void Write(string folder)
    {
        const int Rows = ImagesOfShard * Positions;
        var shards = new List<ActivationShard>();
        var random = new CounterRandom(1, "mixing", 0);
        for (int shard = 0; shard < Images / ImagesOfShard; shard++)
        {
            int first = shard * ImagesOfShard;
            string name = $"vectors-{shard:00000}.safetensors";
            int[] images = [.. Enumerable.Range(0, Rows).Select(row => first + row / Positions)];
            Safetensors.Write(Path.Combine(folder, name),
            [
                SafetensorsEntry.Of("vectors", Enumerable.Range(0, Rows * Dimension).Select(_ => (float)random.NextGaussian()).ToArray(), Rows, Dimension),
                SafetensorsEntry.Of("image", images, Rows),
                SafetensorsEntry.Of("position", new short[2 * Rows], Rows, 2),
                SafetensorsEntry.Of("label", new int[Rows], Rows),
            ], TensorSchema.Of(1));
            shards.Add(new ActivationShard(name, (long)shard * Rows, Rows));
        }
        DocumentFile.Write(Path.Combine(folder, ActivationManifest.FileName), new ActivationManifest
        {
            Layer = "layer",
            Channels = Dimension,
            Grid = [4, 4],
            Images = Images,
            Vectors = Images * Positions,
            Damaged = 0,
            Source = "numbers",
            Shards = shards,
            Filters = ["none"],
            Split = new ActivationSplit(1, 0.1, [.. Enumerable.Range(0, Images / 10).Select(i => 10 * i)]),
        });
    }

    private sealed class Plain(IVectorSource inner) : IVectorSource
    {
        public int Dimension => inner.Dimension;

        public long Count => inner.Count;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination) => inner.Read(rows, destination);
    }
}
