using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;

namespace Fovea.Bench;

/// <summary>
/// <see cref="EncoderProduct"/> alone, over blocks of rows as the encoder cuts them, packing included; each thread has one block's z, and
/// nobody looks at it.
/// </summary>
internal sealed unsafe class OwnProduct : IDisposable
{
    private readonly int _rows, _blockRows, _blocks;
    private readonly NativeBuffer<float> _vectors, _bias;
    private readonly PanelMatrix _weights;
    private readonly NativeBuffer<float>[] _z, _tiles;

    public OwnProduct(float[] vectors, SparseAutoencoder autoencoder)
    {
        int d = autoencoder.InputSize;
        _rows = vectors.Length / d;
        (_blockRows, _blocks) = RowBlocks.Of(_rows, Workers.Count);
        _weights = new PanelMatrix(d, autoencoder.LatentSize);
        _weights.Pack(new StepParameters(autoencoder).Pointer(SparseAutoencoder.EncoderWeightName));
        _vectors = new NativeBuffer<float>(vectors.Length);
        vectors.CopyTo(_vectors.Span);
        _bias = new NativeBuffer<float>(_weights.PaddedColumns);
        _z = [.. Enumerable.Range(0, Workers.Count).Select(_ => new NativeBuffer<float>((long)_blockRows * _weights.PaddedColumns))];
        _tiles = [.. Enumerable.Range(0, Workers.Count).Select(_ => new NativeBuffer<float>((long)_blockRows * d))];
    }

    public void Run() => Workers.For(_blocks, (block, worker) =>
    {
        int first = block * _blockRows, rows = Math.Min(_blockRows, _rows - first), d = _weights.Rows;
        float* tiles = _tiles[worker].Pointer;
        RowTiles.Pack(_vectors.Pointer + (long)first * d, rows, d, tiles);
        EncoderProduct.Compute(
            tiles, RowTiles.Padded(rows), _weights, _bias.Pointer, _z[worker].Pointer, null, 1, EncoderProduct.Wide);
    });

    public void Dispose()
    {
        _vectors.Dispose();
        _bias.Dispose();
        _weights.Dispose();
        foreach (var buffer in _z.Concat(_tiles)) buffer.Dispose();
    }
}
