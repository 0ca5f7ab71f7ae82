using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Fovea.Checkpoints;

namespace Fovea.Activations;

// A shard's files.
internal sealed partial class HarvestShard
{
    /// <summary>Writes the shard; nothing more is added to it.</summary>
    /// <returns>Each file's path in the layer's folder, and the hash of its tensors.</returns>
    public IReadOnlyList<KeyValuePair<string, string>> Write()
    {
        int rows = Rows, numbers = rows * _form.Channels, positions = Images * _form.Positions;
        var written = new List<KeyValuePair<string, string>>();
        for (int f = 0; f < _form.Filters.Count; f++)
        {
            var (scores, drawn, weights, fallbacks) = (_buffers.Scores[f], _buffers.Rows[f], _buffers.Weights[f], _buffers.Fallbacks[f]);
            bool draws = _form.Draws(_form.Filters[f]);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Append(hash, scores, positions);
            if (draws)
            {
                Append(hash, drawn, rows);
                Append(hash, weights, rows);
            }
            Append(hash, fallbacks, Images);
            var header = Header(_harvest, hash);
            string path = DrawsPath(_folder, _form.Filters[f], _index);
            SafetensorsEntry map = Entry(Scores, scores.AsMemory(0, positions), Images, _form.Height, _form.Width);
            SafetensorsEntry uniform = Entry(Fallback, fallbacks.AsMemory(0, Images), Images);
            Safetensors.Write(path, draws
                ? [map, Entry(DrawnRow, drawn.AsMemory(0, rows), rows), Entry(Weight, weights.AsMemory(0, rows), rows), uniform]
                : [map, uniform], header);
            written.Add(Said(path, header));
        }
        // The vectors are in it.
        Append(_hash, _buffers.Images, rows);
        Append(_hash, _buffers.Place, rows * 2);
        Append(_hash, _buffers.Labels, rows);
        bool whole = _form.Storage == VectorStorage.Float32;
        var own = whole ? Header(_harvest, _hash) : Header(_harvest, _hash, (RoundingError.Key, _rounding.ToString()));
        Safetensors.Write(VectorsPath(_folder, _index),
        [
            whole ? Entry(Vectors, _buffers.Vectors.AsMemory(0, numbers), rows, _form.Channels)
                : new SafetensorsEntry(Vectors, _form.Storage.Type(), [rows, _form.Channels], stream => Put(stream, _buffers.Halves, numbers)),
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
    /// <param name="rowsOfImage">Vectors of an image.</param>
    public static void MoveRows(string path, long firstRow, int rowsOfImage)
    {
        float[] scores, weights;
        long[] drawn, shape;
        byte[] fallbacks;
        string harvest;
        using (SafetensorsFile file = Open(path))
        {
            // Of a filter that has maps alone there is nothing to move.
            if (!file.Tensors.ContainsKey(DrawnRow)) return;
            drawn = file.Span<long>(DrawnRow).ToArray();
            // The first draw is of the first image, whose rows begin at a multiple of an image's.
            if (drawn.Length == 0 || drawn[0] / rowsOfImage * rowsOfImage == firstRow) return;
            (scores, weights, fallbacks) =
                (file.Span<float>(Scores).ToArray(), file.Span<float>(Weight).ToArray(), file.Span<byte>(Fallback).ToArray());
            (shape, harvest) = ([.. file.Tensors[Scores].Shape], file.Metadata[HarvestKey]);
        }
        long shift = firstRow - drawn[0] / rowsOfImage * rowsOfImage;
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

    private static IReadOnlyDictionary<string, string> Header(
        string harvest, IncrementalHash hash, params ReadOnlySpan<(string Key, string Value)> others) =>
        TensorSchema.Of(Schema, [(HarvestKey, harvest), (HashKey, Convert.ToHexStringLower(hash.GetHashAndReset())), .. others]);

    private KeyValuePair<string, string> Said(string path, IReadOnlyDictionary<string, string> header) =>
        KeyValuePair.Create(Path.GetRelativePath(_folder, path).Replace('\\', '/'), header[HashKey]);

    private static void Append<T>(IncrementalHash hash, T[] values, int count) where T : unmanaged
    {
        const int AtOnce = 1 << 20;
        for (int start = 0; start < count; start += AtOnce)
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(AtOnce, count - start))));
    }

    /// <summary>In pieces: a span of bytes ends at 2³¹ − 1.</summary>
    private static void Put(Stream stream, ushort[] values, int count)
    {
        const int AtOnce = 1 << 24;
        for (int start = 0; start < count; start += AtOnce)
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(AtOnce, count - start))));
    }

    private static SafetensorsEntry Entry<T>(string name, Memory<T> values, params long[] shape) where T : unmanaged =>
        SafetensorsEntry.Of(name, (ReadOnlyMemory<T>)values, shape);
}
