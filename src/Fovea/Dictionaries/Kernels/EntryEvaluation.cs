using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// What a sparse autoencoder does to vectors, over active entries alone: e = f W_dec + b_dec − x row by row. In float32 on the CPU; sums
/// over vectors are in float64 with fixed partitions, so the number of threads changes no bit.
/// </summary>
internal sealed unsafe class EntryEvaluation : IDisposable
{
    private const int RowsOfGroup = 32;
    private readonly StepParameters _parameters;
    private readonly CodeStream _stream;
    private NativeBuffer<float> _residual = new(0);
    private Group[] _groups = [];

    /// <summary>Brings the encoder into the kernels' form.</summary>
    /// <exception cref="FoveaException">Numerical: a weight is NaN or infinite.</exception>
    public EntryEvaluation(SparseAutoencoder autoencoder)
    {
        _stream = new CodeStream(autoencoder) { KeepPenalty = true };
        _parameters = new StepParameters(autoencoder);
    }

    /// <summary>Adds a batch.</summary>
    /// <param name="vectors"><c>[rows, d]</c>.</param>
    /// <param name="metrics">Where it goes, with its details.</param>
    public void Add(ReadOnlySpan<float> vectors, AutoencoderMetrics metrics)
    {
        FastPaths.Ran(FastPath.EvaluateEntries);
        int d = _parameters.InputSize, rows = vectors.Length / d, groups = (rows + RowsOfGroup - 1) / RowsOfGroup;
        var codes = _stream.Encode(vectors);
        NativeBuffer<float>.Ensure(ref _residual, (long)rows * d);
        while (_groups.Length < groups) _groups = [.. _groups, new Group(d)];
        fixed (float* x = vectors)
        fixed (long* offsets = codes.RowOffsets)
        fixed (int* latents = codes.Latents)
        fixed (float* values = codes.Values)
        fixed (double* frames = codes.Frames)
        {
            var batch = new Batch(x, offsets, latents, values, frames, rows);
            Workers.For(groups, (number, _) => Rows(batch, number));
        }
        var (mean, deviation, error) = Sums(rows, groups);
        var fired = new byte[codes.LatentCount];
        foreach (int latent in codes.Latents) fired[latent] = 1;
        metrics.Add(new AutoencoderMetrics.Batch(rows, mean, deviation, error, _stream.Penalty, codes.EntryCount), fired);
        // One vector after the other: beside the encoder's product it takes no time, and sums have one order.
        for (int row = 0; row < rows; row++)
            metrics.Details.AddVector(vectors.Slice(row * d, d), new ReadOnlySpan<float>(_residual.Pointer + (long)row * d, d));
        metrics.Details.AddEntries(codes.Latents);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _residual.Dispose();
        foreach (var group in _groups) group.Dispose();
    }

    private void Rows(in Batch batch, int number)
    {
        int d = _parameters.InputSize;
        var group = _groups[number];
        group.Clear();
        for (int row = number * RowsOfGroup; row < Math.Min(batch.Rows, (number + 1) * RowsOfGroup); row++)
        {
            float* x = batch.Vectors + (long)row * d, residual = _residual.Pointer + (long)row * d;
            long first = batch.Offsets[row];
            if (batch.Frames == null) VectorMath.Subtract(_parameters.DecoderBias, x, residual, d);
            else new ReadOnlySpan<float>(_parameters.DecoderBias, d).CopyTo(new Span<float>(residual, d));
            VectorMath.AddRows(
                residual, _parameters.Decoder, batch.Latents + first, batch.Values + first, (int)(batch.Offsets[row + 1] - first), d);
            if (batch.Frames != null) Back(x, residual, batch.Frames[2 * row], batch.Frames[2 * row + 1]);
            group.Error += VectorMath.Product(residual, residual, d);
            group.Length += VectorMath.AddWide(group.Sum.Pointer, x, d);
        }
    }

    /// <summary>From the reconstruction of a changed vector to the error of the vector itself.</summary>
    private void Back(float* x, float* output, double scale, double shift)
    {
        for (int i = 0; i < _parameters.InputSize; i++) output[i] = (float)(output[i] * scale + shift - x[i]);
    }

    private (double[] Mean, double Deviation, double Error) Sums(int rows, int groups)
    {
        var mean = new double[_parameters.InputSize];
        double length = 0, error = 0, offset = 0;
        foreach (var group in _groups.AsSpan(0, groups))
        {
            (length, error) = (length + group.Length, error + group.Error);
            for (int i = 0; i < mean.Length; i++) mean[i] += group.Sum.Pointer[i];
        }
        for (int i = 0; i < mean.Length; i++)
        {
            mean[i] /= rows;
            offset += mean[i] * mean[i];
        }
        return (mean, Math.Max(0, length - rows * offset), error);
    }

    /// <summary>Vectors and their codes, pinned.</summary>
    private readonly struct Batch(float* vectors, long* offsets, int* latents, float* values, double* frames, int rows)
    {
        public readonly double* Frames = frames;
        public readonly float* Vectors = vectors, Values = values;
        public readonly long* Offsets = offsets;
        public readonly int* Latents = latents;
        public readonly int Rows = rows;
    }

    /// <summary>Sums over a fixed group of rows.</summary>
    private sealed class Group(int d) : IDisposable
    {
        public NativeBuffer<double> Sum { get; } = new(d);

        public double Error, Length;

        public void Clear()
        {
            Sum.Span.Clear();
            (Error, Length) = (0, 0);
        }

        public void Dispose() => Sum.Dispose();
    }
}
