using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Numerics;

/// <summary>Maps <c>[N, C, H, W]</c> as one vector of C numbers a position, <c>[N · H · W, C]</c>, by this thread alone.</summary>
/// <remarks>
/// libtorch would share such a copy out among threads that then wait awake, on cores that the next pass through a network has work for.
/// </remarks>
internal static unsafe class PositionRows
{
    /// <summary>Writes the vectors.</summary>
    /// <param name="maps"><c>[N, C, H, W]</c>, of any floating-point type, on any device and with any strides.</param>
    /// <param name="rows"><c>[N · H · W, C]</c>.</param>
    /// <exception cref="ArgumentException">There is no room for them.</exception>
    public static void Copy(Tensor maps, Span<float> rows)
    {
        long[] shape = maps.shape;
        long images = shape[0], channels = shape[1], positions = shape[2] * shape[3], length = channels * positions;
        if (rows.Length < images * length) throw new ArgumentException($"{rows.Length} numbers for {images * length}.", nameof(rows));
        if (images * length == 0) return;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor own = maps.detach();
        if (own.dtype != ScalarType.Float32 || own.device.type != TorchSharp.DeviceType.CPU) own = own.to(float32).cpu();
        fixed (float* to = rows)
        {
            if (own.is_contiguous())
            {
                float* from = TensorMemory.Floats(own);
                for (long n = 0; n < images; n++) Turn(from + n * length, channels, positions, to + n * length);
            }
            else
            {
                // Channels that stand together, as in tokens and in maps with channels last; anything else is put so.
                if (own.stride(1) != 1) own = own.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
                float* from = First(own);
                long image = own.stride(0), row = own.stride(2), column = own.stride(3);
                float* next = to;
                for (long n = 0; n < images; n++)
                {
                    for (long y = 0; y < shape[2]; y++)
                    {
                        for (long x = 0; x < shape[3]; x++, next += channels)
                            Unsafe.CopyBlock(next, from + n * image + y * row + x * column, checked((uint)(channels * sizeof(float))));
                    }
                }
            }
        }
        GC.KeepAlive(own);
    }

    /// <summary><c>[rows, columns]</c> to <c>[columns, rows]</c>.</summary>
    private static void Turn(float* from, long rows, long columns, float* to)
    {
        const int Side = Transposition.Side;
        if (rows < Side || columns < Side)
        {
            for (long column = 0; column < columns; column++)
            {
                for (long row = 0; row < rows; row++) to[column * rows + row] = from[row * columns + column];
            }
            return;
        }
        // The last squares reach back over what the ones before them wrote: the same numbers.
        for (long row = 0; row < rows; row += Side)
        {
            long top = Math.Min(row, rows - Side);
            for (long column = 0; column < columns; column += Side)
            {
                long left = Math.Min(column, columns - Side);
                Transposition.Square(from + top * columns + left, columns, to + left * rows + top, rows);
            }
        }
    }

    private static float* First(Tensor tensor)
    {
        using Tensor one = tensor.narrow(0, 0, 1).narrow(1, 0, 1).narrow(2, 0, 1).narrow(3, 0, 1);
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(one.bytes));
    }
}
