namespace Fovea.Imaging;

/// <summary>
/// Short labels in pictures that are looked at outside of any page: capital letters of 5 × 7 pixels, drawn here, so that the same label has
/// the same pixels on every machine, whatever fonts it has. Letters that are not there become a box.
/// </summary>
internal static class PixelText
{
    /// <summary>Pixels from one glyph to the next.</summary>
    public const int Advance = 6;

    private const int GlyphWidth = 5, GlyphHeight = 7;

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+.,()/:%'&_#=";

    /// <summary>Seven rows of five a glyph, in the order of <see cref="Letters"/>.</summary>
    private static readonly string[] Rows =
    [
        ".###. ####. .#### ####. ##### ##### .#### #...# ##### ..### #...# #.... #...# #...# .###. ####. .###. ####. .#### ##### #...# #...# #...# #...# #...# #####",
        "#...# #...# #.... #...# #.... #.... #.... #...# ..#.. ...#. #..#. #.... ##.## ##..# #...# #...# #...# #...# #.... ..#.. #...# #...# #...# #...# #...# ....#",
        "#...# #...# #.... #...# #.... #.... #.... #...# ..#.. ...#. #.#.. #.... #.#.# #.#.# #...# #...# #...# #...# #.... ..#.. #...# #...# #...# .#.#. .#.#. ...#.",
        "##### ####. #.... #...# ####. ####. #.### ##### ..#.. ...#. ##... #.... #...# #..## #...# ####. #...# ####. .###. ..#.. #...# #...# #.#.# ..#.. ..#.. ..#..",
        "#...# #...# #.... #...# #.... #.... #...# #...# ..#.. ...#. #.#.. #.... #...# #...# #...# #.... #.#.# #.#.. ....# ..#.. #...# .#.#. #.#.# .#.#. ..#.. .#...",
        "#...# #...# #.... #...# #.... #.... #...# #...# ..#.. #..#. #..#. #.... #...# #...# #...# #.... #..#. #..#. ....# ..#.. #...# .#.#. ##.## #...# ..#.. #....",
        "#...# ####. .#### ####. ##### #.... .#### #...# ##### .##.. #...# ##### #...# #...# .###. #.... .##.# #...# ####. ..#.. .###. ..#.. #...# #...# ..#.. #####",
        ".###. ..#.. .###. ##### ...#. ##### .###. ##### .###. .###. ..... ..... ..... ..... ...#. .#... ....# ..... ##..# ..#.. .##.. ..... .#.#. .....",
        "#...# .##.. #...# ...#. ..##. #.... #.... ....# #...# #...# ..... ..#.. ..... ..... ..#.. ..#.. ....# ..#.. ##.#. ..#.. #..#. ..... .#.#. .....",
        "#..## ..#.. ....# ..#.. .#.#. ####. #.... ...#. #...# #...# ..... ..#.. ..... ..... .#... ...#. ...#. ..... ...#. ..... .##.. ..... ##### #####",
        "#.#.# ..#.. ...#. ...#. #..#. ....# ####. ..#.. .###. .#### ##### ##### ..... ..... .#... ...#. ..#.. ..... ..#.. ..... .#... ..... .#.#. .....",
        "##..# ..#.. ..#.. ....# ##### ....# #...# ..#.. #...# ....# ..... ..#.. ..... ..##. .#... ...#. .#... ..... .#... ..... #.#.# ..... ##### #####",
        "#...# ..#.. .#... #...# ...#. #...# #...# .#... #...# ....# ..... ..#.. .##.. ..#.. ..#.. ..#.. #.... ..#.. .#.## ..... #..#. ..... .#.#. .....",
        ".###. .###. ##### .###. ...#. .###. .###. .#... .###. .###. ..... ..... .##.. .#... ...#. .#... #.... ..... #..## ..... .##.# ##### .#.#. .....",
    ];

    /// <summary>Rows that a line of text needs, with a gap above and below.</summary>
    /// <param name="scale">Pixels of a glyph's pixel.</param>
    public static int LineHeight(int scale) => (GlyphHeight + 4) * scale;

    /// <summary>How many letters fit into a width.</summary>
    public static int Fitting(int width, int scale) => Math.Max(0, (width + scale) / (Advance * scale));

    /// <summary>Writes a label in black; what does not fit is left out, and two dots stand in its place.</summary>
    /// <param name="pixels">RGB, row by row.</param>
    /// <param name="width">Of the picture.</param>
    /// <param name="left">Where the label begins, and how wide it may be.</param>
    /// <param name="top">The line's upper edge.</param>
    /// <param name="room">How wide the label may be.</param>
    /// <param name="text">The label.</param>
    /// <param name="scale">Pixels of a glyph's pixel.</param>
    public static void Draw(Span<byte> pixels, int width, int left, int top, int room, string text, int scale)
    {
        int most = Fitting(room, scale);
        string shown = text.Length <= most ? text : most > 2 ? text[..(most - 2)] + ".." : text[..most];
        for (int i = 0; i < shown.Length; i++)
        {
            char letter = char.ToUpperInvariant(shown[i]);
            if (letter == ' ') continue;
            for (int y = 0; y < GlyphHeight; y++)
            {
                for (int x = 0; x < GlyphWidth; x++)
                {
                    if (IsInk(letter, x, y)) Fill(pixels, width, left + (i * Advance + x) * scale, top + (y + 2) * scale, scale);
                }
            }
        }
    }

    private static bool IsInk(char letter, int x, int y)
    {
        int at = Letters.IndexOf(letter, StringComparison.Ordinal);
        if (at < 0) return x is 0 or GlyphWidth - 1 || y is 0 or GlyphHeight - 1;
        const int capitals = 26;
        return Rows[(at < capitals ? 0 : GlyphHeight) + y][(at < capitals ? at : at - capitals) * (GlyphWidth + 1) + x] == '#';
    }

    private static void Fill(Span<byte> pixels, int width, int left, int top, int scale)
    {
        for (int y = top; y < top + scale; y++) pixels.Slice((y * width + left) * 3, scale * 3).Clear();
    }
}
