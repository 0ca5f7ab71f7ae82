using System.Security.Cryptography;
using System.Text;
using Fovea.Activations.Filters;
using Fovea.Checkpoints;
using Fovea.IO;

namespace Fovea.Activations;

/// <summary>
/// Harvested activations of one layer, <c>[rows, Dimension]</c>, read from the disk: memory does not grow with the rows.
/// </summary>
public sealed class ActivationStore : IVectorSource, IDisposable
{
    private const int ImagesBetweenReleases = 256;

    /// <summary>Rows that stand nearer to each other than this are brought together: what lies between them costs less than a second read.</summary>
    private const int Near = 64;

    private readonly string _folder;
    private readonly SafetensorsFile[] _shards;
    private readonly StoredVectors[] _vectors;
    /// <summary>Whether a shard was read since it was last released: asking the system about each of thousands takes as long as reading.</summary>
    private readonly bool[] _read;
    private readonly ShardIndex _index;
    private readonly Lazy<string?> _identity;
    private readonly Lazy<int[]> _images, _labels;
    /// <summary>Places of the images held out, ascending.</summary>
    private readonly int[] _heldOut;
    private readonly Dictionary<string, StoredDraws> _draws = [];

    private ActivationStore(string folder, ActivationManifest manifest)
    {
        (_folder, Manifest) = (folder, manifest);
        _index = new ShardIndex(manifest.Shards);
        _identity = new Lazy<string?>(() => manifest.Shards.Any(shard => shard.Hash is null)
            ? null
            : Convert.ToHexStringLower(
                SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', manifest.Shards.Select(shard => shard.Hash))))));
        _shards = new SafetensorsFile[manifest.Shards.Count];
        _vectors = new StoredVectors[manifest.Shards.Count];
        _read = new bool[manifest.Shards.Count];
        VectorStorage storage = VectorStorages.Of(manifest.Storage);
        _images = new Lazy<int[]>(() => OfImages(HarvestShard.Image));
        _labels = new Lazy<int[]>(() => OfImages(HarvestShard.Label));
        try
        {
            for (int i = 0; i < _shards.Length; i++)
            {
                _shards[i] = HarvestShard.Open(Path.Combine(folder, manifest.Shards[i].File));
                if (manifest.Shards[i].Hash is { } hash && _shards[i].Metadata.GetValueOrDefault(HarvestShard.HashKey) != hash)
                    throw FoveaException.BadData(
                        $"{_shards[i].Path} is not the shard that {ActivationManifest.FileName} names. Harvest the layer again.");
                _vectors[i] = new StoredVectors(_shards[i], storage, manifest.Shards[i].Rows, manifest.Channels);
            }
            _heldOut = Places(manifest.Split.ValidationImages);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The layer that was harvested.</summary>
    public string Layer => Manifest.Layer;

    string? IVectorSource.Layer => Manifest.Layer;

    string? IVectorSource.Network => Manifest.Network;

    /// <summary>Opens a finished harvest.</summary>
    /// <param name="folder">The layer's folder, e.g. <c>RUN/activations/layer4</c>.</param>
    /// <exception cref="FoveaException">The harvest is unfinished or a shard is damaged.</exception>
    public static ActivationStore Open(string folder)
    {
        string manifest = Path.Combine(folder, ActivationManifest.FileName);
        if (!File.Exists(manifest)) HiddenFile.Refuse(manifest);
        if (!File.Exists(manifest))
            throw FoveaException.BadData(
                $"{folder} holds no finished harvest (no {ActivationManifest.FileName}). Harvest the layer first.");
        return new ActivationStore(folder, DocumentFile.Read<ActivationManifest>(manifest));
    }

    /// <summary>What the store holds.</summary>
    public ActivationManifest Manifest { get; }

    /// <inheritdoc/>
    public string? Identity => _identity.Value;

    /// <inheritdoc/>
    public int Dimension => Manifest.Channels;

    /// <inheritdoc/>
    public long Count => Manifest.Vectors;

    /// <summary>The source's index of each stored image, in row order.</summary>
    public IReadOnlyList<int> Images => _images.Value;

    /// <summary>The class of each stored image, in row order.</summary>
    public IReadOnlyList<int> Labels => _labels.Value;

    /// <summary>
    /// The vector of one row: in place and valid while the store is open; of a store that is not kept in single precision, a copy.
    /// </summary>
    public ReadOnlySpan<float> Row(long row)
    {
        int shard = _index.ShardOf(row);
        Touch(shard);
        return _vectors[shard].Row(row - _index.FirstRow(shard));
    }

    /// <summary>Where on the layer's grid a row's vector is from.</summary>
    public (int Y, int X) PlaceOf(long row)
    {
        int shard = _index.ShardOf(row);
        Touch(shard);
        ReadOnlySpan<short> place = _shards[shard].Span<short>(HarvestShard.Position, 2 * (row - _index.FirstRow(shard)), 2);
        return (place[0], place[1]);
    }

    /// <summary>Which shard holds which rows.</summary>
    internal ShardIndex Index => _index;

    /// <summary>
    /// What each row counts for in a mean over all positions, where some of each image are stored; null where all are. The caller disposes
    /// it.
    /// </summary>
    internal KeptWeights? Weights() => Manifest.Kept is { } kept ? new KeptWeights(_folder, kept.By, _index) : null;

    /// <summary>Refuses what needs a vector of every position of an image.</summary>
    /// <param name="what">What it is, as the beginning of a sentence: "Examples of units need".</param>
    /// <exception cref="FoveaException">Configuration: the store keeps some positions of each image.</exception>
    public void RequireAllPositions(string what)
    {
        if (Manifest.Kept is { } kept)
            throw FoveaException.BadConfiguration(
                $"{what} a vector of every position, and of {Layer} {kept.Positions} of {Manifest.Positions} positions of each image are "
                    + "stored. Harvest without keep.");
    }

    /// <inheritdoc/>
    public bool IsOnDisk => true;

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<long> rows, Span<float> destination)
    {
        for (int i = 0, next; i < rows.Length; i = next)
        {
            int shard = _index.ShardOf(rows[i]);
            long start = _index.FirstRow(shard), end = start + _index.Rows(shard);
            // Neighbours at once.
            for (next = i + 1; next < rows.Length && rows[next] == rows[next - 1] + 1 && rows[next] < end;) next++;
            _vectors[shard].Copy(rows[i] - start, destination.Slice(i * Dimension, (next - i) * Dimension));
        }
    }

    /// <inheritdoc/>
    public void Release()
    {
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            // Before its pages go: what another thread reads meanwhile is seen the next time.
            if (Interlocked.Exchange(ref _read[shard], false)) _shards[shard].ReleasePages();
        }
        lock (_draws)
        {
            foreach (var draws in _draws.Values) draws.Release();
        }
    }

    /// <inheritdoc/>
    public void Expect(ReadOnlySpan<long> rows)
    {
        for (int i = 0; i < rows.Length;)
        {
            int shard = _index.ShardOf(rows[i]);
            long start = _index.FirstRow(shard), end = start + _index.Rows(shard), first = rows[i], last = first;
            while (++i < rows.Length && rows[i] >= start && rows[i] < end && rows[i] > first - Near && rows[i] < last + Near)
                (first, last) = (Math.Min(first, rows[i]), Math.Max(last, rows[i]));
            _vectors[shard].Expect(first - start, (int)(last + 1 - first));
        }
    }

    private bool IsHeldOut(int image) => Array.BinarySearch(_heldOut, image) >= 0;

    private int[] OfImages(string name)
    {
        var images = new int[Manifest.Images];
        Each(name, (image, said) => images[image] = said);
        return images;
    }

    /// <summary>Where images stand in the store.</summary>
    /// <param name="wanted">Their numbers in the source.</param>
    private int[] Places(IReadOnlyList<int> wanted)
    {
        int[] numbers = [.. wanted];
        Array.Sort(numbers);
        // Images that were damaged are not in the store.
        var places = new int[numbers.Length];
        int found = 0;
        Each(HarvestShard.Image, (image, number) =>
        {
            if (found < places.Length && Array.BinarySearch(numbers, number) >= 0) places[found++] = image;
        });
        return found == places.Length ? places : places[..found];
    }

    /// <summary>Goes through what shards say of each row, once an image.</summary>
    private void Each(string name, Action<int, int> found)
    {
        for (int shard = 0, image = 0; shard < _shards.Length; shard++)
        {
            ReadOnlySpan<int> rows = _shards[shard].Span<int>(name);
            for (int row = 0; row < rows.Length && image < Manifest.Images; row += Manifest.RowsOfImage) found(image++, rows[row]);
            // All shards' numbers of images would stay in this process' memory.
            _shards[shard].ReleasePages();
        }
    }

    private void Touch(int shard)
    {
        // A write is seen by all processors; most reads find it done.
        if (!Volatile.Read(ref _read[shard])) Volatile.Write(ref _read[shard], true);
    }

    /// <summary>The score maps of a filter, <c>[images of the shard, H, W]</c>, shard by shard.</summary>
    public IEnumerable<float[]> ScoreMaps(string filter)
    {
        for (int i = 0; i < _shards.Length; i++)
        {
            using var draws = HarvestShard.Open(HarvestShard.DrawsPath(_folder, filter, i));
            yield return draws.Span<float>(HarvestShard.Scores).ToArray();
        }
    }

    /// <summary>The rows a filter drew, divided by image: what stage 3 trains on and what it is measured on.</summary>
    /// <param name="filter">One of the manifest's.</param>
    /// <returns>Good while the store is open.</returns>
    /// <exception cref="FoveaException">Configuration: the layer was not harvested with this filter. Data: its draws are
    /// damaged.</exception>
    public (RowSet Training, RowSet Validation) Draws(string filter)
    {
        bool all = _heldOut.Length == Manifest.Images;
        return (
            Draws(filter, ImageRows.Without(_heldOut, Manifest.Images, Manifest.RowsOfImage)),
            Draws(filter, new ImageRows(all ? null : _heldOut, _heldOut.Length, Manifest.RowsOfImage)));
    }

    /// <summary>
    /// The rows that a filter drew on some images, in their order; a row drawn twice is there twice. Memory: a number an image.
    /// </summary>
    /// <param name="filter">One of the manifest's.</param>
    /// <param name="wanted">Given the place of an image in <see cref="Images"/>, whether its draws belong to the set.</param>
    /// <returns>Good while the store is open.</returns>
    /// <exception cref="FoveaException">Configuration: the layer was not harvested with this filter, or keeps the positions that another
    /// one drew. Data: its draws are damaged.</exception>
    public RowSet Draws(string filter, Func<int, bool> wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        // Counted first: a list that grows takes twice the memory.
        int count = 0;
        for (int image = 0; image < Manifest.Images; image++) count += wanted(image) ? 1 : 0;
        var images = new int[count];
        for (int image = 0, i = 0; i < count; image++)
        {
            if (wanted(image)) images[i++] = image;
        }
        return Draws(filter, new ImageRows(count == Manifest.Images ? null : images, count, Manifest.RowsOfImage));
    }

    private RowSet Draws(string filter, ImageRows positions)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (!Manifest.Filters.Contains(filter))
            throw FoveaException.BadConfiguration(
                $"Layer {Manifest.Layer} was not harvested with filter '{filter}'; there are: {string.Join(", ", Manifest.Filters)}.");
        if (Manifest.Kept is { } kept && kept.By != filter)
            throw FoveaException.BadConfiguration(
                $"Of layer {Manifest.Layer} the positions are stored that '{kept.By}' drew: there are no draws of '{filter}' among all.");
        // Without a filter every position is taken once, in order, and of a store that keeps some, each of them: nothing to look up.
        if (filter == NoFilter.FilterName || Manifest.Kept is not null) return positions;
        lock (_draws)
        {
            if (!_draws.TryGetValue(filter, out var draws)) _draws.Add(filter, draws = new StoredDraws(_folder, filter, _index));
            return new DrawnRows(draws, positions);
        }
    }

    /// <summary>
    /// The mean of all stored vectors of the training images, <c>[Dimension]</c>: what mean ablation puts in a layer's place.
    /// </summary>
    /// <param name="cancellation">Stops the pass over the vectors.</param>
    /// <exception cref="FoveaException">Data: no image is for training. Numerical: a vector holds NaN or infinity.</exception>
    public float[] TrainingMean(CancellationToken cancellation = default)
    {
        return Mean(image => !IsHeldOut(image), cancellation);
    }

    /// <summary>
    /// The mean of all vectors of some images, <c>[Dimension]</c>. Where some positions of each image are stored, each counts by its weight
    /// (<c>draws/</c>): on average that is the mean over all positions that could be drawn.
    /// </summary>
    /// <param name="wanted">Given the place of an image in <see cref="Images"/>, whether it counts.</param>
    /// <param name="cancellation">Stops the pass over the vectors.</param>
    /// <exception cref="FoveaException">Data: no image is wanted. Numerical: a vector holds NaN or infinity.</exception>
    public float[] Mean(Func<int, bool> wanted, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var sums = new double[Dimension];
        long count = 0;
        int positions = Manifest.RowsOfImage;
        float[] vector = new float[Dimension];
        using KeptWeights? weights = Weights();
        for (int image = 0; image < Manifest.Images; image++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (image % ImagesBetweenReleases == 0) Release();
            if (!wanted(image)) continue;
            for (long row = (long)image * positions; row < (image + 1L) * positions; row++, count++)
            {
                Read([row], vector);
                if (weights?[row] is { } weight)
                {
                    for (int i = 0; i < sums.Length; i++) sums[i] += (double)weight * vector[i];
                }
                else
                {
                    for (int i = 0; i < sums.Length; i++) sums[i] += vector[i];
                }
            }
        }
        if (count == 0)
            throw FoveaException.BadData($"There is no image of {Manifest.Layer} to take a mean of: all that were harvested are held out.");
        if (!sums.All(double.IsFinite))
            throw FoveaException.NumericalFailure($"A vector of {Manifest.Layer} holds NaN or infinity. Harvest the layer again.");
        return [.. sums.Select(sum => (float)(sum / count))];
    }

    /// <summary>Unmaps the shards.</summary>
    public void Dispose()
    {
        foreach (var shard in _shards) shard?.Dispose();
        foreach (var draws in _draws.Values) draws.Dispose();
    }
}
