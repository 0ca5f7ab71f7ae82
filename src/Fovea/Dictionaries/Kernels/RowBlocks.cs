namespace Fovea.Dictionaries.Kernels;

/// <summary>How rows are cut into blocks for <see cref="EncoderProduct"/>.</summary>
internal static class RowBlocks
{
    /// <summary>
    /// Rows of a block at most: what of z (rows × n) and of the vectors (rows × d) a second-level cache holds, and enough to use a panel
    /// for.
    /// </summary>
    private const int MostRows = 64;

    /// <summary>
    /// Blocks of one size, a whole number of tiles, and as many for each worker: one that waits while another does the odd block is lost.
    /// </summary>
    /// <param name="rows">Any number.</param>
    /// <param name="workers">Above 0.</param>
    public static (int Rows, int Count) Of(int rows, int workers)
    {
        int tiles = Math.Max(1, Quotient(rows, EncoderProduct.TileRows)), share = Quotient(tiles, workers);
        int rounds = Quotient(share, MostRows / EncoderProduct.TileRows), blockRows = Quotient(share, rounds) * EncoderProduct.TileRows;
        return (blockRows, Quotient(rows, blockRows));
    }

    /// <summary>Rounded up.</summary>
    private static int Quotient(int a, int b) => (a + b - 1) / b;
}
