using System.Buffers;
using Fovea.Checkpoints;

namespace Fovea.Activations;

/// <summary>The vectors of one shard on the disk, read in single precision whatever they are kept in. Good while the file is open.</summary>
internal readonly struct StoredVectors
{
    private readonly VectorStorage _storage;
    private readonly MappedTensor<float> _single;
    private readonly MappedTensor<ushort> _halves;
    private readonly int _dimension;

    /// <param name="file">The shard.</param>
    /// <param name="storage">As the manifest says.</param>
    /// <param name="rows">How many the manifest says there are.</param>
    /// <param name="dimension">Numbers of a vector.</param>
    /// <exception cref="FoveaException">Data: the shard has no vectors, others, or of another type.</exception>
    public StoredVectors(SafetensorsFile file, VectorStorage storage, int rows, int dimension)
    {
        (_storage, _dimension) = (storage, dimension);
        if (!file.Tensors.TryGetValue(HarvestShard.Vectors, out SafetensorsTensor? tensor) || tensor.Type != storage.Type()
            || tensor.Shape is not [var stored, var numbers] || stored != rows || numbers != dimension)
            throw FoveaException.BadData(
                $"{file.Path} does not hold {rows} vectors of {dimension} numbers in {storage.Word()}, as {ActivationManifest.FileName} says. "
                    + "Harvest the layer again.");
        if (storage == VectorStorage.Float32) _single = file.Mapped<float>(HarvestShard.Vectors);
        else _halves = file.Mapped<ushort>(HarvestShard.Vectors);
    }

    /// <summary>A vector: where it lies in single precision, else a copy.</summary>
    /// <param name="row">Of the shard.</param>
    public ReadOnlySpan<float> Row(long row)
    {
        if (_storage == VectorStorage.Float32) return _single.Slice(row * _dimension, _dimension);
        var vector = new float[_dimension];
        Copy(row, vector);
        return vector;
    }

    /// <summary>Copies neighbours.</summary>
    /// <param name="row">The first, of the shard.</param>
    /// <param name="vectors">Gets as many as it holds.</param>
    public void Copy(long row, Span<float> vectors)
    {
        if (_storage == VectorStorage.Float32)
        {
            _single.Copy(row * _dimension, vectors);
            return;
        }
        ushort[] halves = ArrayPool<ushort>.Shared.Rent(vectors.Length);
        try
        {
            _halves.Copy(row * _dimension, halves.AsSpan(0, vectors.Length));
            _storage.Widen(halves.AsSpan(0, vectors.Length), vectors);
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(halves);
        }
    }

    /// <summary>Says that neighbours are read soon.</summary>
    /// <param name="row">The first, of the shard.</param>
    /// <param name="count">How many.</param>
    public void Expect(long row, int count)
    {
        if (_storage == VectorStorage.Float32) _single.Expect(row * _dimension, count * _dimension);
        else _halves.Expect(row * _dimension, count * _dimension);
    }
}
