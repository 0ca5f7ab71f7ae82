using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>Units shown pairs of <see cref="ShapesWorldPairs"/>, and how selective they are for the factor that changes.</summary>
public static class AttributePairs
{
    private const int PairsOfBatch = 16;

    /// <summary>Measures groups of units of one layer.</summary>
    /// <param name="network">The network; evaluation mode for the time of the call.</param>
    /// <param name="groups">Units of the same layer; dictionaries stay their owner's.</param>
    /// <param name="pairs">Pairs a factor, at least 4.</param>
    /// <param name="seed">The world's seed.</param>
    /// <param name="progress">Reported to after each batch, in pairs.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <returns>One score a group.</returns>
    /// <exception cref="FoveaException">No such layer, or units of another one.</exception>
    public static IReadOnlyList<AttributeSelectivity> Measure(
        ImageModel network, IReadOnlyList<UnitGroup> groups, int pairs = 200, ulong seed = 0,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(pairs, 4);
        string layer = groups.Select(group => group.Layer).Distinct().Single();
        List<float[]>[][] changes = [.. groups.Select(_ => ShapesWorldPairs.Factors.Select(_ => new List<float[]>()).ToArray())];
        using var frozen = new Visualization.FrozenNetwork(network);
        using var quiet = no_grad();
        for (int f = 0, done = 0; f < ShapesWorldPairs.Factors.Count; f++)
        {
            for (int start = 0; start < pairs; start += PairsOfBatch)
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                int count = Math.Min(PairsOfBatch, pairs - start);
                Tensor maps = network.Forward(Images(network, ShapesWorldPairs.Factors[f], start, count, seed), new Probe(layer))[layer];
                if (maps.dim() == 2) maps = maps.unsqueeze(-1).unsqueeze(-1);
                long positions = maps.shape[2] * maps.shape[3];
                Tensor rows = maps.permute(0, 2, 3, 1).contiguous().cpu().reshape(-1, maps.shape[1]);
                for (int g = 0; g < groups.Count; g++)
                {
                    Tensor means = groups[g].Values(rows).cpu().view(count, 2, positions, -1).mean([2L]);
                    Tensor moved = (means.select(1, 1) - means.select(1, 0)).abs().to(float32).contiguous();
                    float[] all = moved.data<float>().ToArray();
                    int units = (int)moved.shape[1];
                    for (int i = 0; i < count; i++) changes[g][f].Add(all.AsSpan(i * units, units).ToArray());
                }
                progress?.Report(new EvaluationProgress(done += count, pairs * ShapesWorldPairs.Factors.Count));
            }
        }
        return [.. groups.Select((group, g) => AttributeSelectivity.Of(group.Name, ShapesWorldPairs.Factors, changes[g]))];
    }

    /// <summary>Pair after pair, <c>[2 count, 3, H, W]</c>.</summary>
    private static Tensor Images(ImageModel network, string factor, int start, int count, ulong seed)
    {
        var (height, width) = network.Preprocessing.OutputSize;
        int length = 3 * height * width;
        var pixels = new float[2 * count * length];
        for (int i = 0; i < count; i++)
        {
            var (first, second) = ShapesWorldPairs.Render(factor, start + i, seed);
            foreach (var (image, place) in ((RgbImage, int)[])[(first, 2 * i), (second, 2 * i + 1)])
                network.Preprocessing.Apply(image, place, pixels.AsSpan(place * length, length));
        }
        return tensor(pixels, [2 * count, 3, height, width], device: network.Device);
    }
}
