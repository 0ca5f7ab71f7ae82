using ScottPlot;
using ScottPlot.Plottables;

namespace Fovea.Explorer.Figures;

/// <summary>Curves over steps or epochs.</summary>
internal static class CurvePlot
{
    // More than a plot has pixels; the pages stay small however long a training was.
    private const int MostPoints = 300;

    public static string Render(
        IReadOnlyList<Series> series, string xLabel, string id, string label, bool percent = false, bool wholeX = false, bool logX = false)
    {
        Plot plot = PlotBase.Create(xLabel);
        foreach (Series one in series)
        {
            IReadOnlyList<(double X, double Y)> points = Thin(one.Points);
            double scale = percent ? 100 : 1;
            Scatter curve = plot.Add.Scatter(
                points.Select(point => logX ? Math.Log2(Math.Max(point.X, 1e-6)) : point.X)
                    .ToArray(), points.Select(point => point.Y * scale).ToArray());
            // Skia cannot write dashes as SVG: it says so on stderr and draws the line whole. The colour stands for them.
            curve.Color = one.Dashed ? PlotTheme.DashedSeries(one.Colour) : PlotTheme.Series(one.Colour);
            curve.LineWidth = 2;
            curve.MarkerSize = points.Count <= 12 && (logX || !one.Dashed) ? 6 : points.Count == 1 ? 6 : 0;
        }
        plot.Axes.Bottom.TickGenerator = logX ? new OctaveTicks() : PlotBase.Ticks(wholeX);
        plot.Axes.Left.TickGenerator = PlotBase.Ticks(label: percent ? value => PlotBase.Short(value) + " %" : null);
        plot.Axes.Margins(0.02, 0.08);
        return ThemedSvg.Render(plot, PlotBase.Width, PlotBase.Height, id, label);
    }

    /// <summary>Means of equal groups of neighbours; the last point stays as it is, since it is what the text quotes.</summary>
    private static IReadOnlyList<(double X, double Y)> Thin(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count <= MostPoints) return points;
        int group = (points.Count + MostPoints - 2) / (MostPoints - 1);
        return [.. points.Take(points.Count - 1).Chunk(group)
            .Select(chunk => (chunk.Average(point => point.X), chunk.Average(point => point.Y))), points[^1]];
    }
}
