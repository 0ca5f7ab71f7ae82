using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Dictionaries;

/// <summary>
/// Codes of some vectors, kept as their active entries: entry <c>e</c> says that latent <c>Indices[e]</c> of vector <c>Rows[e]</c> is
/// <c>Values[e]</c>. Entries are ordered by row and, inside a row, by latent; no entry is zero. Owns its three tensors.
/// </summary>
public sealed class SparseCodes : IDisposable
{
    /// <summary>Codes over the given tensors, which this object owns from now on.</summary>
    /// <param name="rows">int64 <c>[entries]</c>, ascending.</param>
    /// <param name="indices">int64 <c>[entries]</c>, ascending inside a row.</param>
    /// <param name="values">float <c>[entries]</c>.</param>
    /// <param name="rowCount">Number of vectors, those without an active latent included.</param>
    /// <param name="latentCount">Length of a dense code.</param>
    /// <exception cref="ArgumentException">The tensors are not one-dimensional, of one length and of the types above.</exception>
    public SparseCodes(Tensor rows, Tensor indices, Tensor values, int rowCount, int latentCount)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(latentCount);
        if (rows.dim() != 1 || indices.dim() != 1 || values.dim() != 1 || rows.shape[0] != values.shape[0] || indices.shape[0] != values.shape[0])
            throw new ArgumentException("Rows, indices and values must be one-dimensional and of one length.");
        if (rows.dtype != ScalarType.Int64 || indices.dtype != ScalarType.Int64)
            throw new ArgumentException("Rows and indices must be int64.");
        (Rows, Indices, Values, RowCount, LatentCount) = (rows, indices, values, rowCount, latentCount);
    }

    /// <summary>The vector of each entry, int64 <c>[entries]</c>, ascending.</summary>
    public Tensor Rows { get; }

    /// <summary>The latent of each entry, int64 <c>[entries]</c>.</summary>
    public Tensor Indices { get; }

    /// <summary>The activation of each entry, <c>[entries]</c>, in the autoencoder's float type.</summary>
    public Tensor Values { get; }

    /// <summary>Number of vectors.</summary>
    public int RowCount { get; }

    /// <summary>Length of a dense code.</summary>
    public int LatentCount { get; }

    /// <summary>Number of active entries.</summary>
    public long EntryCount => Values.shape[0];

    /// <summary>The active entries of a dense code <c>[rows, latents]</c>.</summary>
    public static SparseCodes FromDense(Tensor dense)
    {
        ArgumentNullException.ThrowIfNull(dense);
        if (dense.dim() != 2) throw new ArgumentException($"Dense codes are [rows, latents], not {dense.dim()}-dimensional.", nameof(dense));
        using var scope = NewDisposeScope();
        // Row-major order of nonzero is the order promised above.
        var at = dense.nonzero();
        var rows = at.select(1, 0).contiguous();
        var indices = at.select(1, 1).contiguous();
        var values = dense.index([rows, indices]);
        return new SparseCodes(
            rows.MoveToOuterDisposeScope(), indices.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope(),
            checked((int)dense.shape[0]), checked((int)dense.shape[1]));
    }

    /// <summary>A copy of a batch of a <see cref="CodeStream"/>.</summary>
    public static SparseCodes FromBatch(CodeBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = NewDisposeScope();
        long count = batch.Values.Length;
        var (rows, indices, values) = (empty([count], int64), empty([count], int64), empty([count], float32));
        var rowOf = MemoryMarshal.Cast<byte, long>(rows.bytes);
        var latentOf = MemoryMarshal.Cast<byte, long>(indices.bytes);
        for (int row = 0; row < batch.RowCount; row++)
        {
            for (int e = (int)batch.RowStart[row]; e < batch.RowStart[row + 1]; e++) (rowOf[e], latentOf[e]) = (row, batch.Latents[e]);
        }
        batch.Values.CopyTo(MemoryMarshal.Cast<byte, float>(values.bytes));
        return new SparseCodes(
            rows.MoveToOuterDisposeScope(), indices.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope(), batch.RowCount, batch.LatentCount);
    }

    /// <summary>The codes as a new tensor <c>[RowCount, LatentCount]</c>, zero where nothing is active; differentiable in <see cref="Values"/>.</summary>
    public Tensor ToDense()
    {
        using var scope = NewDisposeScope();
        var flat = zeros([(long)RowCount * LatentCount], Values.dtype, Values.device);
        return flat.scatter(0, Rows * LatentCount + Indices, Values).view(RowCount, LatentCount).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Rows.Dispose();
        Indices.Dispose();
        Values.Dispose();
    }
}
