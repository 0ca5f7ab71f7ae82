using System.Runtime.InteropServices;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// Neurons, latents and random directions against the one world whose truth is known: which true factor each unit tells, how well, and
/// which factors no unit tells. Random directions are those of length 1, drawn by the seed, applied to vectors less their mean and
/// rectified: max(0, d·(x − x̄)), which is what an encoder that learned nothing but the mean would give. Memory is bounded: 512 MiB of
/// vectors (<see cref="LayerPasses"/>) and 1 GiB of values, whatever the layer and the number of images.
/// </summary>
public static class ConceptComparison
{
    /// <summary>Name of the groups of random directions: <c>random-512</c> for 512 of them.</summary>
    public const string RandomName = "random";

    /// <summary>Values of units made at a time (64 MiB).</summary>
    private const long LargestPiece = 1 << 24;

    /// <summary>
    /// Values kept for sorting at a time, as if none were zero; more units than fit are scored in several passes over the images.
    /// </summary>
    private const long MostColumnBytes = 1L << 30;

    /// <summary>
    /// Whether a network's grid lies over the whole of an image of ShapesWorld: the preprocessing may resize, but cuts nothing off.
    /// </summary>
    public static bool KeepsWhole(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        return preprocessing.Width is null
            && (preprocessing.Crop is not { } crop || crop == (preprocessing.Resize ?? ShapesWorld.ImageSize));
    }

    /// <summary>Scores groups of units, and as many random directions for each different number of units on a layer.</summary>
    /// <param name="network">The network; evaluation mode for the time of the pass.</param>
    /// <param name="groups">Neurons, latents, in any number and on any layers.</param>
    /// <param name="source">The images, whose truth is known.</param>
    /// <param name="options">Images, thresholds, seed.</param>
    /// <param name="progress">Reported to after each batch of the forward pass.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The groups in their order, then the random directions, layer by layer, by number.</returns>
    /// <exception cref="FoveaException">No such layer, a dictionary of another layer, or a preprocessing that cuts.</exception>
    public static IReadOnlyList<ConceptSummary> Run(ImageModel network, IReadOnlyList<UnitGroup> groups, ShapesWorldSource source,
        ConceptOptions? options = null, IProgress<TopExamplesProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new ConceptOptions();
        options.Validate();
        if (!KeepsWhole(network.Preprocessing))
        {
            throw FoveaException.BadConfiguration(
                $"The preprocessing cuts "
                    + $"{network.Preprocessing.Crop} of {network.Preprocessing.Resize ?? ShapesWorld.ImageSize} pixels out of the image: "
                + "positions would not lie where the truth says. Resize to the size of the crop.");
        }
        int[] images = [.. (options.Among ?? [.. Enumerable.Range(0, source.Count)]).Take(options.Images)];
        string[] layers = [.. groups.Select(group => group.Layer).Distinct()];
        using var passes = new LayerPasses(network, layers, source, images, options.BatchSize, progress, cancellationToken);
        var truths = new Dictionary<(int, int), (ConceptTruth Truth, ConceptTruth Shuffled)>();
        foreach (string layer in layers)
        {
            var (_, height, width) = passes.Shape(layer);
            if (truths.ContainsKey((height, width))) continue;
            var truth = ConceptTruth.Of(source, images, height, width, options.Share, cancellationToken: cancellationToken);
            truths.Add((height, width), (truth, truth.Shuffled(options.Seed)));
        }

        ConceptSummary Summarise(string name, string layer, int units, Func<Tensor, Tensor> values)
        {
            var (_, height, width) = passes.Shape(layer);
            var (truth, shuffled) = truths[(height, width)];
            long unitBytes = UnitColumns.BytesOfValue * height * width * images.LongLength;
            int part = (int)Math.Clamp(MostColumnBytes / unitBytes, 1, units);
            var (scores, shuffledScores) = (new ConceptScores(truth, units), new ConceptScores(shuffled, units));
            for (int first = 0; first < units; first += part)
            {
                UnitColumns columns = Columns(passes, layer, first, Math.Min(part, units - first), units, values);
                scores.Add(columns, first);
                shuffledScores.Add(columns, first);
            }
            return ConceptSummary.Of(name, layer, scores, shuffledScores, options.MinimumPositives, options.MaximumPrevalence);
        }

        List<ConceptSummary> summaries =
            [.. groups.Select(
                group => Summarise(group.Name, group.Layer, group.UnitCount(passes.Shape(group.Layer).Channels), group.Values))];
        if (!options.RandomDirections) return summaries;
        foreach (string layer in layers)
        {
            foreach (int units in summaries.Where(summary => summary.Layer == layer).Select(summary => summary.Units).Distinct().Order()
                .ToArray())
            {
                using var directions = RandomCodes.Draw(passes.Mean(layer), units, options.Seed);
                summaries.Add(Summarise($"{RandomName}-{units}", layer, units, directions.Values));
            }
        }
        return summaries;
    }

    /// <summary>The values of some neighbouring units of a group, in one pass over the images.</summary>
    private static UnitColumns Columns(LayerPasses passes, string layer, int first, int count, int units, Func<Tensor, Tensor> values)
    {
        var columns = new UnitColumns(count);
        var (channels, height, width) = passes.Shape(layer);
        int positions = height * width, piece = (int)Math.Clamp(
            LargestPiece / ((long)Math.Max(units, channels) * positions), 1, int.MaxValue);
        passes.ForEach(layer, (vectors, images) =>
        {
            for (int start = 0; start < images.Length; start += piece)
            {
                using var scope = NewDisposeScope();
                int some = Math.Min(piece, images.Length - start);
                Tensor result = values(vectors.narrow(0, (long)start * positions, (long)some * positions));
                if (count < units) result = result.narrow(1, first, count);
                columns.Add(MemoryMarshal.Cast<byte, float>(result.to(float32).cpu().contiguous().bytes), height, width,
                    images.AsSpan(start, some));
            }
        });
        return columns;
    }
}
