using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// Weighted sums of rows of a matrix by the forward pass of an embedding bag: one thread adds a bag's terms in their order, on the CPU and
/// on CUDA, so that the same entries give the same bytes (<c>index_add</c> on CUDA and accumulating <c>index_put</c> on the CPU add in any
/// order), and no row is copied per entry. TorchSharp has the operation as a module with a weight of its own only, which the matrix is
/// copied into.
/// </summary>
internal sealed class BagSums(long width, ScalarType dtype, Device device) : IDisposable
{
    private EmbeddingBag? _bag;
    private long _rows;

    /// <summary>
    /// For bag b the sum of <c>weights[e] · matrix[places[e]]</c> over e in <c>starts[b] … starts[b + 1]</c>, <c>[bags, width]</c>.
    /// </summary>
    /// <param name="matrix"><c>[rows, width]</c>.</param>
    /// <param name="places">int64 <c>[entries]</c>.</param>
    /// <param name="starts">int64 <c>[bags + 1]</c>.</param>
    /// <param name="weights"><c>[entries]</c>.</param>
    public Tensor Of(Tensor matrix, Tensor places, Tensor starts, Tensor weights)
    {
        using var frozen = no_grad();
        if (places.shape[0] == 0) return zeros([starts.shape[0] - 1, width], dtype, device);
        if (_bag is null || _rows < matrix.shape[0])
        {
            _bag?.Dispose();
            _rows = matrix.shape[0];
            _bag = nn.EmbeddingBag(_rows, width, mode: EmbeddingBagMode.Sum, include_last_offset: true).to(device, dtype);
        }
        using (var weight = _bag.weight)
        using (var part = weight!.narrow(0, 0, matrix.shape[0])) part.copy_(matrix);
        return _bag.forward(places, starts, weights);
    }

    public void Dispose() => _bag?.Dispose();
}
