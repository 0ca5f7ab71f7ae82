using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Numerics;

namespace Fovea.Tests.Training;

/// <summary>Small labelled noise pictures whose colour leans towards their class; some may be damaged.</summary>
internal sealed class MemorySource(int count, int classes = 3, int size = 64, ulong seed = 1, params int[] damaged) : IImageSource
{
    public string Description => "pictures in memory";

    public ClassList Classes { get; } = new(Enumerable.Range(0, classes).Select(i => new ClassInfo($"c{i}", $"class {i}")));

    public int Count => count;

    public string Fingerprint => $"{count}/{classes}/{size}/{seed}/{string.Join(",", damaged)}";

    public string Id(int index) => $"image{index:D4}";

    public int Label(int index) => index % classes;

    public RgbImage Read(int index)
    {
        if (damaged.Contains(index)) throw new DamagedImageException(Id(index), "made so");
        var random = new CounterRandom(seed, "memory", index);
        var pixels = new byte[size * size * 3];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)(random.NextInt(180) + (i % 3 == Label(index) % 3 ? 40 : 0));
        return new RgbImage(size, size, pixels);
    }

    public void Dispose()
    {
    }
}
