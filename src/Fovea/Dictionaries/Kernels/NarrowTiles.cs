using System.Runtime.Intrinsics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// Tiles of <see cref="EncoderProduct"/> in 256-bit registers: 4 × 24 sums over a panel and a half take 12 of AVX2's 16. Without AVX2 the
/// same in whatever the machine has.
/// </summary>
internal static unsafe class NarrowTiles
{
    private const int Width = PanelMatrix.Width, Half = 8, Rows = 4;

    /// <summary>A tile over one panel or three.</summary>
    public static void Compute(in ProductTile tile, int panels)
    {
        int d = tile.Depth, columns = tile.Columns;
        float* second = tile.Panel + (long)d * Width, third = second + (long)d * Width;
        for (int row = 0; row < EncoderProduct.TileRows; row += Rows)
        {
            float* x = tile.X + row, z = tile.Z + (long)row * columns;
            if (panels == 1) Tile16(x, tile.Panel, d, tile.Bias, z, columns);
            else
            {
                Tile24(x, tile.Panel, tile.Panel + Half, second, d, tile.Bias, z, columns);
                Tile24(x, second + Half, third, third + Half, d, tile.Bias + 3 * Half, z + 3 * Half, columns);
            }
        }
    }

    /// <summary>4 × 24: three halves of panels.</summary>
    private static void Tile24(float* x, float* first, float* second, float* third, int d, float* bias, float* z, int columns)
    {
        Vector256<float> w0 = Vector256.Load(bias), w1 = Vector256.Load(bias + 8), w2 = Vector256.Load(bias + 16);
        Vector256<float> a0 = w0, a1 = w0, a2 = w0, a3 = w0;
        Vector256<float> b0 = w1, b1 = w1, b2 = w1, b3 = w1;
        Vector256<float> c0 = w2, c1 = w2, c2 = w2, c3 = w2;
        for (int k = 0; k < d; k++, x += EncoderProduct.TileRows)
        {
            w0 = Vector256.LoadAligned(first);
            w1 = Vector256.LoadAligned(second);
            w2 = Vector256.LoadAligned(third);
            first += Width;
            second += Width;
            third += Width;
            var value = Vector256.Create(*x);
            a0 = Vector256.MultiplyAddEstimate(value, w0, a0);
            b0 = Vector256.MultiplyAddEstimate(value, w1, b0);
            c0 = Vector256.MultiplyAddEstimate(value, w2, c0);
            value = Vector256.Create(x[1]);
            a1 = Vector256.MultiplyAddEstimate(value, w0, a1);
            b1 = Vector256.MultiplyAddEstimate(value, w1, b1);
            c1 = Vector256.MultiplyAddEstimate(value, w2, c1);
            value = Vector256.Create(x[2]);
            a2 = Vector256.MultiplyAddEstimate(value, w0, a2);
            b2 = Vector256.MultiplyAddEstimate(value, w1, b2);
            c2 = Vector256.MultiplyAddEstimate(value, w2, c2);
            value = Vector256.Create(x[3]);
            a3 = Vector256.MultiplyAddEstimate(value, w0, a3);
            b3 = Vector256.MultiplyAddEstimate(value, w1, b3);
            c3 = Vector256.MultiplyAddEstimate(value, w2, c3);
        }
        a0.Store(z);
        b0.Store(z + 8);
        c0.Store(z + 16);
        z += columns;
        a1.Store(z);
        b1.Store(z + 8);
        c1.Store(z + 16);
        z += columns;
        a2.Store(z);
        b2.Store(z + 8);
        c2.Store(z + 16);
        z += columns;
        a3.Store(z);
        b3.Store(z + 8);
        c3.Store(z + 16);
    }

    /// <summary>4 × 16.</summary>
    private static void Tile16(float* x, float* panel, int d, float* bias, float* z, int columns)
    {
        Vector256<float> w0 = Vector256.Load(bias), w1 = Vector256.Load(bias + 8);
        Vector256<float> a0 = w0, a1 = w0, a2 = w0, a3 = w0;
        Vector256<float> b0 = w1, b1 = w1, b2 = w1, b3 = w1;
        for (int k = 0; k < d; k++, x += EncoderProduct.TileRows)
        {
            w0 = Vector256.LoadAligned(panel);
            w1 = Vector256.LoadAligned(panel + Half);
            panel += Width;
            var value = Vector256.Create(*x);
            a0 = Vector256.MultiplyAddEstimate(value, w0, a0);
            b0 = Vector256.MultiplyAddEstimate(value, w1, b0);
            value = Vector256.Create(x[1]);
            a1 = Vector256.MultiplyAddEstimate(value, w0, a1);
            b1 = Vector256.MultiplyAddEstimate(value, w1, b1);
            value = Vector256.Create(x[2]);
            a2 = Vector256.MultiplyAddEstimate(value, w0, a2);
            b2 = Vector256.MultiplyAddEstimate(value, w1, b2);
            value = Vector256.Create(x[3]);
            a3 = Vector256.MultiplyAddEstimate(value, w0, a3);
            b3 = Vector256.MultiplyAddEstimate(value, w1, b3);
        }
        a0.Store(z);
        b0.Store(z + 8);
        z += columns;
        a1.Store(z);
        b1.Store(z + 8);
        z += columns;
        a2.Store(z);
        b2.Store(z + 8);
        z += columns;
        a3.Store(z);
        b3.Store(z + 8);
    }
}
