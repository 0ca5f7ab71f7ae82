using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Numerics;

/// <summary>The native memory of a tensor, of any length: TorchSharp gives it as a span, which ends at 2 GiB.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>
    /// The first number of a contiguous float32 tensor in main memory; it does not move, and is good as long as the tensor.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is elsewhere, of another type or not contiguous.</exception>
    public static float* Floats(Tensor tensor)
    {
        if (tensor.dtype != ScalarType.Float32 || tensor.device.type != TorchSharp.DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException(
                $"Kernels read contiguous float32 in main memory, not {tensor.dtype} on {tensor.device}.", nameof(tensor));
        if (tensor.numel() == 0) return null;
        using var flat = tensor.view(-1);
        using var first = flat.narrow(0, 0, 1);
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }
}
