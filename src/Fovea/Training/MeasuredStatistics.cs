using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Training;

/// <summary>
/// A copy of what a network has measured and not learned (running means and variances, counts of batches), to be put back.
/// </summary>
internal sealed class MeasuredStatistics : IDisposable
{
    private readonly List<(Tensor Buffer, Tensor Copy)> _copies;

    public MeasuredStatistics(ImageModel network)
    {
        using var quiet = no_grad();
        _copies = [.. network.Buffers.Values.Select(buffer => (buffer, buffer.clone().DetachFromDisposeScope()))];
    }

    /// <summary>Puts the values back that were there when the copy was made.</summary>
    public void Restore()
    {
        using var quiet = no_grad();
        foreach (var (buffer, copy) in _copies) buffer.copy_(copy);
    }

    public void Dispose()
    {
        foreach (var (_, copy) in _copies) copy.Dispose();
    }
}
