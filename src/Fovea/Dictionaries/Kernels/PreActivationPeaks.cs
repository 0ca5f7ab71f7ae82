using System.Numerics;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// The largest pre-activation of every latent over the rows of each image, and the row that has it, the first of equals: kept block by
/// block while the pre-activations are in the cache. A block and an image that share rows have a part of their own, so that blocks can be
/// worked on at once; an image's parts are put together at the end.
/// </summary>
internal sealed unsafe class PreActivationPeaks : IDisposable
{
    /// <summary>Latents at a time: their maxima and places stay in the first-level cache over the rows of an image.</summary>
    private const int Columns = 1024;

    private NativeBuffer<float> _values = new(0);
    private NativeBuffer<int> _rows = new(0);
    private int _rowsOfImage, _blockRows, _latents;

    /// <summary>Number of images.</summary>
    public int Images { get; private set; }

    /// <summary>Forgets what it holds.</summary>
    /// <param name="rows">A multiple of <paramref name="rowsOfImage"/>.</param>
    /// <param name="rowsOfImage">Neighbouring rows that belong together.</param>
    /// <param name="blockRows">Rows of each block but the last.</param>
    /// <param name="latents">Length of a row.</param>
    public void Begin(int rows, int rowsOfImage, int blockRows, int latents)
    {
        (_rowsOfImage, _blockRows, _latents, Images) = (rowsOfImage, blockRows, latents, rows / rowsOfImage);
        long parts = Images + (rows + blockRows - 1) / blockRows;
        NativeBuffer<float>.Ensure(ref _values, parts * latents);
        NativeBuffer<int>.Ensure(ref _rows, parts * latents);
    }

    /// <summary>Adds a block; different blocks may be added at once.</summary>
    /// <param name="block">Its number.</param>
    /// <param name="z">Its pre-activations, <c>[count, latents]</c>.</param>
    /// <param name="count">Its rows.</param>
    public void Add(int block, float* z, int count)
    {
        int first = block * _blockRows;
        for (int row = 0; row < count;)
        {
            int image = (first + row) / _rowsOfImage, end = Math.Min(count, (image + 1) * _rowsOfImage - first);
            for (int column = 0; column < _latents; column += Columns)
            {
                long at = Part(image, block) + column;
                Largest(z + (long)row * _latents + column, end - row, Math.Min(Columns, _latents - column), first + row
                    - image * _rowsOfImage, _values.Pointer + at, _rows.Pointer + at);
            }
            row = end;
        }
    }

    /// <summary>Puts the parts of each image together, when all blocks were added.</summary>
    public void Finish()
    {
        for (int image = 0; image < Images; image++)
        {
            int firstBlock = FirstBlock(image), lastBlock = ((image + 1) * _rowsOfImage - 1) / _blockRows;
            float* values = _values.Pointer + Part(image, firstBlock);
            int* rows = _rows.Pointer + Part(image, firstBlock);
            for (int block = firstBlock + 1; block <= lastBlock; block++)
                Join(_values.Pointer + Part(image, block), _rows.Pointer + Part(image, block), values, rows);
        }
    }

    /// <summary>The latents' largest pre-activations on an image, <c>[latents]</c>.</summary>
    public ReadOnlySpan<float> Values(int image) => new(_values.Pointer + Part(image, FirstBlock(image)), _latents);

    /// <summary>The row of the image that has each, from 0, <c>[latents]</c>.</summary>
    public ReadOnlySpan<int> Rows(int image) => new(_rows.Pointer + Part(image, FirstBlock(image)), _latents);

    public void Dispose()
    {
        _values.Dispose();
        _rows.Dispose();
    }

    private int FirstBlock(int image) => image * _rowsOfImage / _blockRows;

    /// <summary>From one part to the next the image's number grows by one, or the block's, or both: their sum tells parts apart.</summary>
    private long Part(int image, int block) => (long)(image + block) * _latents;

    /// <summary>Takes over what is larger in a later part; in vector registers, since no branch could be foretold.</summary>
    private void Join(float* later, int* laterRows, float* values, int* rows)
    {
        int u = 0;
        for (; u <= _latents - Vector<float>.Count; u += Vector<float>.Count)
        {
            Vector<float> value = Vector.Load(later + u), best = Vector.Load(values + u);
            Vector<int> larger = Vector.GreaterThan(value, best);
            Vector.Store(Vector.ConditionalSelect(larger, value, best), values + u);
            Vector.Store(Vector.ConditionalSelect(larger, Vector.Load(laterRows + u), Vector.Load(rows + u)), rows + u);
        }
        for (; u < _latents; u++)
        {
            if (later[u] > values[u]) (values[u], rows[u]) = (later[u], laterRows[u]);
        }
    }

    private void Largest(float* z, int rows, int width, int firstRow, float* values, int* places)
    {
        new ReadOnlySpan<float>(z, width).CopyTo(new Span<float>(values, width));
        new Span<int>(places, width).Fill(firstRow);
        for (int row = 1; row < rows; row++)
        {
            float* own = z + (long)row * _latents;
            var place = new Vector<int>(firstRow + row);
            int u = 0;
            for (; u <= width - Vector<float>.Count; u += Vector<float>.Count)
            {
                Vector<float> value = Vector.Load(own + u), best = Vector.Load(values + u);
                Vector<int> larger = Vector.GreaterThan(value, best);
                Vector.Store(Vector.ConditionalSelect(larger, value, best), values + u);
                Vector.Store(Vector.ConditionalSelect(larger, place, Vector.Load(places + u)), places + u);
            }
            for (; u < width; u++)
            {
                if (own[u] > values[u]) (values[u], places[u]) = (own[u], firstRow + row);
            }
        }
    }
}
