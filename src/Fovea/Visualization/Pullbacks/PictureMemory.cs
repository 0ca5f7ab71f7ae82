using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Visualization.Pullbacks;

/// <summary>Pictures <c>[N, 3, H, W]</c> as the kernels see them.</summary>
internal static unsafe class PictureMemory
{
    /// <summary>
    /// Numbers of a plane that are worked on at once: small enough for three planes of source and result to stay in the cache.
    /// </summary>
    public const int Band = 4096;

    /// <summary>Whether kernels can work on these: float32, in main memory, whole.</summary>
    public static bool Serves(Tensor pictures) =>
        pictures.device_type == DeviceType.CPU && pictures.dtype == ScalarType.Float32 && pictures.dim() == 4 && pictures.shape[1] == 3
            && pictures.is_contiguous();

    /// <summary>The first number; valid while the tensor lives, since native memory does not move.</summary>
    public static float* Pointer(Tensor pictures) =>
        (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, float>(pictures.bytes)));

    /// <summary>Bands of all pictures' planes, by number: the same ones for every number of threads.</summary>
    public static int Bands(int count, int plane) => count * BandsOf(plane);

    /// <summary>Where band <paramref name="band"/> begins: its picture, its first number within a plane and its length.</summary>
    public static (int Picture, int Start, int Length) At(int band, int plane)
    {
        int start = band % BandsOf(plane) * Band;
        return (band / BandsOf(plane), start, Math.Min(Band, plane - start));
    }

    private static int BandsOf(int plane) => (plane + Band - 1) / Band;
}
