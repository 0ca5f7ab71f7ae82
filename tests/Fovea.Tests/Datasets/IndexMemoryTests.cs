using Fovea.Datasets;
using Parquet.Serialization;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>What is kept of images that are not read: names, classes and places. Measured alone, since the memory is the process's.</summary>
[Collection(TensorCounts.Name)]
public sealed class IndexMemoryTests
{
    private const int Classes = 20, Each = 500;

    [Theory]
    [InlineData("tar", 700)]
    [InlineData("parquet", 500)]
    public async Task An_image_takes_a_name_and_a_place_until_it_is_read(string kind, double most)
    {
        using var files = new ImageNetFiles();
        // Pictures of 20 kB: were they kept, they would be 200 MB.
        string path = kind == "tar" ? Tar(files) : await Table(files);
        long before = Settled();
        using IImageSource source = ImageSources.Open(path);
        long after = Settled();
        double each = (after - before) / (double)source.Count;
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {each:0} bytes an image");
        Assert.Equal(Classes * Each, source.Count);
        // No lower bound: pools of the runtime may give memory back in between.
        Assert.True(each < most, $"{each:0} bytes an image");
        // Reading them all keeps no more than the pages read last.
        for (int i = 0; i < source.Count; i += 7) Assert.Equal(20_000, source.Stored(i)!.Length);
        Assert.InRange(Settled() - after, long.MinValue, PageCache.MostBytes + (32 << 20));
    }

    private static string Tar(ImageNetFiles files)
    {
        byte[] content = Content(0);
        return files.Tar("big.tar", Enumerable.Range(0, Classes).Select(c => ($"n{c:D8}.tar", ImageNetFiles.TarOf(
            [.. Enumerable.Range(0, Each).Select(i => ($"n{c:D8}_{i}.JPEG", content))]))));
    }

    private static async Task<string> Table(ImageNetFiles files)
    {
        string path = files.Path("big.parquet");
        await using FileStream file = File.Create(path);
        await ParquetSerializer.SerializeAsync(Enumerable.Range(0, Classes * Each).Select(i => new Row { image = Content(i), label = i % Classes }),
            file, new Parquet.ParquetOptions { CompressionMethod = Parquet.CompressionMethod.None, RowGroupSize = 500 });
        return path;
    }

    private static byte[] Content(int i)
    {
        var bytes = new byte[20_000];
        new Random(i).NextBytes(bytes);
        return bytes;
    }

    /// <summary>What is in use, once nothing more is given back: what other tests left is collected late.</summary>
    private static long Settled()
    {
        TensorCounts.Settled();
        long last = long.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            GC.WaitForPendingFinalizers();
            long now = GC.GetTotalMemory(forceFullCollection: true);
            if (last - now < 1 << 16) return now;
            last = now;
        }
        return last;
    }

#pragma warning disable IDE1006 // The columns of a table.
    private sealed class Row
    {
        public byte[] image { get; set; } = [];

        public int label { get; set; }
    }
#pragma warning restore IDE1006
}
