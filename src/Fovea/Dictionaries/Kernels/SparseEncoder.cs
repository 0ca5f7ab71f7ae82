using System.Numerics;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// From a batch of vectors to the entries of its codes. A block of rows is multiplied with the encoder and selected from while its
/// pre-activations are in the cache; they never go to memory as a whole.
/// </summary>
internal sealed unsafe class SparseEncoder : IDisposable
{
    private readonly StepParameters _parameters;
    private readonly StepRule _rule;
    private readonly NativeBuffer<float> _bias;
    private NativeBuffer<float> _centred = new(0);
    private Scratch[] _scratch = [];
    private Found[] _found = [], _revived = [];
    private int[] _lengths = [], _revivedLengths = [], _dead = [];
    private int _deadK;
    private PreActivationPeaks? _peaks;

    public SparseEncoder(StepParameters parameters, StepRule rule)
    {
        (_parameters, _rule) = (parameters, rule);
        Weights = new PanelMatrix(parameters.InputSize, parameters.LatentSize);
        _bias = new NativeBuffer<float>(Weights.PaddedColumns);
        _bias.Span.Fill(float.NegativeInfinity);
    }

    /// <summary>W_enc in panels.</summary>
    public PanelMatrix Weights { get; }

    /// <summary>Whether the product uses 512-bit vectors; tests try both.</summary>
    public bool Wide { get; init; } = EncoderProduct.Wide;

    /// <summary>s·x − b_dec of the last batch, <c>[rows, d]</c>.</summary>
    public float* Centred => _centred.Pointer;

    /// <summary>Fills <paramref name="entries"/> with latents and pre-activations.</summary>
    /// <param name="vectors"><c>[rows, d]</c>, raw.</param>
    /// <param name="scale">s.</param>
    /// <param name="entries">Overwritten; codes and gradients are for others to fill.</param>
    /// <param name="revived">Overwritten with the largest positive pre-activations of <paramref name="dead"/> latents, at most
    /// <paramref name="k"/> a row.</param>
    /// <param name="dead">Latents, ascending; may be empty.</param>
    /// <param name="k">k_aux.</param>
    /// <param name="peaks">Overwritten with each latent's largest pre-activation over <paramref name="rowsOfImage"/> rows; null where
    /// nobody asks.</param>
    /// <param name="rowsOfImage">Neighbouring rows that belong together.</param>
    public void Encode(ReadOnlySpan<float> vectors, float scale, SparseEntries entries, SparseEntries revived, int[] dead, int k,
        PreActivationPeaks? peaks = null, int rowsOfImage = 1)
    {
        (_dead, _deadK, _peaks) = (dead, k, peaks);
        int d = _parameters.InputSize, rows = vectors.Length / d, workers = Workers.Count;
        var (blockRows, blocks) = RowBlocks.Of(rows, workers);
        NativeBuffer<float>.Ensure(ref _centred, (long)rows * d);
        new ReadOnlySpan<float>(_parameters.EncoderBias, _parameters.LatentSize).CopyTo(_bias.Span);
        int stripe = _rule.StripedSelection == 0 ? 0 : EncoderProduct.StripePanels(Weights, _rule.StripedSelection);
        Reserve(workers, blocks, blockRows, stripe, rows);
        EncoderProduct.Begin(Wide);
        if (stripe > 0) FastPaths.Ran(FastPath.StripedSelection);
        peaks?.Begin(rows, rowsOfImage, blockRows, Weights.PaddedColumns);
        fixed (float* source = vectors)
        {
            float* raw = source;
            do
            {
                Workers.For(blocks, (block, worker) => Block(block, blockRows, rows, raw, scale, stripe, _scratch[worker]));
                entries.Begin(rows, _lengths.AsSpan(0, rows));
                Workers.For(blocks, (block, _) => _found[block].CopyTo(entries, block * blockRows));
                revived.Begin(rows, _revivedLengths.AsSpan(0, rows));
                if (revived.Count > 0) Workers.For(blocks, (block, _) => _revived[block].CopyTo(revived, block * blockRows));
            }
            while (!_rule.Complete(entries));
        }
        peaks?.Finish();
    }

    public void Dispose()
    {
        Weights.Dispose();
        _bias.Dispose();
        _centred.Dispose();
        foreach (var scratch in _scratch) scratch.Dispose();
        foreach (var found in _found.Concat(_revived)) found.Dispose();
    }

    private void Block(int block, int blockRows, int rows, float* raw, float scale, int stripe, Scratch scratch)
    {
        int d = _parameters.InputSize, first = block * blockRows, count = Math.Min(
            blockRows, rows - first), columns = Weights.PaddedColumns;
        float* x = Centred + (long)first * d;
        for (int row = 0; row < count; row++) Centre(raw + (long)(first + row) * d, scale, x + (long)row * d);
        RowTiles.Pack(x, count, d, scratch.Tiles.Pointer);
        float* maxima = stripe == 0 ? null : scratch.Maxima.Pointer;
        EncoderProduct.Compute(scratch.Tiles.Pointer, RowTiles.Padded(count), Weights, _bias.Pointer, scratch.Z.Pointer, maxima,
            Math.Max(stripe, 1), Wide);
        _peaks?.Add(block, scratch.Z.Pointer, count);
        int stripes = stripe == 0 ? 0 : EncoderProduct.StripeCount(Weights, stripe);
        var found = _found[block];
        var revived = _revived[block];
        found.Clear();
        revived.Clear();
        for (int row = 0; row < count; row++)
        {
            var scored = new ScoredRow(scratch.Z.Pointer + (long)row * columns, columns, maxima + (long)row * stripes, stripes, stripe);
            int selected = _rule.Select(scored, scratch.Latents.Pointer, scratch.Pre.Pointer);
            _lengths[first + row] = selected;
            found.Add(scratch.Latents.Pointer, scratch.Pre.Pointer, selected);
            _revivedLengths[first + row] = _dead.Length == 0 ? 0 : Revive(scored.Z, scratch);
            revived.Add(scratch.Latents.Pointer, scratch.Pre.Pointer, _revivedLengths[first + row]);
        }
    }

    private int Revive(float* z, Scratch scratch)
    {
        int found = 0;
        foreach (int latent in _dead)
        {
            if (!(z[latent] > 0)) continue;
            scratch.Latents.Pointer[found] = latent;
            scratch.Pre.Pointer[found++] = z[latent];
        }
        return found <= _deadK ? found : TopSelection.Keep(scratch.Latents.Pointer, scratch.Pre.Pointer, found, _deadK);
    }

    private void Centre(float* raw, float scale, float* centred)
    {
        float* bias = _parameters.DecoderBias;
        int d = _parameters.InputSize, i = 0;
        for (; i <= d - Vector<float>.Count; i += Vector<float>.Count)
            (Vector.Load(raw + i) * scale - Vector.Load(bias + i)).Store(centred + i);
        for (; i < d; i++) centred[i] = raw[i] * scale - bias[i];
    }

    private void Reserve(int workers, int blocks, int blockRows, int stripe, int rows)
    {
        long z = (long)blockRows * Weights.PaddedColumns, tiles = (long)blockRows * Weights.Rows, maxima = stripe == 0
            ? 0 : (long)blockRows * EncoderProduct.StripeCount(Weights, stripe);
        if (_scratch.Length != workers || _scratch[0].Z.Length < z || _scratch[0].Maxima.Length < maxima)
        {
            foreach (var scratch in _scratch) scratch.Dispose();
            _scratch = [.. Enumerable.Range(0, workers).Select(_ => new Scratch(z, tiles, maxima, Weights.PaddedColumns))];
        }
        while (_found.Length < blocks) (_found, _revived) = ([.. _found, new Found()], [.. _revived, new Found()]);
        if (_lengths.Length < rows) (_lengths, _revivedLengths) = (new int[rows], new int[rows]);
    }

    /// <summary>What one thread works in.</summary>
    private sealed class Scratch(long z, long tiles, long maxima, int columns) : IDisposable
    {
        public NativeBuffer<float> Z { get; } = new(z);

        public NativeBuffer<float> Tiles { get; } = new(tiles);

        public NativeBuffer<float> Maxima { get; } = new(maxima);

        public NativeBuffer<int> Latents { get; } = new(columns);

        public NativeBuffer<float> Pre { get; } = new(columns);

        public void Dispose()
        {
            Z.Dispose();
            Tiles.Dispose();
            Maxima.Dispose();
            Latents.Dispose();
            Pre.Dispose();
        }
    }

    /// <summary>The entries of one block until their place among all is known.</summary>
    private sealed class Found : IDisposable
    {
        private NativeBuffer<int> _latents = new(256);
        private NativeBuffer<float> _pre = new(256);
        private int _count;

        public void Clear() => _count = 0;

        public void Add(int* latents, float* pre, int count)
        {
            if (_count + count > _latents.Length)
            {
                Grow(ref _latents, _count + count);
                Grow(ref _pre, _count + count);
            }
            new ReadOnlySpan<int>(latents, count).CopyTo(new Span<int>(_latents.Pointer + _count, count));
            new ReadOnlySpan<float>(pre, count).CopyTo(new Span<float>(_pre.Pointer + _count, count));
            _count += count;
        }

        public void CopyTo(SparseEntries entries, int firstRow)
        {
            long at = entries.RowStart[firstRow];
            new ReadOnlySpan<int>(_latents.Pointer, _count).CopyTo(new Span<int>(entries.Latent + at, _count));
            new ReadOnlySpan<float>(_pre.Pointer, _count).CopyTo(new Span<float>(entries.Pre + at, _count));
        }

        public void Dispose()
        {
            _latents.Dispose();
            _pre.Dispose();
        }

        private static void Grow<T>(ref NativeBuffer<T> buffer, long length) where T : unmanaged
        {
            var larger = new NativeBuffer<T>(Math.Max(length, buffer.Length * 2));
            buffer.Span.CopyTo(larger.Span);
            buffer.Dispose();
            buffer = larger;
        }
    }
}
