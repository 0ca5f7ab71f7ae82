using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Fovea.Models.Graph;

/// <summary>
/// How tokens are a grid, told by who knows it, where a graph does not show it: of T tokens, Height · Width are positions, row by row.
/// </summary>
/// <param name="Height">Rows of the grid.</param>
/// <param name="Width">Columns of the grid.</param>
/// <param name="Before">Tokens before them; null: all that there are more.</param>
public sealed record TokenGrid(int Height, int Width, int? Before = null)
{
    private const long MostTokens = 1 << 24;

    /// <summary>Reads <c>14x14</c>: rows × columns.</summary>
    /// <param name="text">The text.</param>
    /// <param name="before">Tokens before them; null: all that there are more.</param>
    /// <exception cref="FoveaException">Configuration: it is not two whole numbers above 0, or too many.</exception>
    public static TokenGrid Parse(string text, int? before = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out TokenGrid? grid) ? grid with { Before = before }
            : throw FoveaException.BadConfiguration($"'{text}' is no grid of tokens. Say rows x columns: 14x14.");
    }

    /// <summary>The same without a refusal.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out TokenGrid? grid)
    {
        string[] sides = text.Split('x', 'X', '×');
        grid = sides.Length == 2 && Side(sides[0], out int height) && Side(sides[1], out int width) && (long)height * width <= MostTokens
            ? new TokenGrid(height, width) : null;
        return grid is not null;

        static bool Side(string text, out int side) =>
            int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out side) && side > 0;
    }

    /// <summary>How many of <paramref name="tokens"/> stand before the grid; null where they cannot be this grid.</summary>
    internal int? Fits(long tokens)
    {
        long more = tokens - (long)Height * Width;
        return more < 0 || Before > more ? null : Before ?? (int)more;
    }
}
