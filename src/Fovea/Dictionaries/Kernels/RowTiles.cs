using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// A block of vectors cut into tiles of <see cref="EncoderProduct.TileRows"/> rows, each tile stored component by component,
/// <c>[tile, d, TileRows]</c>: what a tile of the product reads in one straight line.
/// </summary>
internal static unsafe class RowTiles
{
    /// <summary>How many rows a block of <paramref name="rows"/> takes.</summary>
    public static int Padded(int rows) => (rows + EncoderProduct.TileRows - 1) / EncoderProduct.TileRows * EncoderProduct.TileRows;

    /// <summary>Packs <paramref name="x"/>, <c>[rows, d]</c>; what is missing to a whole tile becomes 0.</summary>
    /// <param name="x">The vectors.</param>
    /// <param name="rows">Any number.</param>
    /// <param name="d">Components of a vector.</param>
    /// <param name="tiles"><c>[Padded(rows) · d]</c>.</param>
    public static void Pack(float* x, int rows, int d, float* tiles)
    {
        const int Height = EncoderProduct.TileRows;
        int whole = rows / Height * Height;
        for (int row = 0; row < whole; row += Height) Tile(x + (long)row * d, d, tiles + (long)row * d);
        if (whole == rows) return;
        x += (long)whole * d;
        tiles += (long)whole * d;
        new Span<float>(tiles, Height * d).Clear();
        for (int row = 0; row < rows - whole; row++)
        {
            for (int k = 0; k < d; k++) tiles[(long)k * Height + row] = x[(long)row * d + k];
        }
    }

    private static void Tile(float* x, int d, float* tile)
    {
        int k = 0;
        for (; k <= d - Transposition.Side; k += Transposition.Side)
            Transposition.Square(x + k, d, tile + (long)k * Transposition.Side, Transposition.Side);
        for (; k < d; k++)
        {
            for (int row = 0; row < EncoderProduct.TileRows; row++) tile[(long)k * EncoderProduct.TileRows + row] = x[(long)row * d + k];
        }
    }
}
