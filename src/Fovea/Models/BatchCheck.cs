using Fovea.Checkpoints;
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

    private const double Grey = 0.5, Spread = 0.25, Least = 0.01;

    /// <summary>The largest difference between answers for images together and alone, as a part of the largest answer.</summary>
    /// <param name="model">The network.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="layers">Layers whose values are compared too; null: none.</param>
    /// <returns>Infinite where they have not a row for each image; NaN where a number is not finite.</returns>
    /// <exception cref="FoveaException">Data: the answer is no numbers with fractions.</exception>
    public static double Difference(ImageModel model, int height, int width, IReadOnlyList<string>? layers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        const int Count = 3;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var probe = new Probe(layers ?? []) { Output = true };
        Tensor images = Images(Count, height, width, model.Preprocessing).to(model.Device);
        ProbeResult together = model.Forward(images, probe);
        if (!together.Logits.is_floating_point()) throw NoScores(model, together.Logits.dtype);
        ProbeResult[] alone = [.. Enumerable.Range(0, Count).Select(i => model.Forward(images.narrow(0, i, 1), probe))];
        double largest = Of(together.Logits, [.. alone.Select(one => one.Logits)]);
        foreach (string layer in layers ?? [])
        {
            // Flags and whole numbers are refused by who reads them.
            if (together[layer].is_floating_point())
                largest = Math.Max(largest, Of(together[layer], [.. alone.Select(one => one[layer])]));
        }
        return largest;
    }

    /// <summary>The same of one value; NaN is not less than anything.</summary>
    private static double Of(Tensor together, Tensor[] alone)
    {
        if (alone.Prepend(together).Any(one => !one.isfinite().all().item<bool>())) return double.NaN;
        if (together.dim() == 0 || together.shape[0] != alone.Length || alone.Any(one => one.dim() == 0)) return double.PositiveInfinity;
        Tensor joined = cat(alone);
        return joined.shape.AsSpan().SequenceEqual(together.shape) ? Relative(together, joined) : double.PositiveInfinity;
    }

    /// <summary>The error of a network whose numbers are not finite.</summary>
    internal static FoveaException NotFinite(string name) => FoveaException.NumericalFailure(
        $"{name} answers images of noise with NaN or infinite numbers: a weight of it is far too large, or it divides by 0. Nothing can be "
            + "learned from such a network; fovea model run --read LAYER shows where they begin.");

    private static FoveaException NoScores(ImageModel model, ScalarType type)
    {
        string step = model.Graph.Producer(model.Graph.Output)?.Operator.Name ?? model.Graph.Output;
        return FoveaException.BadData(
            $"The answer of {model.Graph.Name} holds {ElementTypes.Of(type).TorchName()} (its last step is {step}): the number of a class, not "
                + "a score of each, which probabilities, maps and gradients are made of. Export the network without that step, so that "
                + "its answer is what the step reads; fovea model run takes it as it is.");
    }

    /// <summary>The largest difference of two tensors as a part of the largest value of the second.</summary>
    public static double Relative(Tensor actual, Tensor expected)
    {
        if (expected.numel() == 0) return 0;
        using var scope = NewDisposeScope();
        if (!expected.is_floating_point()) (actual, expected) = (actual.to(float32), expected.to(float32));
        double largest = expected.abs().max().item<float>();
        double difference = (actual - expected).abs().max().item<float>();
        return difference == 0 ? 0 : largest > 0 ? difference / largest : double.PositiveInfinity;
    }

    /// <summary>Images of noise in the numbers that a preprocessing makes of samples.</summary>
    internal static Tensor Images(int count, int height, int width, Preprocessing taken)
    {
        using var scope = NewDisposeScope();
        // Grey with much spread, and no sample that a picture could not have: a root or a logarithm of others is none.
        Tensor samples = (Noise(count, height, width) * Spread + Grey).clamp(Least, 1 - Least);
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
