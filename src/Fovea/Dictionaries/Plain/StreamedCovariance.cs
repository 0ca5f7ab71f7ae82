using Fovea.Activations;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// Mean and covariance of rows in one pass in float64: products of each batch about its own mean, merged by Chan's formula, so that neither
/// a large mean nor the size of a batch costs digits. Memory: two d × d matrices. Native: dispose it.
/// </summary>
internal sealed class StreamedCovariance : IDisposable
{
    private readonly Tensor _mean;
    private readonly Tensor _products;
    private long _count;

    private StreamedCovariance(int dimension)
    {
        _mean = zeros([dimension], ScalarType.Float64).DetachFromDisposeScope();
        _products = zeros([dimension, dimension], ScalarType.Float64).DetachFromDisposeScope();
    }

    /// <summary>x̄, float64 <c>[d]</c>; owned by this object.</summary>
    public Tensor Mean => _mean;

    /// <summary>
    /// E (x − x̄)ᵀ(x − x̄), divided by the number of rows (not one less: 1 − the share of an eigenvalue sum is then the FVU), float64
    /// <c>[d, d]</c>.
    /// </summary>
    public Tensor Covariance => _products / _count;

    public static StreamedCovariance Measure(IVectorSource source, RowSet rows, int batchRows, CancellationToken cancellation)
    {
        var measured = new StreamedCovariance(source.Dimension);
        try
        {
            VectorBatches.ForEach(source, rows, batchRows, cancellation, (batch, _) => measured.Add(batch));
            return measured;
        }
        catch
        {
            measured.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _mean.Dispose();
        _products.Dispose();
    }

    private void Add(Tensor batch)
    {
        long rows = batch.shape[0];
        var wide = batch.to_type(ScalarType.Float64);
        var centre = wide.mean([0L]);
        wide.sub_(centre);
        var shift = centre - _mean;
        _products.addmm_(wide.t(), wide, 1, 1);
        _products.add_(shift.outer(shift) * ((double)rows * _count / (rows + _count)));
        _mean.add_(shift * ((double)rows / (rows + _count)));
        _count += rows;
    }
}
