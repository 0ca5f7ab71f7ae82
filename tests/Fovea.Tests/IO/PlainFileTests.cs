using System.Diagnostics;
using System.Net.Sockets;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.IO;
using Fovea.Models;
using Fovea.Tests.Models.Onnx;
using Xunit;

namespace Fovea.Tests.IO;

/// <summary>What is no plain file, in the place of networks, weights, arrays, images and tables: refused in a sentence, never waited for.</summary>
public sealed class PlainFileTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-plain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Names =>
        ["net.pt2", "net.onnx", "w.pth", "w.safetensors", "a.npy", "classes.txt", "images.tar", "images.parquet", "cat.jpg", "folder", "shards"];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Pipes_are_refused(string name) => Refused(name, "a named pipe", Pipe);

    [Theory]
    [MemberData(nameof(Names))]
    public Task Links_to_endless_devices_are_refused(string name) =>
        Refused(name, "a device", path => File.CreateSymbolicLink(path, "/dev/zero"));

    [Fact]
    public async Task Sockets_are_refused()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await Refused("net.onnx", "a socket", path => socket.Bind(new UnixDomainSocketEndPoint(path)));
    }

    [Fact]
    public async Task A_pipe_in_the_place_of_a_network_s_weights_is_refused()
    {
        string path = Path.Combine(_folder, "net.onnx");
        File.WriteAllBytes(path, SmallNets.WithWeight(SmallNets.Outside("w", "weights.bin", ("offset", "0"), ("length", "64"))));
        await Refused("net.onnx", "a named pipe", _ => Pipe(Path.Combine(_folder, "weights.bin")));
    }

    /// <summary>Reading them goes on as it did: empty files, links to files, and what is missing or a folder.</summary>
    [Fact]
    public void Everything_else_is_left_to_its_reader()
    {
        string file = Path.Combine(_folder, "file"), link = Path.Combine(_folder, "link"), gone = Path.Combine(_folder, "gone");
        File.WriteAllBytes(file, []);
        File.CreateSymbolicLink(link, file);
        Assert.Empty(PlainFile.ReadAllBytes(file));
        Assert.Empty(PlainFile.ReadAllText(link));
        Assert.Throws<FileNotFoundException>(() => PlainFile.OpenRead(gone));
        Assert.Equal("it is a folder", Assert.Throws<IOException>(() => PlainFile.OpenRead(_folder)).Message);
    }

    private async Task Refused(string name, string kind, Action<string> make)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "asks the kernel of Linux");
        string path = Path.Combine(_folder, name);
        if (name is "folder" or "shards")
        {
            foreach (string one in name == "folder" ? (string[])["cats/1.jpg", "dogs/2.png"] : ["a-000.tar", "a-001.tar"])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(path, one))!);
                make(Path.Combine(path, one));
            }
        }
        else
        {
            make(path);
        }
        // On a thread of its own: where the guard is missing it waits for ever.
        var opening = Task.Factory.StartNew(
            () => Open(path), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var e = await Assert.ThrowsAnyAsync<FoveaException>(() => opening.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Data, e.Kind);
        Assert.Contains($"is {kind}, no plain file", e.Message, StringComparison.Ordinal);
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
            case ".npy":
                NumpyFile.Read(path).Dispose();
                break;
            case ".txt":
                ClassTable.Read(path);
                break;
            default:
                using (IImageSource source = ImageSources.Open(path, new ImageSourceOptions { Unlabelled = true }))
                {
                    source.Read(0);
                }
                break;
        }
    }

    private static void Pipe(string path)
    {
        using Process made = Process.Start("mkfifo", [path]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }
}
