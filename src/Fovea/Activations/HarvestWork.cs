namespace Fovea.Activations;

/// <summary>
/// A harvest under way: its shards can be made in any order, by any process, with the same bytes; then they are put together.
/// </summary>
internal sealed class HarvestWork : IDisposable
{
    private readonly Harvester _harvester;
    private readonly EvidencePass _pass;
    private readonly IReadOnlyList<int> _images;
    private readonly int _perShard;
    private readonly string _network;
    private readonly IReadOnlyList<LayerWriter> _layers;

    public HarvestWork(
        Harvester harvester, EvidencePass pass, IReadOnlyList<int> images, int perShard, string network, IReadOnlyList<LayerWriter> layers)
    {
        (_harvester, _pass, _images, _perShard, _network, _layers) = (harvester, pass, images, perShard, network, layers);
        Shards = (int)(((long)images.Count + perShard - 1) / perShard);
    }

    /// <summary>How many shards there are, each whole batches of one grid over all images.</summary>
    public int Shards { get; }

    /// <summary>The images of a shard, in order.</summary>
    public IReadOnlyList<int> ImagesOf(int shard)
    {
        int first = shard * _perShard;
        return [.. Enumerable.Range(first, Math.Min(_perShard, _images.Count - first)).Select(i => _images[i])];
    }

    /// <summary>Whether a shard of every layer is on the disk.</summary>
    /// <exception cref="FoveaException">Configuration: it is another harvest's.</exception>
    public bool IsThere(int shard) => _layers.All(layer => layer.IsThere(shard));

    /// <summary>Makes shards.</summary>
    /// <param name="next">The next one; null after the last.</param>
    /// <param name="wanted">Asked before one is written: whether it is still to be.</param>
    /// <param name="made">Told of one that was written, with the hashes of its files; on another thread, one at a time.</param>
    /// <param name="done">Images that are done already.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellation">Stops after the current batch; finished shards stay.</param>
    public void Make(
        Func<int?> next, Func<int, bool> wanted, Action<int, IReadOnlyDictionary<string, string>> made, int done,
        IProgress<HarvestProgress>? progress, CancellationToken cancellation)
    {
        bool begun = _layers.Any(layer => Directory.Exists(layer.Folder)
            && Directory.EnumerateFiles(layer.Folder, "vectors-*.safetensors").Any());
        _harvester.Fill(
            _pass, _harvester.Batches(next, ImagesOf, cancellation), _layers, begun, _images.Count, wanted, made, done, progress, cancellation);
    }

    /// <summary>Puts all shards together, and writes what is known of them; done again, gives the same bytes.</summary>
    /// <param name="hashes">Of some shards, what their makers said of their files, by layer and path.</param>
    /// <param name="again">Told of a shard that has to be made again.</param>
    /// <exception cref="FoveaException">Data: a shard is missing, damaged, or not the one that its maker wrote.</exception>
    public IReadOnlyList<ActivationManifest> Finish(Func<int, IReadOnlyDictionary<string, string>?> hashes, Action<int> again)
    {
        foreach (LayerWriter layer in _layers) layer.Gather(Shards, hashes, again);
        return [.. _layers.Select(layer => _harvester.Finish(layer, _images, _network, _pass.Engine))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LayerWriter layer in _layers) layer.Dispose();
        _pass.Dispose();
    }
}
