namespace Fovea.Imaging;

/// <summary>Turns a decoded picture into a network's input: preprocessing for evaluation, augmentation for training.</summary>
public interface IImageTransform
{
    /// <summary>Height and width of the result in pixels.</summary>
    (int Height, int Width) OutputSize { get; }

    /// <summary>Writes the input, <c>[3, H, W]</c>, into <paramref name="destination"/>. Thread-safe.</summary>
    /// <param name="image">The decoded picture.</param>
    /// <param name="item">The counter that random draws are made from (image and epoch); ignored where nothing is random.</param>
    /// <param name="destination">3 × H × W floats.</param>
    void Apply(RgbImage image, long item, Span<float> destination);
}
