using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Xunit;

namespace Fovea.Tests.IO;

/// <summary>Pointers of Git LFS in the place of networks, weights and data.</summary>
public sealed class LfsPointerTests : IDisposable
{
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\n"
        + "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 46838023\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-lfs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Names =>
        ["net.pt2", "net.onnx", "w.pth", "w.safetensors", "images.tar", "images.parquet", "cat.jpg", "folder", "shards"];

    [Theory]
    [MemberData(nameof(Names))]
    public void They_are_said_to_be_pointers_and_what_to_do(string name)
    {
        string path = Path.Combine(_folder, name);
        if (name is "folder" or "shards")
        {
            foreach (string one in name == "folder" ? (string[])["cats/1.jpg", "dogs/2.png"] : ["a-000.tar", "a-001.tar"])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(path, one))!);
                File.WriteAllText(Path.Combine(path, one), Pointer);
            }
        }
        else
        {
            File.WriteAllText(path, Pointer);
        }
        var e = Assert.ThrowsAny<FoveaException>(() => Open(path));
        Assert.Equal(FailureKind.Data, e.Kind);
        Assert.Contains("pointer of Git LFS", e.Message, StringComparison.Ordinal);
        Assert.Contains("git lfs pull", e.Message, StringComparison.Ordinal);
    }

    private static void Open(string path)
    {
        switch (Path.GetExtension(path))
        {
            case ".pt2" or ".onnx":
                NetworkFile.Open(path).Dispose();
                break;
            case ".pth":
                StateDict.Load(path).Dispose();
                break;
            case ".safetensors":
                SafetensorsFile.Open(path).Dispose();
                break;
            default:
                using (IImageSource source = ImageSources.Open(path, new ImageSourceOptions { Unlabelled = true }))
                {
                    source.Read(0);
                }
                break;
        }
    }

    [Fact]
    public void Small_files_that_are_none_are_left_to_their_readers()
    {
        string path = Path.Combine(_folder, "w.pth");
        File.WriteAllText(path, "version 1");
        Assert.DoesNotContain("LFS", Assert.Throws<FoveaException>(() => StateDict.Load(path)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "LFS", Assert.Throws<DamagedImageException>(() => ImageCodec.Decode("version 1"u8, "x")).Message, StringComparison.Ordinal);
    }
}
