using ScottPlot;

namespace Fovea.Explorer.Figures;

/// <summary>
/// Colours of plots. ScottPlot draws with place-holders; <see cref="ThemedSvg"/> turns each into a variable of the style sheet, so one
/// drawing follows the reader's light or dark theme.
/// </summary>
internal static class PlotTheme
{
    public const int SeriesCount = 10;

    public static Color Ink { get; } = new(1, 2, 0);
    public static Color Grid { get; } = new(1, 3, 0);

    public static Color Series(int index) => new(1, 4, (byte)(index % SeriesCount));

    /// <summary>The same colour in the page, the line dashed.</summary>
    public static Color DashedSeries(int index) => new(1, 5, (byte)(index % SeriesCount));

    /// <summary>The place-holders as SVG writes them, with the variables that replace them.</summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = Enumerable.Range(0, SeriesCount)
        .SelectMany(i => new[] { (Hex(Series(i)), SeriesVariable(i)), (Hex(DashedSeries(i)), SeriesVariable(i)) })
        .Append((Hex(Ink), "var(--plot-ink)"))
        .Append((Hex(Grid), "var(--plot-grid)"))
        .ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a place-holder is that of a dashed line.</summary>
    public static bool IsDashed(string colour) => Dashed.Contains(colour);

    public static string SeriesVariable(int index) => $"var(--series-{index % SeriesCount + 1})";

    private static readonly HashSet<string> Dashed = new(
        Enumerable.Range(0, SeriesCount).Select(i => Hex(DashedSeries(i))), StringComparer.OrdinalIgnoreCase);

    private static string Hex(Color color) => $"#{color.R:x2}{color.G:x2}{color.B:x2}";
}
