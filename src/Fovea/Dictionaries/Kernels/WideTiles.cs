using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// Tiles of <see cref="EncoderProduct"/> in 512-bit registers. 8 × 48 sums take 24 of the 32; each step of the sum loads three vectors of
/// weights and eight numbers for 24 multiplications, so that the multiplier never waits for a load.
/// </summary>
internal static unsafe class WideTiles
{
    private const int Width = PanelMatrix.Width;

    /// <summary>A tile over one panel or three.</summary>
    public static void Compute(in ProductTile tile, int panels)
    {
        if (panels == 1) Tile16(tile);
        else Tile48(tile);
    }

    /// <summary>8 × 48.</summary>
    private static void Tile48(in ProductTile tile)
    {
        int d = tile.Depth, columns = tile.Columns, pace = tile.Pace;
        float* x = tile.X, first = tile.Panel, second = first + (long)d * Width, third = second + (long)d * Width, next = tile.Next;
        float* bias = tile.Bias, z = tile.Z;
        Vector512<float> w0 = Vector512.Load(bias), w1 = Vector512.Load(bias + 16), w2 = Vector512.Load(bias + 32);
        Vector512<float> a0 = w0, a1 = w0, a2 = w0, a3 = w0, a4 = w0, a5 = w0, a6 = w0, a7 = w0;
        Vector512<float> b0 = w1, b1 = w1, b2 = w1, b3 = w1, b4 = w1, b5 = w1, b6 = w1, b7 = w1;
        Vector512<float> c0 = w2, c1 = w2, c2 = w2, c3 = w2, c4 = w2, c5 = w2, c6 = w2, c7 = w2;
        for (int k = 0; k < d; k++, x += EncoderProduct.TileRows)
        {
            w0 = Vector512.LoadAligned(first);
            w1 = Vector512.LoadAligned(second);
            w2 = Vector512.LoadAligned(third);
            first += Width;
            second += Width;
            third += Width;
            if (Sse.IsSupported) Sse.Prefetch1(next);
            next += pace;
            var value = Vector512.Create(*x);
            a0 = Vector512.MultiplyAddEstimate(value, w0, a0);
            b0 = Vector512.MultiplyAddEstimate(value, w1, b0);
            c0 = Vector512.MultiplyAddEstimate(value, w2, c0);
            value = Vector512.Create(x[1]);
            a1 = Vector512.MultiplyAddEstimate(value, w0, a1);
            b1 = Vector512.MultiplyAddEstimate(value, w1, b1);
            c1 = Vector512.MultiplyAddEstimate(value, w2, c1);
            value = Vector512.Create(x[2]);
            a2 = Vector512.MultiplyAddEstimate(value, w0, a2);
            b2 = Vector512.MultiplyAddEstimate(value, w1, b2);
            c2 = Vector512.MultiplyAddEstimate(value, w2, c2);
            value = Vector512.Create(x[3]);
            a3 = Vector512.MultiplyAddEstimate(value, w0, a3);
            b3 = Vector512.MultiplyAddEstimate(value, w1, b3);
            c3 = Vector512.MultiplyAddEstimate(value, w2, c3);
            value = Vector512.Create(x[4]);
            a4 = Vector512.MultiplyAddEstimate(value, w0, a4);
            b4 = Vector512.MultiplyAddEstimate(value, w1, b4);
            c4 = Vector512.MultiplyAddEstimate(value, w2, c4);
            value = Vector512.Create(x[5]);
            a5 = Vector512.MultiplyAddEstimate(value, w0, a5);
            b5 = Vector512.MultiplyAddEstimate(value, w1, b5);
            c5 = Vector512.MultiplyAddEstimate(value, w2, c5);
            value = Vector512.Create(x[6]);
            a6 = Vector512.MultiplyAddEstimate(value, w0, a6);
            b6 = Vector512.MultiplyAddEstimate(value, w1, b6);
            c6 = Vector512.MultiplyAddEstimate(value, w2, c6);
            value = Vector512.Create(x[7]);
            a7 = Vector512.MultiplyAddEstimate(value, w0, a7);
            b7 = Vector512.MultiplyAddEstimate(value, w1, b7);
            c7 = Vector512.MultiplyAddEstimate(value, w2, c7);
        }
        a0.Store(z);
        b0.Store(z + 16);
        c0.Store(z + 32);
        z += columns;
        a1.Store(z);
        b1.Store(z + 16);
        c1.Store(z + 32);
        z += columns;
        a2.Store(z);
        b2.Store(z + 16);
        c2.Store(z + 32);
        z += columns;
        a3.Store(z);
        b3.Store(z + 16);
        c3.Store(z + 32);
        z += columns;
        a4.Store(z);
        b4.Store(z + 16);
        c4.Store(z + 32);
        z += columns;
        a5.Store(z);
        b5.Store(z + 16);
        c5.Store(z + 32);
        z += columns;
        a6.Store(z);
        b6.Store(z + 16);
        c6.Store(z + 32);
        z += columns;
        a7.Store(z);
        b7.Store(z + 16);
        c7.Store(z + 32);
    }

    /// <summary>8 × 16, for what is left of the panels.</summary>
    private static void Tile16(in ProductTile tile)
    {
        int d = tile.Depth, columns = tile.Columns;
        float* x = tile.X, panel = tile.Panel, bias = tile.Bias, z = tile.Z;
        Vector512<float> w0 = Vector512.Load(bias);
        Vector512<float> a0 = w0, a1 = w0, a2 = w0, a3 = w0, a4 = w0, a5 = w0, a6 = w0, a7 = w0;
        for (int k = 0; k < d; k++, x += EncoderProduct.TileRows)
        {
            w0 = Vector512.LoadAligned(panel);
            panel += Width;
            var value = Vector512.Create(*x);
            a0 = Vector512.MultiplyAddEstimate(value, w0, a0);
            value = Vector512.Create(x[1]);
            a1 = Vector512.MultiplyAddEstimate(value, w0, a1);
            value = Vector512.Create(x[2]);
            a2 = Vector512.MultiplyAddEstimate(value, w0, a2);
            value = Vector512.Create(x[3]);
            a3 = Vector512.MultiplyAddEstimate(value, w0, a3);
            value = Vector512.Create(x[4]);
            a4 = Vector512.MultiplyAddEstimate(value, w0, a4);
            value = Vector512.Create(x[5]);
            a5 = Vector512.MultiplyAddEstimate(value, w0, a5);
            value = Vector512.Create(x[6]);
            a6 = Vector512.MultiplyAddEstimate(value, w0, a6);
            value = Vector512.Create(x[7]);
            a7 = Vector512.MultiplyAddEstimate(value, w0, a7);
        }
        a0.Store(z);
        z += columns;
        a1.Store(z);
        z += columns;
        a2.Store(z);
        z += columns;
        a3.Store(z);
        z += columns;
        a4.Store(z);
        z += columns;
        a5.Store(z);
        z += columns;
        a6.Store(z);
        z += columns;
        a7.Store(z);
    }
}
