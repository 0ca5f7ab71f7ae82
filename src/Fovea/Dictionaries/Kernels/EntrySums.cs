using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// Sums over the active entries of codes <c>[rows, m]</c> by operations on the codes' device, by row and by latent: what a step is made of,
/// each in one order (<see cref="BagSums"/>).
/// </summary>
internal sealed class EntrySums
{
    /// <summary>Numbers that <see cref="Products"/> copies at a time, of each of two matrices: 64 MiB of float32.</summary>
    internal const long MostCopied = 1 << 24;

    private readonly BagSums _sums;
    private readonly long _rows, _latents;
    private readonly Tensor _row, _latent, _rowStart, _latentStart, _byLatent;

    private EntrySums(Tensor dense, BagSums sums)
    {
        var codes = SparseCodes.FromDense(dense);
        (_sums, _rows, _latents) = (sums, codes.RowCount, codes.LatentCount);
        Values = codes.Tensors.Values;
        _row = codes.Tensors.Rows();
        _latent = codes.Tensors.Latents.to_type(ScalarType.Int64);
        _rowStart = codes.Tensors.RowOffsets;
        _latentStart = cat([zeros([1], int64, dense.device), dense.ne(0).sum([0L]).cumsum(0)]);
        // Stable: the entries of a latent stay in the order of their rows.
        _byLatent = _latent.sort(stable: true).Indices;
    }

    /// <summary>The codes' values, <c>[entries]</c>.</summary>
    public Tensor Values { get; }

    /// <summary>The entries of dense codes; their tensors belong to the current dispose scope.</summary>
    /// <param name="codes"><c>[rows, m]</c>.</param>
    /// <param name="sums">Of the width d of all matrices below.</param>
    public static EntrySums Of(Tensor codes, BagSums sums) => new(codes, sums);

    /// <summary><c>f D</c>, <c>[rows, d]</c>.</summary>
    /// <param name="directions">D, at least <c>[m, d]</c>.</param>
    public Tensor Decode(Tensor directions) => _sums.Of(directions, _latent, _rowStart, Values);

    /// <summary>For each latent Σ factor · row over its entries, <c>[m, d]</c>.</summary>
    /// <param name="matrix"><c>[rows, d]</c>.</param>
    /// <param name="factors"><c>[entries]</c>.</param>
    public Tensor ByLatent(Tensor matrix, Tensor factors) =>
        _sums.Of(matrix, _row.index_select(0, _byLatent), _latentStart, factors.index_select(0, _byLatent));

    /// <summary>For each latent the sum of its entries' <paramref name="numbers"/>, <c>[m]</c>.</summary>
    /// <param name="numbers"><c>[entries]</c>.</param>
    public Tensor ByLatent(Tensor numbers) =>
        zeros([_rows * _latents], numbers.dtype, numbers.device).index_copy_(0, _row * _latents + _latent, numbers).view(_rows, _latents)
            .sum([0L]);

    /// <summary>For each entry the product of its row and its latent's direction, <c>[entries]</c>.</summary>
    /// <param name="matrix"><c>[rows, d]</c>.</param>
    /// <param name="directions">At least <c>[m, d]</c>.</param>
    /// <param name="mostCopied">See <see cref="MostCopied"/>.</param>
    public Tensor Products(Tensor matrix, Tensor directions, long mostCopied = MostCopied)
    {
        long count = Values.shape[0], piece = Math.Max(1, mostCopied / matrix.shape[1]);
        var products = empty_like(Values);
        for (long start = 0; start < count; start += piece)
        {
            using var scope = NewDisposeScope();
            long length = Math.Min(piece, count - start);
            var left = matrix.index_select(0, _row.narrow(0, start, length));
            left.mul_(directions.index_select(0, _latent.narrow(0, start, length)));
            products.narrow(0, start, length).copy_(left.sum([1L]));
        }
        return products;
    }
}
