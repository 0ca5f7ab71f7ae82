using System.Globalization;
using System.Xml.Linq;
using ScottPlot;
using ScottPlot.Plottables;

namespace Fovea.Explorer.Figures;

/// <summary>
/// The words of a plot as SVG text that the reader's browser sets in the pages' font. ScottPlot would place every letter by a font of
/// this machine: another machine would give other bytes, and one without fonts no words at all. Here text is anchored by its
/// middle or end, and room is reckoned by the number of letters.
/// </summary>
internal static class PlotText
{
    private const double Size = 13, LetterWidth = 0.6 * Size, Centre = 0.35 * Size;
    private const float Top = 10, Right = 16, Bottom = 46;

    /// <summary>Fixes the place of the data area: wide enough on the left for the longest label there.</summary>
    public static void Reserve(Plot plot, int width, int height)
    {
        plot.Layout.Fixed(new PixelPadding(40, Right, Bottom, Top));
        // The ticks are known once it is drawn; they do not depend on the room to their left.
        plot.GetSvgXml(width, height);
        double longest = plot.Axes.Left.TickGenerator.Ticks.Where(tick => tick.IsMajor).Select(tick => Width(tick.Label)).DefaultIfEmpty(0)
            .Max();
        plot.Layout.Fixed(new PixelPadding((float)Math.Ceiling(longest + 10), Right, Bottom, Top));
    }

    /// <summary>The text of a plot that has been drawn.</summary>
    public static IEnumerable<XElement> Write(Plot plot, XNamespace svg)
    {
        PixelRect area = plot.LastRender.DataRect;
        XElement Text(double x, double y, string anchor, string text) => new(svg + "text",
            new XAttribute("x", Round(x)), new XAttribute("y", Round(y)), new XAttribute("font-size", Round(Size)),
                new XAttribute("text-anchor", anchor), text);

        IXAxis bottom = plot.Axes.Bottom;
        foreach ((double x, string label) in Apart(
            [.. Major(bottom, plot).Select(tick => ((double)bottom.GetPixel(tick.Position, area), tick.Label))]))
            yield return Text(x, area.Bottom + 6 + Size, "middle", label);
        foreach (Tick tick in Major(plot.Axes.Left, plot))
            yield return Text(area.Left - 8, plot.Axes.Left.GetPixel(tick.Position, area) + Centre, "end", tick.Label);
        yield return Text((area.Left + area.Right) / 2, area.Bottom + 40, "middle", bottom.Label.Text);
        foreach (Text named in plot.GetPlottables<Text>())
        {
            Pixel point = plot.GetPixel(named.Location);
            yield return Text(point.X + named.OffsetX, point.Y + Centre, named.OffsetX < 0 ? "end" : "start", named.LabelText);
        }
    }

    private static IEnumerable<Tick> Major(IAxis axis, Plot plot)
    {
        CoordinateRange range = axis == plot.Axes.Bottom ? plot.Axes.GetLimits().HorizontalRange : plot.Axes.GetLimits().VerticalRange;
        return axis.TickGenerator.Ticks.Where(tick => tick.IsMajor && range.Contains(tick.Position));
    }

    /// <summary>Every label, or every second, third, …: as many as stand clear of each other.</summary>
    private static IReadOnlyList<(double X, string Label)> Apart(IReadOnlyList<(double X, string Label)> labels)
    {
        for (int every = 1; every < labels.Count; every++)
        {
            (double X, string Label)[] kept = [.. labels.Where((_, i) => i % every == 0)];
            if (kept.Zip(kept.Skip(1))
                .All(pair => Math.Abs(pair.First.X - pair.Second.X) >= (Width(pair.First.Label) + Width(pair.Second.Label)) / 2 + 6))
                return kept;
        }
        return [.. labels.Take(1)];
    }

    private static double Width(string text) => text.Length * LetterWidth;

    private static string Round(double number) => Math.Round(number, 1).ToString("0.#", CultureInfo.InvariantCulture);
}
