using System.Runtime.Intrinsics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// Pre-activations of a block of rows, <c>z = x W + b</c>, tile by tile of 6 rows × 32 latents held in registers. Beside z each tile leaves
/// the largest z of each stripe (<see cref="StripePanels"/> panels, one lane), from which <see cref="TopSelection"/> learns what it need
/// not look at. The sum over d runs in one order for every tile shape and thread count; AVX-512, AVX2 and other machines may round
/// differently.
/// </summary>
internal static unsafe class EncoderProduct
{
    /// <summary>Rows of a tile; blocks of rows are padded to a multiple of it.</summary>
    public const int TileRows = 6;

    /// <summary>Latents of a tile: two panels.</summary>
    private const int TileColumns = 2 * PanelMatrix.Width;

    /// <summary>The number of maxima a row has where <paramref name="stripePanels"/> panels share one lane's maximum.</summary>
    public static int StripeCount(PanelMatrix weights, int stripePanels) =>
        (weights.Panels + stripePanels - 1) / stripePanels * PanelMatrix.Width;

    /// <summary>Panels to a stripe so that a row keeps about eight maxima for each latent that is to be selected.</summary>
    public static int StripePanels(PanelMatrix weights, int k)
    {
        int panels = 1;
        while (panels < 32 && StripeCount(weights, panels * 2) >= 8L * k) panels *= 2;
        return panels;
    }

    /// <summary>Computes a block.</summary>
    /// <param name="x">The vectors, <c>[rows, d]</c>.</param>
    /// <param name="rows">A multiple of <see cref="TileRows"/>.</param>
    /// <param name="weights">W, <c>[d, n]</c>.</param>
    /// <param name="bias">b, <c>[padded n]</c>; minus infinity for the padding.</param>
    /// <param name="z"><c>[rows, padded n]</c>.</param>
    /// <param name="maxima"><c>[rows, StripeCount]</c>, or null where nobody asks.</param>
    /// <param name="stripePanels">Panels of a stripe.</param>
    /// <param name="wide">Whether to use 512-bit vectors; <see cref="Vector512.IsHardwareAccelerated"/> outside tests.</param>
    public static void Compute(float* x, int rows, PanelMatrix weights, float* bias, float* z, float* maxima, int stripePanels, bool wide)
    {
        int d = weights.Rows, columns = weights.PaddedColumns, stripes = maxima is null ? 0 : StripeCount(weights, stripePanels);
        for (int column = 0; column < columns; column += TileColumns)
        {
            int panel = column / PanelMatrix.Width;
            for (int row = 0; row < rows; row += TileRows)
            {
                float* tile = z + (long)row * columns + column;
                if (wide) Tile512(x + (long)row * d, weights.Panel(panel), d, bias + column, tile, columns);
                else
                {
                    Tile256(x + (long)row * d, weights.Panel(panel), d, bias + column, tile, columns);
                    Tile256(x + (long)row * d, weights.Panel(panel + 1), d, bias + column + PanelMatrix.Width, tile + PanelMatrix.Width,
                        columns);
                }
                if (maxima is null) continue;
                for (int half = 0; half < 2; half++)
                {
                    int stripe = (panel + half) / stripePanels * PanelMatrix.Width;
                    KeepMaxima(tile + half * PanelMatrix.Width, columns, maxima + (long)row * stripes + stripe, stripes,
                        (panel + half) % stripePanels == 0);
                }
            }
        }
    }

    private static void KeepMaxima(float* z, int columns, float* maxima, int stripes, bool first)
    {
        for (int row = 0; row < TileRows; row++, z += columns, maxima += stripes)
        {
            var low = Vector256.Load(z);
            var high = Vector256.Load(z + 8);
            if (!first)
            {
                low = Vector256.Max(low, Vector256.Load(maxima));
                high = Vector256.Max(high, Vector256.Load(maxima + 8));
            }
            low.Store(maxima);
            high.Store(maxima + 8);
        }
    }

    private static void Tile512(float* x, float* panel, int d, float* bias, float* z, int columns)
    {
        float* x0 = x, x1 = x0 + d, x2 = x1 + d, x3 = x2 + d, x4 = x3 + d, x5 = x4 + d;
        float* second = panel + (long)d * PanelMatrix.Width;
        Vector512<float> left = Vector512.Load(bias), right = Vector512.Load(bias + 16);
        Vector512<float> a0 = left, a1 = left, a2 = left, a3 = left, a4 = left, a5 = left;
        Vector512<float> b0 = right, b1 = right, b2 = right, b3 = right, b4 = right, b5 = right;
        for (int k = 0; k < d; k++)
        {
            left = Vector512.LoadAligned(panel);
            right = Vector512.LoadAligned(second);
            panel += 16;
            second += 16;
            var value = Vector512.Create(x0[k]);
            a0 = Vector512.MultiplyAddEstimate(value, left, a0);
            b0 = Vector512.MultiplyAddEstimate(value, right, b0);
            value = Vector512.Create(x1[k]);
            a1 = Vector512.MultiplyAddEstimate(value, left, a1);
            b1 = Vector512.MultiplyAddEstimate(value, right, b1);
            value = Vector512.Create(x2[k]);
            a2 = Vector512.MultiplyAddEstimate(value, left, a2);
            b2 = Vector512.MultiplyAddEstimate(value, right, b2);
            value = Vector512.Create(x3[k]);
            a3 = Vector512.MultiplyAddEstimate(value, left, a3);
            b3 = Vector512.MultiplyAddEstimate(value, right, b3);
            value = Vector512.Create(x4[k]);
            a4 = Vector512.MultiplyAddEstimate(value, left, a4);
            b4 = Vector512.MultiplyAddEstimate(value, right, b4);
            value = Vector512.Create(x5[k]);
            a5 = Vector512.MultiplyAddEstimate(value, left, a5);
            b5 = Vector512.MultiplyAddEstimate(value, right, b5);
        }
        a0.Store(z);
        b0.Store(z + 16);
        a1.Store(z + columns);
        b1.Store(z + columns + 16);
        a2.Store(z + 2L * columns);
        b2.Store(z + 2L * columns + 16);
        a3.Store(z + 3L * columns);
        b3.Store(z + 3L * columns + 16);
        a4.Store(z + 4L * columns);
        b4.Store(z + 4L * columns + 16);
        a5.Store(z + 5L * columns);
        b5.Store(z + 5L * columns + 16);
    }

    private static void Tile256(float* x, float* panel, int d, float* bias, float* z, int columns)
    {
        float* x0 = x, x1 = x0 + d, x2 = x1 + d, x3 = x2 + d, x4 = x3 + d, x5 = x4 + d;
        Vector256<float> left = Vector256.Load(bias), right = Vector256.Load(bias + 8);
        Vector256<float> a0 = left, a1 = left, a2 = left, a3 = left, a4 = left, a5 = left;
        Vector256<float> b0 = right, b1 = right, b2 = right, b3 = right, b4 = right, b5 = right;
        for (int k = 0; k < d; k++)
        {
            left = Vector256.LoadAligned(panel);
            right = Vector256.LoadAligned(panel + 8);
            panel += 16;
            var value = Vector256.Create(x0[k]);
            a0 = Vector256.MultiplyAddEstimate(value, left, a0);
            b0 = Vector256.MultiplyAddEstimate(value, right, b0);
            value = Vector256.Create(x1[k]);
            a1 = Vector256.MultiplyAddEstimate(value, left, a1);
            b1 = Vector256.MultiplyAddEstimate(value, right, b1);
            value = Vector256.Create(x2[k]);
            a2 = Vector256.MultiplyAddEstimate(value, left, a2);
            b2 = Vector256.MultiplyAddEstimate(value, right, b2);
            value = Vector256.Create(x3[k]);
            a3 = Vector256.MultiplyAddEstimate(value, left, a3);
            b3 = Vector256.MultiplyAddEstimate(value, right, b3);
            value = Vector256.Create(x4[k]);
            a4 = Vector256.MultiplyAddEstimate(value, left, a4);
            b4 = Vector256.MultiplyAddEstimate(value, right, b4);
            value = Vector256.Create(x5[k]);
            a5 = Vector256.MultiplyAddEstimate(value, left, a5);
            b5 = Vector256.MultiplyAddEstimate(value, right, b5);
        }
        a0.Store(z);
        b0.Store(z + 8);
        a1.Store(z + columns);
        b1.Store(z + columns + 8);
        a2.Store(z + 2L * columns);
        b2.Store(z + 2L * columns + 8);
        a3.Store(z + 3L * columns);
        b3.Store(z + 3L * columns + 8);
        a4.Store(z + 4L * columns);
        b4.Store(z + 4L * columns + 8);
        a5.Store(z + 5L * columns);
        b5.Store(z + 5L * columns + 8);
    }
}
