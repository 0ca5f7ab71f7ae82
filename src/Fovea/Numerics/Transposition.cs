using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Numerics;

/// <summary>Rows to columns, by AVX where the machine has it.</summary>
internal static unsafe class Transposition
{
    /// <summary>Rows and columns of <see cref="Square"/>.</summary>
    public const int Side = 8;

    /// <summary>8 × 8 numbers, from rows <paramref name="stride"/> apart to rows <paramref name="step"/> apart.</summary>
    public static void Square(float* rows, long stride, float* columns, long step)
    {
        if (!Avx.IsSupported)
        {
            for (int row = 0; row < Side; row++)
            {
                for (int k = 0; k < Side; k++) columns[k * step + row] = rows[row * stride + k];
            }
            return;
        }
        Vector256<float> r0 = Vector256.Load(rows), r1 = Vector256.Load(rows + stride);
        Vector256<float> r2 = Vector256.Load(rows + 2 * stride), r3 = Vector256.Load(rows + 3 * stride);
        Vector256<float> r4 = Vector256.Load(rows + 4 * stride), r5 = Vector256.Load(rows + 5 * stride);
        Vector256<float> r6 = Vector256.Load(rows + 6 * stride), r7 = Vector256.Load(rows + 7 * stride);
        Vector256<float> a0 = Avx.UnpackLow(r0, r1), a1 = Avx.UnpackHigh(r0, r1), a2 = Avx.UnpackLow(r2, r3), a3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> a4 = Avx.UnpackLow(r4, r5), a5 = Avx.UnpackHigh(r4, r5), a6 = Avx.UnpackLow(r6, r7), a7 = Avx.UnpackHigh(r6, r7);
        Vector256<float> b0 = Avx.Shuffle(a0, a2, 0x44), b1 = Avx.Shuffle(a0, a2, 0xEE);
        Vector256<float> b2 = Avx.Shuffle(a1, a3, 0x44), b3 = Avx.Shuffle(a1, a3, 0xEE);
        Vector256<float> b4 = Avx.Shuffle(a4, a6, 0x44), b5 = Avx.Shuffle(a4, a6, 0xEE);
        Vector256<float> b6 = Avx.Shuffle(a5, a7, 0x44), b7 = Avx.Shuffle(a5, a7, 0xEE);
        Avx.Permute2x128(b0, b4, 0x20).Store(columns);
        Avx.Permute2x128(b1, b5, 0x20).Store(columns + step);
        Avx.Permute2x128(b2, b6, 0x20).Store(columns + 2 * step);
        Avx.Permute2x128(b3, b7, 0x20).Store(columns + 3 * step);
        Avx.Permute2x128(b0, b4, 0x31).Store(columns + 4 * step);
        Avx.Permute2x128(b1, b5, 0x31).Store(columns + 5 * step);
        Avx.Permute2x128(b2, b6, 0x31).Store(columns + 6 * step);
        Avx.Permute2x128(b3, b7, 0x31).Store(columns + 7 * step);
    }
}
