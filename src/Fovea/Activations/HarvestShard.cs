using System.Globalization;
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
internal sealed partial class HarvestShard : IDisposable
{
    public const string Vectors = "vectors", Image = "image", Position = "position", Label = "label";
    /// <summary>
    /// Words of a shard's header: the hash of its tensors' bytes, and of what the harvest is made of (<see cref="HarvestIdentity"/>).
    /// </summary>
    public const string HashKey = "sha256", HarvestKey = "harvest";

    /// <summary>The schema number of shards and draws.</summary>
    public const int Schema = 1;

    public const string Scores = "scores", DrawnRow = "row", Weight = "weight", Fallback = "fallback";

    private readonly int _index;
    private readonly long _firstRow;
    private readonly string _folder, _harvest;
    private readonly ShardForm _form;
    private readonly ShardBuffers _buffers;
    private readonly int[] _drawn;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private RoundingError _rounding;

    public HarvestShard(string folder, int index, long firstRow, ShardBuffers buffers, ShardForm form, string harvest)
    {
        (_folder, _index, _firstRow, _form) = (folder, index, firstRow, form);
        (_harvest, _buffers, _drawn) = (harvest, buffers, new int[form.Positions]);
    }

    /// <summary>Images in it so far.</summary>
    public int Images { get; private set; }

    public long FirstRow => _firstRow;

    public int Rows => Images * _form.RowsOfImage;

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
        int positions = _form.Positions, channels = _form.Channels, kept = _form.RowsOfImage, count = batch.Count;
        int first = Rows * channels, numbers = count * positions * channels;
        // In the place where they stay, unless some are left out or all are rounded.
        Span<float> vectors = _form.Kept is null && _form.Storage == VectorStorage.Float32
            ? _buffers.Vectors.AsSpan(first, numbers) : _buffers.Batch(numbers);
        FastPaths.Ran(FastPath.PositionRows);
        PositionRows.Copy(evidence.Activations, vectors);
        if (!VectorMath.AreFinite(vectors))
        {
            throw FoveaException.NumericalFailure(
                $"Layer {evidence.Layer} gave NaN or infinity: the weights do not fit this network, or the input is not normalised as "
                    + $"they expect.");
        }
        for (int f = 0; f < scores.Count; f++)
            Score(scores[f], evidence, vectors, _buffers.Scores[f].AsSpan(Images * positions, count * positions));
        var (images, labels) = (batch.Indices, batch.Labels);
        var chosen = new int[kept];
        for (int n = 0; n < images.Length; n++, Images++)
        {
            for (int p = 0; p < kept; p++) chosen[p] = p;
            if (_form.Kept is not null) Keep(evidence.Layer, images[n], chosen, seed);
            else
            {
                for (int f = 0; f < _form.Filters.Count; f++) Draw(f, evidence.Layer, images[n], seed);
            }
            int start = Rows;
            for (int p = 0; p < kept; p++)
            {
                (_buffers.Images[start + p], _buffers.Labels[start + p]) = (images[n], labels[n]);
                (_buffers.Place[2 * (start + p)], _buffers.Place[2 * (start + p) + 1]) =
                    ((short)(chosen[p] / _form.Width), (short)(chosen[p] % _form.Width));
                // Towards the beginning, and positions ascend: what is overwritten is not needed any more.
                if (_form.Kept is not null)
                    vectors.Slice((n * positions + chosen[p]) * channels, channels).CopyTo(vectors[((n * kept + p) * channels)..]);
            }
        }
        Store(evidence.Layer, vectors[..(count * kept * channels)], first);
    }

    /// <summary>Puts a batch's vectors where they stay, and hashes them while they are in the cache.</summary>
    private void Store(string layer, ReadOnlySpan<float> vectors, int first)
    {
        if (_form.Storage == VectorStorage.Float32)
        {
            if (_form.Kept is not null) vectors.CopyTo(_buffers.Vectors.AsSpan(first));
            _hash.AppendData(MemoryMarshal.AsBytes(vectors));
            return;
        }
        Span<ushort> halves = _buffers.Halves.AsSpan(first, vectors.Length);
        Span<float> stored = stackalloc float[4096];
        for (int start = 0; start < vectors.Length; start += stored.Length)
        {
            ReadOnlySpan<float> some = vectors.Slice(start, Math.Min(stored.Length, vectors.Length - start));
            Span<ushort> rounded = halves.Slice(start, some.Length);
            if (_form.Storage.Round(some, rounded) is >= 0 and var lost)
                throw FoveaException.NumericalFailure(string.Create(CultureInfo.InvariantCulture,
                    $"Layer {layer} gave {some[lost]:R}, which {_form.Storage.Word()} cannot hold")
                    + (_form.Storage == VectorStorage.Float16
                        ? " (65504 is its largest number): store the vectors as bfloat16, which has the range of float32, or as float32."
                        : ": store the vectors as float32."));
            _form.Storage.Widen(rounded, stored);
            _rounding += RoundingError.Of(some, stored);
        }
        _hash.AppendData(MemoryMarshal.AsBytes(halves));
    }

    /// <summary>Which positions of the image that comes next are stored.</summary>
    private void Keep(string layer, int image, Span<int> chosen, ulong seed)
    {
        int positions = _form.Positions, start = Rows;
        for (int f = 0; f < _form.Filters.Count; f++)
        {
            ReadOnlySpan<float> map = _buffers.Scores[f].AsSpan(Images * positions, positions);
            _buffers.Fallbacks[f][Images] = PatchSampler.IsAllZero(map) ? (byte)1 : (byte)0;
            if (!_form.Draws(_form.Filters[f])) continue;
            KeptPositions.Draw(
                map, new CounterRandom(seed, $"harvest/keep/{layer}/{_form.KeptBy}", image), chosen,
                _buffers.Weights[f].AsSpan(start, chosen.Length));
            for (int p = 0; p < chosen.Length; p++) _buffers.Rows[f][start + p] = _firstRow + start + p;
        }
    }

    /// <summary>A filter's draws among all positions of the image that comes next.</summary>
    private void Draw(int f, string layer, int image, ulong seed)
    {
        int start = Rows;
        ReadOnlySpan<float> map = _buffers.Scores[f].AsSpan(start, _drawn.Length);
        Span<float> weights = _buffers.Weights[f].AsSpan(start, _drawn.Length);
        _buffers.Fallbacks[f][Images] = 0;
        if (_form.Filters[f] == Filters.NoFilter.FilterName) PatchSampler.TakeAll(_drawn, weights);
        else
        {
            var random = new CounterRandom(seed, $"harvest/{layer}/{_form.Filters[f]}", image);
            _buffers.Fallbacks[f][Images] = PatchSampler.Draw(map, random, _drawn, weights) ? (byte)1 : (byte)0;
        }
        for (int p = 0; p < _drawn.Length; p++) _buffers.Rows[f][start + p] = _firstRow + start + _drawn[p];
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

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
