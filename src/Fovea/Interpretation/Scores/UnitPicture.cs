using Fovea.Imaging;
using Fovea.Models;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>A picture of a unit, to be looked at by a network.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Seed">What it was made with; pictures of one unit by several seeds can be compared.</param>
/// <param name="Picture">The clean picture.</param>
public sealed record UnitPicture(int Unit, ulong Seed, RgbImage Picture);

/// <summary>Pictures through a network. They enter at their own size, neither resized nor cut, as they were made.</summary>
internal static class PicturePass
{
    /// <summary>What a layer makes of pictures, each as <c>[positions, channels]</c>.</summary>
    public static void Layer(ImageModel network, string layer, IReadOnlyList<UnitPicture> pictures, int batchSize, Action<int, Tensor> each)
    {
        var taps = new Probe(layer);
        Run(network, pictures, batchSize, (first, input) =>
        {
            Tensor output = network.Forward(input, taps)[layer];
            Tensor maps = output.dim() == 4 ? output : output.unsqueeze(-1).unsqueeze(-1);
            for (int i = 0; i < maps.shape[0]; i++) each(first + i, maps[i].permute(1, 2, 0).reshape(-1, maps.shape[1]));
        });
    }

    /// <summary>The logits of pictures, <c>[pictures][classes]</c>.</summary>
    public static double[][] Logits(ImageModel network, IReadOnlyList<UnitPicture> pictures, int batchSize)
    {
        var logits = new double[pictures.Count][];
        Run(network, pictures, batchSize, (first, input) =>
        {
            Tensor output = network.Forward(input).cpu().to(float64);
            for (int i = 0; i < output.shape[0]; i++) logits[first + i] = output[i].data<double>().ToArray();
        });
        return logits;
    }

    private static void Run(ImageModel network, IReadOnlyList<UnitPicture> pictures, int batchSize, Action<int, Tensor> each)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        using var frozen = new FrozenNetwork(network);
        using var quiet = no_grad();
        for (int start = 0, count; start < pictures.Count; start += count)
        {
            RgbImage first = pictures[start].Picture;
            count = pictures.Skip(start).Take(batchSize)
                .TakeWhile(one => (one.Picture.Width, one.Picture.Height) == (first.Width, first.Height)).Count();
            int length = 3 * first.Height * first.Width;
            var pixels = new float[checked(count * length)];
            for (int i = 0; i < count; i++)
                network.Preprocessing.Normalise(pictures[start + i].Picture.Pixels, pixels.AsSpan(i * length, length));
            using var scope = NewDisposeScope();
            each(start, tensor(pixels, [count, 3, first.Height, first.Width], device: network.Device));
        }
    }
}
