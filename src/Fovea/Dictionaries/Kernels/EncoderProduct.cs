using System.Runtime.Intrinsics;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// Pre-activations of a block of rows, <c>z = x W + b</c>, tile by tile (<see cref="WideTiles"/>, <see cref="NarrowTiles"/>) over three
/// panels at a time. A tile reads its rows, which <see cref="RowTiles"/> packs, and its panels in straight lines. Beside z each tile leaves
/// the largest z of each stripe (<see cref="StripePanels"/> panels, one lane), from which <see cref="TopSelection"/> learns what it need
/// not look at. The sum over d runs in one order, b first, for every tile shape and thread count; where a product is added without
/// rounding in between, as AVX-512 and AVX2 do, all tile shapes give the same bits.
/// </summary>
internal static unsafe class EncoderProduct
{
    /// <summary>Rows of a tile; blocks of rows are padded to a multiple of it.</summary>
    public const int TileRows = 8;

    /// <summary>Panels that tiles go over at a time.</summary>
    private const int TilePanels = 3, Width = PanelMatrix.Width;

    /// <summary>Panels of a stripe at most: four lines of a row, of which a selection then looks at less than half.</summary>
    private const int MostStripePanels = 4;

    /// <summary>Whether this machine is served best by 512-bit vectors.</summary>
    public static bool Wide => Vector512.IsHardwareAccelerated;

    /// <summary>The number of maxima a row has where <paramref name="stripePanels"/> panels share one lane's maximum.</summary>
    public static int StripeCount(PanelMatrix weights, int stripePanels) =>
        (weights.Panels + stripePanels - 1) / stripePanels * Width;

    /// <summary>Panels to a stripe so that a row keeps eight maxima or more for each latent that is to be selected.</summary>
    public static int StripePanels(PanelMatrix weights, int k)
    {
        int panels = 1;
        while (panels < MostStripePanels && StripeCount(weights, panels * 2) >= 8L * k) panels *= 2;
        return panels;
    }

    /// <summary>Says, on the thread that shares out the blocks, which tiles they are computed in.</summary>
    public static void Begin(bool wide) => FastPaths.Ran(wide ? FastPath.WideProduct : FastPath.NarrowProduct);

    /// <summary>Computes a block.</summary>
    /// <param name="x">The vectors as <see cref="RowTiles"/> packs them.</param>
    /// <param name="rows">A multiple of <see cref="TileRows"/>.</param>
    /// <param name="weights">W, <c>[d, n]</c>.</param>
    /// <param name="bias">b, <c>[padded n]</c>; minus infinity for the padding.</param>
    /// <param name="z"><c>[rows, padded n]</c>.</param>
    /// <param name="maxima"><c>[rows, StripeCount]</c>, or null where nobody asks.</param>
    /// <param name="stripePanels">Panels of a stripe.</param>
    /// <param name="wide">Whether to use 512-bit vectors; <see cref="Wide"/> outside tests.</param>
    public static void Compute(float* x, int rows, PanelMatrix weights, float* bias, float* z, float* maxima, int stripePanels, bool wide)
    {
        int d = weights.Rows, columns = weights.PaddedColumns, stripes = maxima is null ? 0 : StripeCount(weights, stripePanels);
        for (int panel = 0, panels; panel < weights.Panels; panel += panels)
        {
            panels = panel + TilePanels <= weights.Panels ? TilePanels : 1;
            // Each tile fetches its share of the panels that come next, evenly over its sum.
            int pace = Width * panels * TileRows / rows;
            for (int row = 0; row < rows; row += TileRows)
            {
                var tile = new ProductTile
                {
                    X = x + (long)row * d,
                    Panel = weights.Panel(panel),
                    Depth = d,
                    Bias = bias + panel * Width,
                    Z = z + (long)row * columns + panel * Width,
                    Columns = columns,
                    Next = weights.Panel(panel + panels) + (long)row / TileRows * d * pace,
                    Pace = pace,
                };
                if (wide) WideTiles.Compute(tile, panels);
                else NarrowTiles.Compute(tile, panels);
                if (maxima is null) continue;
                for (int i = panel; i < panel + panels; i++)
                {
                    float* kept = maxima + (long)row * stripes + i / stripePanels * Width;
                    KeepMaxima(z + (long)row * columns + i * Width, columns, kept, stripes, i % stripePanels == 0);
                }
            }
        }
    }

    private static void KeepMaxima(float* z, int columns, float* maxima, int stripes, bool first)
    {
        for (int row = 0; row < TileRows; row++, z += columns, maxima += stripes)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                var all = Vector512.Load(z);
                (first ? all : Vector512.Max(all, Vector512.Load(maxima))).Store(maxima);
                continue;
            }
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
}
