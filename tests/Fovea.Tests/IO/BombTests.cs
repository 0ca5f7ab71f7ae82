using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Models;
using Fovea.Tests.Checkpoints;
using Fovea.Tests.Datasets;
using Fovea.Tests.Shared;
using Parquet.Serialization;
using Xunit;

namespace Fovea.Tests.IO;

/// <summary>
/// Small files that unfold to large ones, or lie deep in themselves: each is refused within a second and within 64 times its bytes or 16 MB.
/// Pictures: <c>ImageFormatTests</c>.
/// </summary>
public sealed class BombTests : IDisposable
{
    private const int Unfolded = 64 << 20, Depth = 200_000;
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-bombs-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("weights.pth", "net/data.pkl")]
    [InlineData("weights.pth", "net/data/0")]
    [InlineData("net.pt2", "net/models/model.json")]
    public void A_zip_that_unfolds(string name, string large)
    {
        string path = Path.Combine(_root, name);
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
        {
            (string, byte[])[] parts = name.EndsWith("pt2", StringComparison.Ordinal) ? [.. SmallPrograms.Classifier().Parts()]
                : [("data.pkl", Encoding.Latin1.GetBytes(StreamFile.StateDict(StreamFile.TensorCode("0", 4, "")))), ("data/0", new byte[16])];
            foreach ((string part, byte[] bytes) in parts)
            {
                bool bomb = "net/" + part == large;
                using Stream stream = zip.CreateEntry("net/" + part, bomb ? CompressionLevel.Optimal : CompressionLevel.NoCompression).Open();
                if (bomb) Zeros(stream);
                else stream.Write(bytes);
            }
        }
        Refused(path, () =>
        {
            if (name.EndsWith("pt2", StringComparison.Ordinal)) NetworkFile.Open(path).Dispose();
            else StateDict.Load(path).Dispose();
        });
    }

    [Fact]
    public void A_description_of_classes_that_unfolds()
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) Zeros(zlib);
        byte[] meta = [.. new byte[124], 0, 1, .. "IM"u8, 15, 0, 0, 0, .. BitConverter.GetBytes((int)packed.Length), .. packed.ToArray()];
        Refused(Written("meta.mat", meta), () => GroundTruth.OfDevkit(meta, "1\n"u8.ToArray(), "devkit"));
    }

    [Fact]
    public void A_description_of_classes_that_is_packed_twice()
    {
        byte[] packed = Element([.. new byte[64]]);
        byte[] meta = [.. new byte[124], 0, 1, .. "IM"u8, .. Element(packed)];
        var told = Assert.Throws<FoveaException>(() => GroundTruth.OfDevkit(meta, "1\n"u8.ToArray(), "devkit"));
        Assert.Contains("a compressed element holds another", told.Message, StringComparison.Ordinal);

        static byte[] Element(byte[] content)
        {
            using var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(content);
            return [15, 0, 0, 0, .. BitConverter.GetBytes((int)packed.Length), .. packed.ToArray()];
        }
    }

    [Theory]
    [InlineData("meta.mat")]
    [InlineData("ILSVRC2012_validation_ground_truth.txt")]
    [InlineData("readme.txt")]
    public void A_devkit_that_unfolds(string name)
    {
        string path = Path.Combine(_root, GroundTruthFiles.Devkit);
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Optimal))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "data/" + name) { DataStream = new MemoryStream(new byte[Unfolded + 1]) });
        using var images = new TestImages();
        using var folder = new FolderTree(images.Root);
        Refused(path, () => GroundTruthFiles.Find(folder, path));
    }

    /// <summary>Gzip, as the other codecs, unfolds a page to a thousand times its bytes; images are no such pages.</summary>
    [Fact]
    public void A_page_that_unfolds()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) Zeros(gzip);
        byte[] bytes = packed.ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<FormatException>(() => PageCodec.Unpack(2, bytes, Unfolded));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 << 20);
    }

    /// <summary>Rows without a value take no bytes: a file of a few kilobytes holds millions.</summary>
    [Fact]
    public async Task A_table_of_nothing()
    {
        const int Rows = 5_000_000;
        string path = Path.Combine(_root, "images.parquet");
        using (FileStream file = File.Create(path)) await ParquetSerializer.SerializeAsync(Enumerable.Repeat(new Empty(), Rows), file);
        Refused(path, () => ParquetTree.OfFile(path).Dispose());
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void Text_that_lies_deep_in_itself(char open, char close)
    {
        string inner = open == '{' ? "{\"a\":" : "[", deep = string.Concat(Enumerable.Repeat(inner, Depth)) + "1" + new string(close, Depth);
        Refused(Written("classes.json", Encoding.UTF8.GetBytes(deep)), () => ClassTable.Read(Path.Combine(_root, "classes.json")));
        Refused(Written("run.json", Encoding.UTF8.GetBytes($"{{\"schema\":1,\"x\":{deep}}}")),
            () => DocumentFile.Read<RunRecord>(Path.Combine(_root, "run.json")));
        byte[] header = Encoding.UTF8.GetBytes($"{{\"x\":{deep}}}");
        Refused(Written("w.safetensors", [.. BitConverter.GetBytes((long)header.Length), .. header]),
            () => SafetensorsFile.Open(Path.Combine(_root, "w.safetensors")).Dispose());
    }

    private sealed class Empty
    {
        public byte[]? image { get; set; }
    }

    private static void Zeros(Stream stream)
    {
        var block = new byte[1 << 20];
        for (int i = 0; i < Unfolded; i += block.Length) stream.Write(block);
    }

    private string Written(string name, byte[] bytes)
    {
        string path = Path.Combine(_root, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void Refused(string path, Action read)
    {
        // The first time compiles.
        Assert.Throws<FoveaException>(read);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var e = Assert.Throws<FoveaException>(read);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), $"{clock.Elapsed}");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Math.Max(16 << 20, 64 * new FileInfo(path).Length));
        Assert.Equal(FailureKind.Data, e.Kind);
    }
}
