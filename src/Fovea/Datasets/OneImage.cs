using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>One image as a source, without a label.</summary>
/// <param name="id">What to call it.</param>
/// <param name="image">The image.</param>
internal sealed class OneImage(string id, RgbImage image) : IImageSource
{
    public string Description => id;

    public ClassList Classes { get; } = new([]);

    public int Count => 1;

    public string Fingerprint => id;

    public string Id(int index) => id;

    public int Label(int index) => -1;

    public RgbImage Read(int index) => image;

    public void Dispose()
    {
    }
}
