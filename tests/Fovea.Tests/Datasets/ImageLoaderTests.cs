using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Datasets;

public sealed class ImageLoaderTests
{
    private static readonly Preprocessing Plain = new(null, 2, [0, 0, 0], [1 / 255f, 1 / 255f, 1 / 255f]);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    [InlineData(5, 2)]
    public void Images_come_in_order_whatever_the_workers(int workers, int queued)
    {
        using var source = new CountingSource(200);
        int[] order = new CounterRandom(1, "order", 0).Permutation(200);
        var loader = new ImageLoader(source, Plain, new LoaderOptions { BatchSize = 7, Workers = workers, QueuedBatches = queued });
        var seen = new List<int>();
        foreach (ImageBatch batch in loader.Load(order, TestContext.Current.CancellationToken))
        {
            Assert.Equal(batch.Indices.Select(index => index % 2), batch.Labels);
            for (int i = 0; i < batch.Count; i++)
                Assert.All(batch.Pixels.AsSpan(i * 12, 12).ToArray(), value => Assert.Equal(batch.Indices[i], value, 0.001f));
            seen.AddRange(batch.Indices);
        }
        Assert.Equal(order, seen);
        Assert.Equal(200, loader.Damage.Seen);
        Assert.Empty(loader.Damage.Damaged);
    }

    [Fact]
    public void A_transform_gets_the_images_own_counter()
    {
        using var source = new CountingSource(9);
        var loader = new ImageLoader(source, new ItemTransform(), new LoaderOptions { BatchSize = 4 });
        float[] items =
            [.. loader.Load([8, 0, 3, 5, 1], TestContext.Current.CancellationToken, itemOffset: 900)
                .SelectMany(batch => batch.Pixels.Where((_, i) => i % 3 == 0).Take(batch.Count))];
        Assert.Equal([908, 900, 903, 905, 901], items);
    }

    [Fact]
    public void Memory_is_bounded_and_workers_end_with_the_enumeration()
    {
        using var source = new CountingSource(10_000);
        var loader = new ImageLoader(source, Plain, new LoaderOptions { BatchSize = 10, Workers = 2, QueuedBatches = 3 });
        using (IEnumerator<ImageBatch> batches = loader.Load([.. Enumerable.Range(0, 10_000)], TestContext.Current.CancellationToken)
            .GetEnumerator())
        {
            Assert.Equal(0, source.Reads);
            Assert.True(batches.MoveNext());
            Thread.Sleep(50);
            // The batch in hand and three more.
            Assert.InRange(source.Reads, 10, 40);
        }
        int after = source.Reads;
        Thread.Sleep(30);
        Assert.Equal(after, source.Reads);
    }

    [Fact]
    public void Damaged_images_are_left_out_and_reported()
    {
        using var folder = new TestImages();
        using var source = new CountingSource(
            300, index => index is 3 or 250 ? new DamagedImageException($"image{index}", "a test") : null);
        var loader = new ImageLoader(source, Plain, new LoaderOptions { BatchSize = 8 });
        for (int epoch = 0; epoch < 2; epoch++)
        {
            int[] seen = [.. loader.Load([.. Enumerable.Range(0, 300)], TestContext.Current.CancellationToken).SelectMany(batch =>
            {
                for (int i = 0; i < batch.Count; i++) Assert.Equal((byte)batch.Indices[i], batch.Pixels[i * 12], 0.001f);
                return batch.Indices;
            })];
            Assert.Equal(Enumerable.Range(0, 300).Where(index => index is not (3 or 250)), seen);
        }
        Assert.Equal(600, loader.Damage.Seen);
        Assert.Equal(["image3", "image250"], loader.Damage.Damaged.Select(image => image.Id));
        string path = Path.Combine(folder.Root, "damaged.json");
        loader.Damage.Write(path);
        Assert.Contains("\"id\": \"image250\"", File.ReadAllText(path));
        Assert.Contains("\"why\": \"a test\"", File.ReadAllText(path));
    }

    [Theory]
    [InlineData(300, 3, false)]
    [InlineData(300, 4, true)]
    [InlineData(20, 1, false)]
    [InlineData(20, 2, true)]
    [InlineData(1, 1, true)]
    public void More_than_one_percent_damaged_stops_the_run(int count, int damaged, bool stops)
    {
        using var source = new CountingSource(
            count, index => index < damaged ? new DamagedImageException($"image{index}", "a test") : null);
        var loader = new ImageLoader(source, Plain, new LoaderOptions { BatchSize = 6 });
        void Run() => loader.Load([.. Enumerable.Range(0, count)], TestContext.Current.CancellationToken).Count();
        if (stops)
        {
            var error = Assert.Throws<FoveaException>(Run);
            Assert.Equal(FailureKind.Data, error.Kind);
            Assert.Contains("damaged", error.Message);
            Assert.Contains("image0 (a test)", error.Message);
        }
        else
        {
            Run();
            Assert.Equal(damaged, loader.Damage.Damaged.Count);
        }
    }

    [Fact]
    public void An_error_of_a_worker_reaches_the_reader_after_the_whole_batches_before_it()
    {
        using var source = new CountingSource(100, index => index == 57 ? new InvalidOperationException("broken") : null);
        var loader = new ImageLoader(source, Plain, new LoaderOptions { BatchSize = 10, Workers = 3, QueuedBatches = 9 });
        int batches = 0;
        var error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (ImageBatch batch in loader.Load([.. Enumerable.Range(0, 100)], TestContext.Current.CancellationToken)) batches++;
        });
        Assert.Equal("broken", error.Message);
        Assert.Equal(5, batches);
    }

    [Fact]
    public void Cancelling_ends_a_wait()
    {
        using var cancel = new CancellationTokenSource();
        using var source = new CountingSource(10, index =>
        {
            // A read that ends only after the cancellation, however late that comes.
            if (index > 3) cancel.Token.WaitHandle.WaitOne(TimeSpan.FromMinutes(1));
            return null;
        });
        var loader = new ImageLoader(source, Plain, new LoaderOptions { BatchSize = 2, Workers = 1 });
        using IEnumerator<ImageBatch> batches = loader.Load([.. Enumerable.Range(0, 10)], cancel.Token).GetEnumerator();
        Assert.True(batches.MoveNext());
        Assert.True(batches.MoveNext());
        cancel.CancelAfter(20);
        Assert.Throws<OperationCanceledException>(() => batches.MoveNext());
    }

    [Fact]
    public void Nothing_to_load_gives_no_batch_and_a_wrong_index_or_option_is_refused()
    {
        using var source = new CountingSource(5);
        var loader = new ImageLoader(source, Plain);
        Assert.Empty(loader.Load([], TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Load([5], TestContext.Current.CancellationToken));
        Assert.Equal(
            FailureKind.Configuration,
                Assert.Throws<FoveaException>(() => new ImageLoader(source, Plain, new LoaderOptions { BatchSize = 0 })).Kind);
    }

    /// <summary>Writes its item.</summary>
    private sealed class ItemTransform : IImageTransform
    {
        public (int Height, int Width) OutputSize => (1, 1);

        public void Apply(RgbImage image, long item, Span<float> destination) => destination.Fill(item);
    }
}
