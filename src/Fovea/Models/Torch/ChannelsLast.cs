using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Models.Torch;

/// <summary>
/// The order of numbers in memory that libtorch's convolutions, poolings and normalisations on the CPU are fastest in: all channels of a
/// position together. The shape stays <c>[N, C, H, W]</c>, the strides alone are others, and what follows a tensor of this order keeps it.
/// </summary>
internal static class ChannelsLast
{
    /// <summary>Whether it is faster for a tensor: maps or windows of float32 or bfloat16 in main memory.</summary>
    public static bool Serves(Tensor x) => x.dim() == 4 && x.device_type == DeviceType.CPU
        && x.dtype is ScalarType.Float32 or ScalarType.BFloat16;

    /// <summary>The same numbers in this order; without a copy where they are. Differentiable; in the current dispose scope.</summary>
    public static Tensor Of(Tensor x)
    {
        using Tensor last = x.permute(0, 2, 3, 1), copied = last.contiguous();
        return copied.permute(0, 3, 1, 2);
    }
}
