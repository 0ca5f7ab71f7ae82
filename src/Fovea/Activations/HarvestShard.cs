using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Fovea.Activations.Filters;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.IO;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Activations;

/// <summary>
/// One shard of one layer while it is filled: vectors, where each is from, and for each filter the score maps and the draws.
/// Writing puts the draws first and the vectors last: the vectors' file says that the shard is whole.
/// </summary>
internal sealed class HarvestShard : IDisposable
{
    public const string Vectors = "vectors", Image = "image", Position = "position", Label = "label";
    /// <summary>
    /// Words of a shard's header: the hash of its tensors' bytes, and of what the harvest is made of (<see cref="HarvestIdentity"/>).
    /// </summary>
    public const string HashKey = "sha256", HarvestKey = "harvest";

    /// <summary>The schema number of shards and draws.</summary>
    public const int Schema = 1;

    public const string Scores = "scores", DrawnRow = "row", Weight = "weight", Fallback = "fallback";

    private readonly int _index, _channels, _positions, _width;
    private readonly long _firstRow;
    private readonly string _folder, _harvest;
    private readonly IReadOnlyList<string> _filters;
    private readonly ShardBuffers _buffers;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public HarvestShard(
        string folder, int index, long firstRow, ShardBuffers buffers, (int Channels, int Height, int Width) shape,
            IReadOnlyList<string> filters, string harvest)
    {
        (_folder, _index, _firstRow, _filters) = (folder, index, firstRow, filters);
        (_channels, _positions, _width) = (shape.Channels, shape.Height * shape.Width, shape.Width);
        (_harvest, _buffers) = (harvest, buffers);
    }

    /// <summary>Images in it so far.</summary>
    public int Images { get; private set; }

    public long FirstRow => _firstRow;

    public int Rows => Images * _positions;

    /// <summary>Its memory, free for another once it is written.</summary>
    public ShardBuffers Buffers => _buffers;

    /// <summary>Opens a shard, of vectors or of draws.</summary>
    /// <exception cref="FoveaException">Data: it is missing, damaged or of another schema.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = SafetensorsFile.Open(path);
        try
        {
            TensorSchema.Require(file, Schema);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static string VectorsPath(string folder, int index) => Path.Combine(folder, $"vectors-{index:00000}.safetensors");

    public static string DrawsPath(string folder, string filter, int index) =>
        SafeName.Combine(folder, "draws", filter, $"draws-{index:00000}.safetensors");

    /// <summary>Adds a batch.</summary>
    /// <param name="evidence">The layer's output <c>[N, C, H, W]</c> and what the scores need of it.</param>
    /// <param name="scores">One for each filter.</param>
    /// <param name="batch">Which images they are, and their classes.</param>
    /// <param name="seed">Seed of the draws; each image and filter has its own stream.</param>
    /// <exception cref="FoveaException">Numerical: the activations are not finite.</exception>
    public void Add(LayerEvidence evidence, IReadOnlyList<IPatchScore> scores, ImageBatch batch, ulong seed)
    {
        int count = batch.Count, first = Rows, rows = count * _positions;
        Span<float> vectors = _buffers.Vectors.AsSpan(first * _channels, rows * _channels);
        FastPaths.Ran(FastPath.PositionRows);
        PositionRows.Copy(evidence.Activations, vectors);
        if (!VectorMath.AreFinite(vectors))
        {
            throw FoveaException.NumericalFailure(
                $"Layer {evidence.Layer} gave NaN or infinity: the weights do not fit this network, or the input is not normalised as "
                    + $"they expect.");
        }
        // While they are in the cache.
        _hash.AppendData(MemoryMarshal.AsBytes(vectors));
        for (int f = 0; f < scores.Count; f++) Score(scores[f], evidence, vectors, _buffers.Scores[f].AsSpan(first, rows));
        var (images, labels) = (batch.Indices, batch.Labels);
        var positions = new int[_positions];
        for (int n = 0; n < images.Length; n++, Images++)
        {
            int start = Rows;
            for (int p = 0; p < _positions; p++)
            {
                (_buffers.Images[start + p], _buffers.Labels[start + p]) = (images[n], labels[n]);
                (_buffers.Place[2 * (start + p)], _buffers.Place[2 * (start + p) + 1]) = ((short)(p / _width), (short)(p % _width));
            }
            for (int f = 0; f < _filters.Count; f++)
            {
                ReadOnlySpan<float> map = _buffers.Scores[f].AsSpan(start, _positions);
                Span<float> weights = _buffers.Weights[f].AsSpan(start, _positions);
                _buffers.Fallbacks[f][Images] = 0;
                if (_filters[f] == Filters.NoFilter.FilterName) PatchSampler.TakeAll(positions, weights);
                else
                {
                    var random = new CounterRandom(seed, $"harvest/{evidence.Layer}/{_filters[f]}", images[n]);
                    _buffers.Fallbacks[f][Images] = PatchSampler.Draw(map, random, positions, weights) ? (byte)1 : (byte)0;
                }
                for (int p = 0; p < _positions; p++) _buffers.Rows[f][start + p] = _firstRow + start + positions[p];
            }
        }
    }

    private static void Score(IPatchScore score, LayerEvidence evidence, ReadOnlySpan<float> vectors, Span<float> scores)
    {
        if (score is IVectorScore direct)
        {
            direct.Score(vectors, vectors.Length / Math.Max(1, scores.Length), scores);
            return;
        }
        using Tensor map = score.Score(evidence), own = map.contiguous().cpu();
        MemoryMarshal.Cast<byte, float>(own.bytes).CopyTo(scores);
    }

    /// <summary>Writes the shard; nothing more is added to it.</summary>
    /// <returns>Each file's path in the layer's folder, and the hash of its tensors.</returns>
    public IReadOnlyList<KeyValuePair<string, string>> Write()
    {
        int rows = Rows;
        var written = new List<KeyValuePair<string, string>>();
        for (int f = 0; f < _filters.Count; f++)
        {
            var (scores, drawn, weights, fallbacks) = (_buffers.Scores[f], _buffers.Rows[f], _buffers.Weights[f], _buffers.Fallbacks[f]);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Append(hash, scores, rows);
            Append(hash, drawn, rows);
            Append(hash, weights, rows);
            Append(hash, fallbacks, Images);
            var header = Header(_harvest, hash);
            string path = DrawsPath(_folder, _filters[f], _index);
            Safetensors.Write(path,
            [
                Entry(Scores, scores.AsMemory(0, rows), Images, _positions / _width, _width),
                Entry(DrawnRow, drawn.AsMemory(0, rows), rows),
                Entry(Weight, weights.AsMemory(0, rows), rows),
                Entry(Fallback, fallbacks.AsMemory(0, Images), Images),
            ], header);
            written.Add(Said(path, header));
        }
        // The vectors are in it.
        Append(_hash, _buffers.Images, rows);
        Append(_hash, _buffers.Place, rows * 2);
        Append(_hash, _buffers.Labels, rows);
        var own = Header(_harvest, _hash);
        Safetensors.Write(VectorsPath(_folder, _index),
        [
            Entry(Vectors, _buffers.Vectors.AsMemory(0, rows * _channels), rows, _channels),
            Entry(Image, _buffers.Images.AsMemory(0, rows), rows),
            Entry(Position, _buffers.Place.AsMemory(0, rows * 2), rows, 2),
            Entry(Label, _buffers.Labels.AsMemory(0, rows), rows),
        ], own);
        written.Add(Said(VectorsPath(_folder, _index), own));
        return written;
    }

    /// <summary>
    /// Has a shard's draws say rows from another first row on: they were made before anyone knew how many images before them are damaged.
    /// Where they say these rows already, nothing is written.
    /// </summary>
    /// <param name="path">The draws.</param>
    /// <param name="firstRow">The row of the shard's first vector.</param>
    /// <param name="positions">Vectors of an image.</param>
    public static void MoveRows(string path, long firstRow, int positions)
    {
        float[] scores, weights;
        long[] drawn, shape;
        byte[] fallbacks;
        string harvest;
        using (SafetensorsFile file = Open(path))
        {
            drawn = file.Span<long>(DrawnRow).ToArray();
            // The first draw is of the first image, whose rows begin at a multiple of the positions.
            if (drawn.Length == 0 || drawn[0] / positions * positions == firstRow) return;
            (scores, weights, fallbacks) =
                (file.Span<float>(Scores).ToArray(), file.Span<float>(Weight).ToArray(), file.Span<byte>(Fallback).ToArray());
            (shape, harvest) = ([.. file.Tensors[Scores].Shape], file.Metadata[HarvestKey]);
        }
        long shift = firstRow - drawn[0] / positions * positions;
        for (int i = 0; i < drawn.Length; i++) drawn[i] += shift;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, scores, scores.Length);
        Append(hash, drawn, drawn.Length);
        Append(hash, weights, weights.Length);
        Append(hash, fallbacks, fallbacks.Length);
        Safetensors.Write(path,
        [
            Entry<float>(Scores, scores, shape), Entry<long>(DrawnRow, drawn, drawn.Length), Entry<float>(Weight, weights, weights.Length),
            Entry<byte>(Fallback, fallbacks, fallbacks.Length),
        ], Header(harvest, hash));
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private static IReadOnlyDictionary<string, string> Header(string harvest, IncrementalHash hash) =>
        TensorSchema.Of(Schema, (HarvestKey, harvest), (HashKey, Convert.ToHexStringLower(hash.GetHashAndReset())));

    private KeyValuePair<string, string> Said(string path, IReadOnlyDictionary<string, string> header) =>
        KeyValuePair.Create(Path.GetRelativePath(_folder, path).Replace('\\', '/'), header[HashKey]);

    private static void Append<T>(IncrementalHash hash, T[] values, int count) where T : unmanaged
    {
        const int AtOnce = 1 << 20;
        for (int start = 0; start < count; start += AtOnce)
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(AtOnce, count - start))));
    }

    private static SafetensorsEntry Entry<T>(string name, Memory<T> values, params long[] shape) where T : unmanaged =>
        SafetensorsEntry.Of(name, (ReadOnlyMemory<T>)values, shape);
}
