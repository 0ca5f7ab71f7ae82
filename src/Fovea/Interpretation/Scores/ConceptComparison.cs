using System.Runtime.InteropServices;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// Neurons, latents and random directions against the one world whose truth is known: which true factor each unit tells, how well, and which factors no unit tells.
/// Random directions are those of length 1, drawn by the seed, applied to vectors less their mean and rectified: max(0, d·(x − x̄)), which is what an encoder that
/// learned nothing but the mean would give.
/// </summary>
public static class ConceptComparison
{
    /// <summary>Name of the groups of random directions: <c>random-512</c> for 512 of them.</summary>
    public const string RandomName = "random";

    /// <summary>Values of units made at a time (64 MiB).</summary>
    private const long LargestPiece = 1 << 24;

    /// <summary>Whether a network's grid lies over the whole of an image of ShapesWorld: the preprocessing may resize, but cuts nothing off.</summary>
    public static bool KeepsWhole(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        return preprocessing.Crop is not { } crop || crop == (preprocessing.Resize ?? ShapesWorld.ImageSize);
    }

    /// <summary>Scores groups of units, and as many random directions for each different number of units on a layer.</summary>
    /// <param name="network">The network; evaluation mode for the time of the pass.</param>
    /// <param name="groups">Neurons, latents, in any number and on any layers.</param>
    /// <param name="source">The images, whose truth is known.</param>
    /// <param name="options">Images, thresholds, seed.</param>
    /// <param name="progress">Told after each batch of the forward pass.</param>
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
            throw FoveaException.BadConfiguration($"The preprocessing cuts {network.Preprocessing.Crop} of {network.Preprocessing.Resize ?? ShapesWorld.ImageSize} pixels out of the image: "
                + "positions would not lie where the truth says. Resize to the size of the crop.");
        }
        int[] images = [.. Enumerable.Range(0, Math.Min(options.Images, source.Count))];
        string[] layers = [.. groups.Select(group => group.Layer).Distinct()];
        Dictionary<string, LayerVectors> vectors = Vectors(network, layers, source, images, options.BatchSize, progress, cancellationToken);
        var truths = new Dictionary<(int, int), (ConceptTruth Truth, ConceptTruth Shuffled)>();
        foreach (LayerVectors layer in vectors.Values)
        {
            if (truths.ContainsKey((layer.Height, layer.Width))) continue;
            var truth = ConceptTruth.Of(source, images, layer.Height, layer.Width, options.Share, cancellationToken: cancellationToken);
            truths.Add((layer.Height, layer.Width), (truth, truth.Shuffled(options.Seed)));
        }

        ConceptSummary Summarise(string name, string layer, int units, Func<Tensor, Tensor> values)
        {
            UnitColumns columns = Columns(vectors[layer], units, images, values, cancellationToken);
            var (truth, shuffled) = truths[(vectors[layer].Height, vectors[layer].Width)];
            return ConceptSummary.Of(name, layer, ConceptScores.Of(columns, truth), ConceptScores.Of(columns, shuffled), options.MinimumPositives, options.MaximumPrevalence);
        }

        List<ConceptSummary> summaries = [.. groups.Select(group => Summarise(group.Name, group.Layer, group.UnitCount(vectors[group.Layer].Channels), group.Values))];
        if (!options.RandomDirections) return summaries;
        foreach (string layer in layers)
        {
            foreach (int units in summaries.Where(summary => summary.Layer == layer).Select(summary => summary.Units).Distinct().Order().ToArray())
            {
                using var directions = RandomCodes.Draw(vectors[layer].Mean(), units, options.Seed);
                summaries.Add(Summarise($"{RandomName}-{units}", layer, units, directions.Values));
            }
        }
        return summaries;
    }

    private static Dictionary<string, LayerVectors> Vectors(ImageModel network, string[] layers, ShapesWorldSource source, int[] images,
        int batchSize, IProgress<TopExamplesProgress>? progress, CancellationToken cancellationToken)
    {
        var vectors = new Dictionary<string, LayerVectors>();
        using var frozen = new FrozenNetwork(network);
        var taps = new Probe(layers);
        int done = 0;
        foreach (ImageBatch batch in new ImageLoader(source, network.Preprocessing, new LoaderOptions { BatchSize = batchSize }).Load(images, cancellationToken))
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            ProbeResult result = network.Forward(batch.ToTensor(network.Device), taps);
            foreach (string layer in layers)
            {
                Tensor maps = result[layer].dim() == 4 ? result[layer] : result[layer].unsqueeze(-1).unsqueeze(-1);
                if (!vectors.TryGetValue(layer, out LayerVectors? all))
                    vectors.Add(layer, all = new LayerVectors((int)maps.shape[1], (int)maps.shape[2], (int)maps.shape[3], images.Length));
                Tensor rows = maps.permute(0, 2, 3, 1).contiguous().cpu();
                MemoryMarshal.Cast<byte, float>(rows.bytes).CopyTo(all.Values.AsSpan(done * all.Positions * all.Channels));
            }
            done += batch.Count;
            progress?.Report(new TopExamplesProgress(done, images.Length));
        }
        return vectors;
    }

    private static UnitColumns Columns(LayerVectors layer, int units, int[] images, Func<Tensor, Tensor> values, CancellationToken cancellationToken)
    {
        var columns = new UnitColumns(units);
        int piece = (int)Math.Clamp(LargestPiece / ((long)Math.Max(units, layer.Channels) * layer.Positions), 1, images.Length);
        for (int start = 0; start < images.Length; start += piece)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(piece, images.Length - start), length = layer.Positions * layer.Channels;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            Tensor rows = tensor(layer.Values.AsMemory(start * length, count * length), [count * layer.Positions, layer.Channels]);
            Tensor result = values(rows).to(float32).cpu().contiguous();
            columns.Add(MemoryMarshal.Cast<byte, float>(result.bytes), layer.Height, layer.Width, images.AsSpan(start, count));
        }
        return columns;
    }

    /// <summary>Every vector of a layer over the images.</summary>
    private sealed class LayerVectors(int channels, int height, int width, int images)
    {
        public int Channels { get; } = channels;

        public int Height { get; } = height;

        public int Width { get; } = width;

        public int Positions => Height * Width;

        public float[] Values { get; } = new float[checked(images * height * width * channels)];

        public double[] Mean()
        {
            var mean = new double[Channels];
            for (int at = 0; at < Values.Length; at++) mean[at % Channels] += Values[at];
            for (int c = 0; c < Channels; c++) mean[c] /= Values.Length / Channels;
            return mean;
        }
    }
}
