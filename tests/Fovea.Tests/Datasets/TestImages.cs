using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Numerics;

namespace Fovea.Tests.Datasets;

/// <summary>Small datasets made for a test, in a folder that goes with it.</summary>
internal sealed class TestImages : IDisposable
{
    public TestImages() => Directory.CreateDirectory(Root);

    public string Root { get; } = Path.Combine(Path.GetTempPath(), "fovea-datasets-" + Guid.NewGuid().ToString("N"));

    public static byte[] Png(int seed, int width = 8, int height = 8)
    {
        var random = new CounterRandom((ulong)seed, "test image", 0);
        var pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt(256);
        return ImageCodec.EncodePng(new RgbImage(width, height, pixels));
    }

    public string Write(string name, byte[] content)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>Pictures of one colour each, some of which fail; id and label are made from the index.</summary>
internal sealed class CountingSource(int count, Func<int, Exception?>? fails = null) : IImageSource
{
    private int _reads;

    public int Reads => _reads;

    public string Description => "a test source";

    public ClassList Classes { get; } = new([new ClassInfo("even", "even"), new ClassInfo("odd", "odd")]);

    public int Count => count;

    public string Fingerprint => $"test{count}";

    public string Id(int index) => $"image{index}";

    public int Label(int index) => index % 2;

    public RgbImage Read(int index)
    {
        Interlocked.Increment(ref _reads);
        if (fails?.Invoke(index) is { } error) throw error;
        var pixels = new byte[12];
        Array.Fill(pixels, (byte)index);
        return new RgbImage(2, 2, pixels);
    }

    public void Dispose()
    {
    }
}
