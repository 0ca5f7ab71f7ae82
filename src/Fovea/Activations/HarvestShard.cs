using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Fovea.Activations.Filters;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.IO;
using Fovea.Numerics;

namespace Fovea.Activations;

/// <summary>
/// One shard of one layer while it is filled: vectors, where each is from, and for each filter the score maps and the draws.
/// Writing puts the draws first and the vectors last: the vectors' file says that the shard is whole.
/// </summary>
internal sealed class HarvestShard
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
    private readonly float[] _vectors;
    private readonly int[] _images, _labels;
    private readonly short[] _place;
    private readonly float[][] _scores, _weights;
    private readonly long[][] _rows;
    private readonly byte[][] _fallbacks;

    public HarvestShard(
        string folder, int index, long firstRow, int capacity, (int Channels, int Height, int Width) shape, IReadOnlyList<string> filters,
            string harvest)
    {
        (_folder, _index, _firstRow, _filters) = (folder, index, firstRow, filters);
        (_channels, _positions, _width) = (shape.Channels, shape.Height * shape.Width, shape.Width);
        _harvest = harvest;
        int rows = checked(capacity * _positions);
        _vectors = GC.AllocateUninitializedArray<float>(checked(rows * _channels));
        (_images, _labels, _place) = (new int[rows], new int[rows], new short[checked(rows * 2)]);
        _scores = [.. filters.Select(_ => new float[rows])];
        _weights = [.. filters.Select(_ => new float[rows])];
        _rows = [.. filters.Select(_ => new long[rows])];
        _fallbacks = [.. filters.Select(_ => new byte[capacity])];
    }

    /// <summary>Images in it so far.</summary>
    public int Images { get; private set; }

    public long FirstRow => _firstRow;

    public int Rows => Images * _positions;

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
        var vectors = evidence.Activations.permute(0, 2, 3, 1).contiguous().cpu();
        if (!vectors.sum().isfinite().item<bool>())
        {
            throw FoveaException.NumericalFailure(
                $"Layer {evidence.Layer} gave NaN or infinity: the weights do not fit this network, or the input is not normalised as "
                    + $"they expect.");
        }
        MemoryMarshal.Cast<byte, float>(vectors.bytes).CopyTo(_vectors.AsSpan(Rows * _channels));
        var maps = scores.Select(score => score.Score(evidence).contiguous().cpu()).ToArray();
        var (images, labels) = (batch.Indices, batch.Labels);
        var positions = new int[_positions];
        for (int n = 0; n < images.Length; n++, Images++)
        {
            int start = Rows;
            for (int p = 0; p < _positions; p++)
            {
                (_images[start + p], _labels[start + p]) = (images[n], labels[n]);
                (_place[2 * (start + p)], _place[2 * (start + p) + 1]) = ((short)(p / _width), (short)(p % _width));
            }
            for (int f = 0; f < _filters.Count; f++)
            {
                var map = MemoryMarshal.Cast<byte, float>(maps[f].bytes).Slice(n * _positions, _positions);
                map.CopyTo(_scores[f].AsSpan(start));
                var weights = _weights[f].AsSpan(start, _positions);
                if (_filters[f] == Filters.NoFilter.FilterName) PatchSampler.TakeAll(positions, weights);
                else
                {
                    var random = new CounterRandom(seed, $"harvest/{evidence.Layer}/{_filters[f]}", images[n]);
                    _fallbacks[f][Images] = PatchSampler.Draw(map, random, positions, weights) ? (byte)1 : (byte)0;
                }
                for (int p = 0; p < _positions; p++) _rows[f][start + p] = _firstRow + start + positions[p];
            }
        }
    }

    public void Write()
    {
        int rows = Rows;
        for (int f = 0; f < _filters.Count; f++)
        {
            Safetensors.Write(DrawsPath(_folder, _filters[f], _index),
            [
                Entry(Scores, _scores[f].AsMemory(0, rows), Images, _positions / _width, _width),
                Entry(DrawnRow, _rows[f].AsMemory(0, rows), rows),
                Entry(Weight, _weights[f].AsMemory(0, rows), rows),
                Entry(Fallback, _fallbacks[f].AsMemory(0, Images), Images),
            ], Header(hash =>
            {
                Append(hash, _scores[f], rows);
                Append(hash, _rows[f], rows);
                Append(hash, _weights[f], rows);
                Append(hash, _fallbacks[f], Images);
            }));
        }
        Safetensors.Write(VectorsPath(_folder, _index),
        [
            Entry(Vectors, _vectors.AsMemory(0, rows * _channels), rows, _channels),
            Entry(Image, _images.AsMemory(0, rows), rows),
            Entry(Position, _place.AsMemory(0, rows * 2), rows, 2),
            Entry(Label, _labels.AsMemory(0, rows), rows),
        ], Header(hash =>
        {
            Append(hash, _vectors, rows * _channels);
            Append(hash, _images, rows);
            Append(hash, _place, rows * 2);
            Append(hash, _labels, rows);
        }));
    }

    private IReadOnlyDictionary<string, string> Header(Action<IncrementalHash> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        tensors(hash);
        return TensorSchema.Of(Schema, (HarvestKey, _harvest), (HashKey, Convert.ToHexStringLower(hash.GetHashAndReset())));
    }

    private static void Append<T>(IncrementalHash hash, T[] values, int count) where T : unmanaged
    {
        const int AtOnce = 1 << 20;
        for (int start = 0; start < count; start += AtOnce)
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(AtOnce, count - start))));
    }

    private static SafetensorsEntry Entry<T>(string name, Memory<T> values, params long[] shape) where T : unmanaged =>
        SafetensorsEntry.Of(name, (ReadOnlyMemory<T>)values, shape);
}
