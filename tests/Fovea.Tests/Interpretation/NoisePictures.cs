using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Numerics;

namespace Fovea.Tests.Interpretation;

/// <summary>Pictures of noise with five classes, in turn or as given; every second one smooth, so that units tell them apart.</summary>
internal sealed class NoisePictures(int count, int width = 32, int height = 32, int[]? labels = null) : IImageSource
{
    public string Description => "noise";

    public ClassList Classes { get; } = new([.. "abcde".Select(c => new ClassInfo(c.ToString(), c.ToString()))]);

    public int Count => count;

    public string Fingerprint => $"noise{count}";

    public string Id(int index) => $"noise/{index}";

    public int Label(int index) => labels is null ? index % 5 : labels[index];

    public RgbImage Read(int index)
    {
        var random = new CounterRandom(9, "noise", index);
        var pixels = new byte[width * height * 3];
        int level = 40 + random.NextInt(170), spread = index % 2 == 0 ? 80 : 6;
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Clamp(level + random.NextInt(spread) - spread / 2 + (i / (width * 3) * 60 / height), 0, 255);
        return new RgbImage(width, height, pixels);
    }

    public void Dispose()
    {
    }
}
