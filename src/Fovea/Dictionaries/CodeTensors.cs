using static TorchSharp.torch;

namespace Fovea.Dictionaries;

/// <summary><see cref="SparseCodes"/> as three tensors on one device.</summary>
/// <param name="RowOffsets">Where each vector's entries start, int64 <c>[rows + 1]</c>.</param>
/// <param name="Latents">The latent of each entry, int32 <c>[entries]</c>, ascending inside a row.</param>
/// <param name="Values">The activation of each entry, <c>[entries]</c>, in the float type that codes were computed in.</param>
public sealed record CodeTensors(Tensor RowOffsets, Tensor Latents, Tensor Values) : IDisposable
{
    /// <summary>The vector of each entry, a new tensor int64 <c>[entries]</c>, ascending.</summary>
    public Tensor Rows()
    {
        using var scope = NewDisposeScope();
        // How many rows end at or before each entry: right where rows are empty, too.
        long rows = RowOffsets.shape[0] - 1, entries = Values.shape[0];
        var ends = zeros([entries + 1], int64, RowOffsets.device);
        ends.index_add_(0, RowOffsets.narrow(0, 1, rows), ones([rows], int64, RowOffsets.device), 1);
        return ends.cumsum(0).narrow(0, 0, entries).contiguous().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        RowOffsets.Dispose();
        Latents.Dispose();
        Values.Dispose();
    }

    /// <summary>A copy outside every dispose scope.</summary>
    internal CodeTensors Copy()
    {
        using var frozen = no_grad();
        return new(Own(RowOffsets.clone()), Own(Latents.clone()), Own(Values.clone()));
    }

    /// <summary>A copy in main memory with values in float32, outside every dispose scope.</summary>
    internal CodeTensors InMainMemory()
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        return new(
            Own(RowOffsets.cpu().contiguous().clone()), Own(Latents.cpu().contiguous().clone()),
                Own(Values.detach().cpu().to_type(ScalarType.Float32, copy: true).contiguous()));
    }

    private static Tensor Own(Tensor tensor) => tensor.DetachFromDisposeScope();
}
