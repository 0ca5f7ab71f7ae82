using Fovea.Datasets;
using Fovea.Models;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// Where images lie in the eyes of a network: one vector of length 1 an image, whose products are cosines of similarity. For judging units
/// it must be another network than theirs: by its own measure a network finds whatever it lumps together alike.
/// </summary>
public sealed class ImageEmbeddings
{
    private readonly Dictionary<int, int> _rows = [];

    /// <summary>Embeddings from anywhere.</summary>
    /// <param name="images">The images' indices in their source, each once.</param>
    /// <param name="values"><c>[images, dimension]</c>, of any length; a vector of zeros is similar to nothing (cosine 0).</param>
    /// <param name="dimension">Length of an embedding.</param>
    /// <exception cref="FoveaException">An image stands twice, the number of values is not images × dimension, or one is not
    /// finite.</exception>
    public ImageEmbeddings(IReadOnlyList<int> images, IReadOnlyList<float> values, int dimension)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        if (values.Count != (long)images.Count * dimension)
            throw FoveaException.BadData(
                $"{values.Count} values are not embeddings of {images.Count} images with {dimension} components each.");
        (Images, Dimension, Units) = (images, dimension, new float[values.Count]);
        for (int row = 0; row < images.Count; row++)
        {
            if (!_rows.TryAdd(images[row], row)) throw FoveaException.BadData($"Image {images[row]} has two embeddings.");
            double squares = 0;
            for (int i = 0; i < dimension; i++) squares += (double)values[row * dimension + i] * values[row * dimension + i];
            if (!double.IsFinite(squares)) throw FoveaException.NumericalFailure($"The embedding of image {images[row]} is not finite.");
            double factor = squares > 0 ? 1 / Math.Sqrt(squares) : 0;
            for (int i = 0; i < dimension; i++) Units[row * dimension + i] = (float)(values[row * dimension + i] * factor);
        }
    }

    private ImageEmbeddings(IReadOnlyList<int> images, int dimension, float[] units)
    {
        (Images, Dimension, Units) = (images, dimension, units);
        for (int row = 0; row < images.Count; row++) _rows.Add(images[row], row);
    }

    /// <summary>Those that another process computed: <see cref="Units"/>, bit for bit.</summary>
    /// <exception cref="ArgumentException">The number of values is not images × dimension, or an image stands twice.</exception>
    internal static ImageEmbeddings Restored(IReadOnlyList<int> images, float[] units, int dimension) =>
        units.LongLength == (long)images.Count * dimension ? new ImageEmbeddings(images, dimension, units)
            : throw new ArgumentException($"{units.LongLength} values for {images.Count} images.", nameof(units));

    /// <summary>The images that have one.</summary>
    public IReadOnlyList<int> Images { get; }

    /// <summary>Length of an embedding.</summary>
    public int Dimension { get; }

    /// <summary>Vectors of length 1, <c>[images, dimension]</c>.</summary>
    internal float[] Units { get; }

    /// <summary>
    /// A network's last feature map, averaged over its positions: what the classifier of ResNet18, MobileNetV2 and the small CNN reads.
    /// Memory for images × channels floats.
    /// </summary>
    /// <param name="network">The network that judges; evaluation mode for the time of the pass.</param>
    /// <param name="source">The images.</param>
    /// <param name="images">The images to look at; all when null. Damaged ones get no embedding.</param>
    /// <param name="layer">Another layer; null: the last with a map of positions.</param>
    /// <param name="batchSize">Images a forward pass.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">No such layer, no image left, or too many damaged.</exception>
    public static ImageEmbeddings Compute(ImageModel network, IImageSource source, IReadOnlyList<int>? images = null, string? layer = null,
        int batchSize = 32, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(source);
        images ??= [.. Enumerable.Range(0, source.Count)];
        using var frozen = new FrozenNetwork(network);
        layer ??= LastMap(network);
        using ModelReader reader = network.Reader(new Probe(layer));
        var (seen, values) = (new List<int>(images.Count), new List<float>());
        var loader = new ImageLoader(source, network.Preprocessing, new LoaderOptions { BatchSize = batchSize });
        foreach (var (batch, read) in reader.Read(loader.Load(images, cancellationToken)))
        {
            using ProbeResult? result = read;
            if (result is null) continue;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            values.AddRange(
                result[layer].flatten(2).mean([2]).cpu().data<float>().ToArray());
            seen.AddRange(batch.Indices);
        }
        if (seen.Count == 0) throw FoveaException.BadData($"{source.Description} has no image to embed.");
        return new ImageEmbeddings(seen, values, values.Count / seen.Count);
    }

    /// <summary>The row of an image, or −1.</summary>
    internal int Row(int image) => _rows.GetValueOrDefault(image, -1);

    private static string LastMap(ImageModel network)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var taps = new Probe(network.LayerNames);
        ProbeResult result = network.Forward(
            zeros(1, 3, network.Preprocessing.OutputSize.Height, network.Preprocessing.OutputSize.Width, device: network.Device), taps);
        return network.LayerNames.Last(name => result[name].dim() == 4);
    }
}
