using System.Globalization;
using System.Xml.Linq;
using ScottPlot;

namespace Fovea.Explorer.Figures;

/// <summary>
/// A histogram with logarithmic counts and one marked value. Drawn without ScottPlot: thousands of pages have one, and one path of bars
/// takes a hundredth of the time.
/// </summary>
internal static class HistogramPlot
{
    private const double Left = 46, Right = 16, Top = 26, Bottom = 46, Text = 13;

    // A bin with one entry must be seen.
    private const double Stand = 0.25;

    /// <param name="counts">Counts, [bins].</param>
    /// <param name="edges">Edges of the bins, rising, [bins + 1].</param>
    /// <param name="mark">A value to mark, with its name.</param>
    /// <param name="xLabel">What is counted.</param>
    /// <param name="label">What a screen reader says.</param>
    public static string Render(
        IReadOnlyList<double> counts, IReadOnlyList<double> edges, (double Value, string Name)? mark, string xLabel, string label)
    {
        const double Base = PlotBase.Height - Bottom, Across = PlotBase.Width - Left - Right, Up = Base - Top;
        double low = edges[0], high = edges[^1];
        int decades = Math.Max(1, (int)Math.Ceiling(Math.Log10(Math.Max(counts.Max(), 1))));
        double X(double value) => Left + Across * (value - low) / (high - low);
        double Y(double count) => Base - Up * (Math.Log10(count) + Stand) / (decades + Stand);

        var svg = new XElement("svg", new XAttribute("viewBox", $"0 0 {PlotBase.Width} {PlotBase.Height}"), new XAttribute("class", "plot"),
            new XAttribute("role", "img"), new XAttribute("aria-label", label));
        int every = (decades + 3) / 4;
        for (int power = 0; power <= decades; power += every)
        {
            double y = Y(Math.Pow(10, power));
            svg.Add(Line(Left, y, PlotBase.Width - Right, y, "var(--plot-grid)"),
                Words(Left - 8, y + 0.35 * Text, "end", PlotBase.Short(Math.Pow(10, power))));
        }
        string bars = string.Concat(counts.Select((count, i) => count > 0
            ? $"M{R(X(edges[i]))} {R(Base)}V{R(Y(Math.Max(count, 1)))}H{R(Math.Max(X(edges[i]) + 0.5, X(edges[i + 1]) - 1))}V{R(Base)}z"
                : ""));
        svg.Add(new XElement("path", new XAttribute("d", bars), new XAttribute("style", "fill:var(--series-1)")));
        svg.Add(Line(Left, Base, PlotBase.Width - Right, Base, "var(--plot-grid)"));
        double last = double.NegativeInfinity;
        foreach (Tick tick in new RoundTicks(false, PlotBase.Short).Between(low, high, Across))
        {
            double half = tick.Label.Length * 0.3 * Text, at = X(tick.Position);
            if (at - half < last + 6) continue;
            svg.Add(Words(at, Base + 6 + Text, "middle", tick.Label));
            last = at + half;
        }
        svg.Add(Words(Left + Across / 2, Base + 40, "middle", xLabel));
        if (mark is { } marked && marked.Value >= low && marked.Value <= high)
        {
            double at = X(marked.Value);
            svg.Add(Line(at, Top - 8, at, Base, "var(--series-2)", "4 3"));
            svg.Add(Words(
                at + (at > Left + Across / 2 ? -5 : 5), Top - 12 + 0.35 * Text, at > Left + Across / 2 ? "end" : "start", marked.Name));
        }
        return svg.ToString(SaveOptions.DisableFormatting);
    }

    private static XElement Line(double x1, double y1, double x2, double y2, string colour, string? dashes = null) => new("path",
        new XAttribute("d", $"M{R(x1)} {R(y1)}L{R(x2)} {R(y2)}"),
        new XAttribute("style", $"stroke:{colour};{(dashes is null ? "" : $"stroke-width:2;stroke-dasharray:{dashes};")}"));

    private static XElement Words(double x, double y, string anchor, string text) => new("text",
        new XAttribute("x", R(x)), new XAttribute("y", R(y)), new XAttribute("font-size", R(Text)), new XAttribute("text-anchor", anchor),
            text);

    private static string R(double number) => Math.Round(number, 1).ToString("0.#", CultureInfo.InvariantCulture);
}
