using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// Tensors of a saved state, looked at before their bytes are read: a file that was cut or rewritten must not be read past its end.
/// </summary>
internal static class StateTensors
{
    /// <summary>The tensor called <paramref name="name"/>; it stays the state's.</summary>
    /// <exception cref="FoveaException">Data: it is missing, of another type or of another shape.</exception>
    public static Tensor Find(IReadOnlyDictionary<string, Tensor> state, string name, ScalarType type, params ReadOnlySpan<long> shape) =>
        state.TryGetValue(name, out var tensor) ? Check(tensor, name, type, shape)
            : throw FoveaException.BadData(
                $"The state of the training has no {name}: it belongs to another training. Delete it to start anew.");

    /// <summary><paramref name="tensor"/> itself.</summary>
    /// <exception cref="FoveaException">Data: it is of another type or of another shape.</exception>
    public static Tensor Check(Tensor tensor, string name, ScalarType type, params ReadOnlySpan<long> shape)
    {
        if (tensor.dtype == type && tensor.shape.AsSpan().SequenceEqual(shape)) return tensor;
        throw FoveaException.BadData(
            $"{name} of the training's state is "
                + $"{tensor.dtype} [{string.Join(", ", tensor.shape)}], expected {type} [{string.Join(", ", shape.ToArray())}]. Delete the state to start anew.");
    }
}
