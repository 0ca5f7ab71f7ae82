using Fovea.Imaging;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// Whether a network gives an image the same answer alone and beside others, which a batch that was fixed at export may break.
/// </summary>
public static class BatchCheck
{
    /// <summary>The largest relative difference that rounding explains.</summary>
    public const double Rounding = 1e-4;

    private const double Grey = 0.5, Spread = 0.25;

    /// <summary>The largest difference between answers for images together and alone, as a part of the largest answer.</summary>
    /// <param name="model">The network.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    public static double Difference(ImageModel model, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor images = Images(3, height, width, model.Preprocessing).to(model.Device);
        Tensor together = model.Forward(images);
        if (together.dim() == 0 || together.shape[0] != 3) return double.PositiveInfinity;
        Tensor alone = cat([.. Enumerable.Range(0, 3).Select(i => model.Forward(images.narrow(0, i, 1)))]);
        if (!alone.shape.AsSpan().SequenceEqual(together.shape)) return double.PositiveInfinity;
        return Relative(together, alone);
    }

    /// <summary>The largest difference of two tensors as a part of the largest value of the second.</summary>
    public static double Relative(Tensor actual, Tensor expected)
    {
        using var scope = NewDisposeScope();
        double largest = expected.abs().max().item<float>();
        double difference = (actual - expected).abs().max().item<float>();
        return difference == 0 ? 0 : largest > 0 ? difference / largest : double.PositiveInfinity;
    }

    /// <summary>Images of noise in the numbers that a preprocessing makes of samples.</summary>
    internal static Tensor Images(int count, int height, int width, Preprocessing taken)
    {
        using var scope = NewDisposeScope();
        // Grey with so much spread that most samples lie between 0 and 1.
        Tensor samples = Noise(count, height, width) * Spread + Grey;
        return scope.MoveToOuter((samples - tensor(taken.Mean, [1, 3, 1, 1])) / tensor(taken.Std, [1, 3, 1, 1]));
    }

    /// <summary>Images of noise, each from the same numbers.</summary>
    public static Tensor Noise(int count, int height, int width)
    {
        var random = new CounterRandom(1, "batch check", 0);
        var values = new float[count * 3 * height * width];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextGaussian();
        return tensor(values, [count, 3, height, width]);
    }
}
