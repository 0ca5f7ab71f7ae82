using System.Runtime.InteropServices;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// Passes over the vectors of some layers on the same images, batch by batch. What the first pass reads is kept where all of it takes at
/// most <see cref="MostKeptBytes"/>; else each pass sends the images through the network again, so that memory does not grow with images,
/// positions or channels.
/// </summary>
internal sealed class LayerPasses : IDisposable
{
    /// <summary>Vectors of all layers and images that are kept.</summary>
    public const long MostKeptBytes = 512L << 20;

    private readonly ImageModel _network;
    private readonly string[] _layers;
    private readonly IImageSource _source;
    private readonly Preprocessing _preprocessing;
    private readonly int[] _images;
    private readonly int _batchSize;
    private readonly IProgress<TopExamplesProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly FrozenNetwork _frozen;
    private readonly ModelReader _reader;
    private readonly Dictionary<string, (int Channels, int Height, int Width)> _shapes = [];
    private readonly Dictionary<string, double[]> _means = [];
    private List<(int[] Images, Dictionary<string, Tensor> Vectors)>? _kept = [];

    /// <summary>Makes the first pass.</summary>
    /// <param name="network">The network; evaluation mode until this is disposed.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="source">The images.</param>
    /// <param name="images">Which of them.</param>
    /// <param name="batchSize">Images a forward pass.</param>
    /// <param name="progress">Reported to after each batch of the first pass.</param>
    /// <param name="cancellation">Stops every pass.</param>
    /// <param name="mostKeptBytes">Vectors that are kept.</param>
    public LayerPasses(ImageModel network, string[] layers, IImageSource source, int[] images, int batchSize,
        IProgress<TopExamplesProgress>? progress, CancellationToken cancellation, long mostKeptBytes = MostKeptBytes)
    {
        (_network, _layers, _source, _preprocessing, _images, _batchSize, _progress, _cancellation) =
            (network, layers, source, network.Preprocessing, images, batchSize, progress, cancellation);
        _frozen = new FrozenNetwork(network);
        try
        {
            _reader = network.Reader(new Probe(layers));
        }
        catch
        {
            _frozen.Dispose();
            throw;
        }
        try
        {
            foreach (var (batch, vectors) in Forward(_progress))
            {
                foreach (string layer in layers) AddToMean(layer, vectors[layer]);
                long bytes = _shapes.Values.Sum(shape => sizeof(float) * (long)shape.Channels * shape.Height * shape.Width * images.Length);
                if (bytes > mostKeptBytes) Drop();
                if (_kept is null) Dispose(vectors);
                else _kept.Add((batch, vectors));
            }
            foreach (string layer in layers)
            {
                var (_, height, width) = _shapes[layer];
                for (int c = 0; c < _means[layer].Length; c++) _means[layer][c] /= (double)height * width * images.Length;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Passes that went through the network: 1 where vectors are kept.</summary>
    public int Forwards { get; private set; }

    /// <summary>Channels, rows and columns of a layer.</summary>
    public (int Channels, int Height, int Width) Shape(string layer) => _shapes[layer];

    /// <summary>The mean of a layer's vectors over all positions and images, <c>[channels]</c>.</summary>
    public double[] Mean(string layer) => _means[layer];

    /// <summary>
    /// Gives the vectors of one layer, <c>[images · positions, channels]</c>, batch by batch with the images' indices; they are this
    /// object's.
    /// </summary>
    public void ForEach(string layer, Action<Tensor, int[]> use)
    {
        using var quiet = no_grad();
        if (_kept is not null)
        {
            foreach (var (images, vectors) in _kept)
            {
                _cancellation.ThrowIfCancellationRequested();
                use(vectors[layer], images);
            }
            return;
        }
        foreach (var (images, vectors) in Forward(null))
        {
            try
            {
                use(vectors[layer], images);
            }
            finally
            {
                Dispose(vectors);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Drop();
        _reader.Dispose();
        _frozen.Dispose();
    }

    private IEnumerable<(int[] Images, Dictionary<string, Tensor> Vectors)> Forward(IProgress<TopExamplesProgress>? progress)
    {
        Forwards++;
        int done = 0;
        var loader = new ImageLoader(_source, _preprocessing, new LoaderOptions { BatchSize = _batchSize });
        foreach (var (batch, values) in _reader.Read(loader.Load(_images, _cancellation)))
        {
            if (values is null) continue;
            Dictionary<string, Tensor> vectors;
            using (values) vectors = Read(values);
            yield return (batch.Indices.ToArray(), vectors);
            done += batch.Count;
            progress?.Report(new TopExamplesProgress(done, _images.Length));
        }
    }

    private Dictionary<string, Tensor> Read(ProbeResult result)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var vectors = new Dictionary<string, Tensor>();
        foreach (string layer in _layers)
        {
            Tensor maps = result[layer].dim() == 4 ? result[layer] : result[layer].unsqueeze(-1).unsqueeze(-1);
            _shapes[layer] = ((int)maps.shape[1], (int)maps.shape[2], (int)maps.shape[3]);
            Tensor rows = maps.permute(0, 2, 3, 1).contiguous().cpu().reshape(-1, maps.shape[1]);
            // A layer's own output may be what the network holds: the copy is ours.
            vectors.Add(layer, rows.clone().DetachFromDisposeScope());
        }
        return vectors;
    }

    private void AddToMean(string layer, Tensor vectors)
    {
        var values = MemoryMarshal.Cast<byte, float>(vectors.bytes);
        int channels = _shapes[layer].Channels;
        if (!_means.TryGetValue(layer, out double[]? mean)) _means.Add(layer, mean = new double[channels]);
        for (int start = 0; start < values.Length; start += channels)
            for (int c = 0; c < channels; c++) mean[c] += values[start + c];
    }

    private void Drop()
    {
        foreach (var (_, vectors) in _kept ?? []) Dispose(vectors);
        _kept = null;
    }

    private static void Dispose(Dictionary<string, Tensor> vectors)
    {
        foreach (Tensor tensor in vectors.Values) tensor.Dispose();
    }
}
