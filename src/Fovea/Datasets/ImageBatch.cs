using static TorchSharp.torch;

namespace Fovea.Datasets;

/// <summary>Some images ready for a network, in plain arrays: loaders run on other threads than the one that owns tensors.</summary>
public sealed class ImageBatch
{
    /// <summary>A batch over the given arrays (not copied).</summary>
    public ImageBatch(float[] pixels, int height, int width, int[] indices, int[] labels)
    {
        (Pixels, Height, Width, Indices, Labels) = (pixels, height, width, indices, labels);
    }

    /// <summary>ImageModel input, <c>[Count, 3, Height, Width]</c>; the array may be longer than needed.</summary>
    public float[] Pixels { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>The images' indices in their source; damaged images are left out.</summary>
    public int[] Indices { get; }

    /// <summary>The images' classes.</summary>
    public int[] Labels { get; }

    /// <summary>Number of images (0 where all of a batch were damaged).</summary>
    public int Count => Indices.Length;

    /// <summary>
    /// A new tensor <c>[Count, 3, Height, Width]</c>, float32, on <paramref name="device"/> (CPU when null); the caller owns it.
    /// </summary>
    public Tensor ToTensor(Device? device = null) =>
        tensor(Pixels.AsMemory(0, Count * 3 * Height * Width), [Count, 3, Height, Width], device: device);

    /// <summary>The labels as an int64 tensor <c>[Count]</c>; the caller owns it.</summary>
    public Tensor LabelTensor(Device? device = null) => tensor(Labels, int64, device: device);
}
