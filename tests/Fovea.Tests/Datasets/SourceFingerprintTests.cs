using System.Formats.Tar;
using Fovea.Datasets;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>A source is told from another by what is in its files, as far as reading them is affordable.</summary>
public sealed class SourceFingerprintTests : IDisposable
{
    private readonly TestImages _images = new();

    public void Dispose() => _images.Dispose();

    [Fact]
    public void One_image_replaced_at_equal_size_and_date_changes_it()
    {
        string path = Folder();
        string before = Fingerprint(_images.Root);
        Assert.Equal(before, Fingerprint(_images.Root));
        Replace(path);
        Assert.NotEqual(before, Fingerprint(_images.Root));
    }

    [Fact]
    public void And_so_it_does_in_a_tar()
    {
        string path = Folder(), tar = Path.Combine(Path.GetTempPath(), $"fovea-{Guid.NewGuid():N}.tar");
        try
        {
            TarFile.CreateFromDirectory(_images.Root, tar, includeBaseDirectory: false);
            string before = Fingerprint(tar);
            Replace(path);
            TarFile.CreateFromDirectory(_images.Root, tar + "2", includeBaseDirectory: false);
            Assert.Equal(new FileInfo(tar).Length, new FileInfo(tar + "2").Length);
            Assert.NotEqual(before, Fingerprint(tar + "2"));
        }
        finally
        {
            File.Delete(tar);
            File.Delete(tar + "2");
        }
    }

    /// <summary>What a run does not read need not be the same; what it reads must.</summary>
    [Fact]
    public void A_subset_is_of_its_own_images()
    {
        string path = Folder();
        string Of(params int[] indices)
        {
            using var subset = new SubsetSource(ImageSources.Open(_images.Root), indices);
            return subset.Fingerprint;
        }
        string without = Of(1, 2), with = Of(0, 1);
        Assert.NotEqual(with, without);
        Replace(path);
        Assert.Equal(without, Of(1, 2));
        Assert.NotEqual(with, Of(0, 1));
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(99, 99)]
    [InlineData(7, 7)]
    [InlineData(0, 0)]
    public void Of_a_large_source_as_many_files_are_read_as_are_affordable(int affordable, int read)
    {
        var source = new StoredSource(100);
        string first = SourceFingerprint.Of(source, affordable * StoredSource.FileBytes);
        Assert.Equal(read, source.Files.Distinct().Count());
        int[] chosen = [.. source.Files.Order()];
        source.Files.Clear();
        Assert.Equal(first, SourceFingerprint.Of(source, affordable * StoredSource.FileBytes));
        Assert.Equal(chosen, source.Files.Order());
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_found_when_it_is_needed_not_before()
    {
        var source = new StoredSource(5) { Unreadable = 3 };
        Assert.NotEqual(SourceFingerprint.Of(new StoredSource(5)), SourceFingerprint.Of(source));
    }

    private static string Fingerprint(string path)
    {
        using var source = ImageSources.Open(path);
        return source.Fingerprint;
    }

    /// <summary>Three images of two classes; the path of the first.</summary>
    private string Folder()
    {
        string first = _images.Write("a/0.png", TestImages.Png(1));
        _images.Write("a/1.png", TestImages.Png(2));
        _images.Write("b/0.png", TestImages.Png(3));
        return first;
    }

    /// <summary>One byte of the file is another; its size and dates stay.</summary>
    private static void Replace(string path)
    {
        DateTime written = File.GetLastWriteTimeUtc(path);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^20] ^= 0x55;
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, written);
    }

    /// <summary>Files in memory, and which of them were read.</summary>
    private sealed class StoredSource(int count) : IImageSource
    {
        public const int FileBytes = 10;

        public List<int> Files { get; } = [];

        public int Unreadable { get; init; } = -1;

        public string Description => "files in memory";

        public ClassList Classes { get; } = new([new ClassInfo("one", "one")]);

        public int Count => count;

        public string Fingerprint => throw new NotSupportedException();

        public string Id(int index) => $"{index:D3}";

        public int Label(int index) => 0;

        public long? Size(int index) => FileBytes;

        public byte[] Stored(int index)
        {
            if (index == Unreadable) throw FoveaException.BadData("unreadable");
            Files.Add(index);
            return [.. Enumerable.Repeat((byte)index, FileBytes)];
        }

        public RgbImage Read(int index) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
