using ScottPlot;
using ScottPlot.Plottables;

namespace Fovea.Explorer.Figures;

/// <summary>A named point of a scatter plot.</summary>
internal sealed record NamedPoint(string Name, int Colour, double X, double Y);

/// <summary>Named points: reconstruction against sparsity (figure 16).</summary>
internal static class ScatterPlot
{
    public static string Render(IReadOnlyList<NamedPoint> points, string xLabel, string id, string label)
    {
        Plot plot = PlotBase.Create(xLabel);
        double middle = (points.Min(point => point.X) + points.Max(point => point.X)) / 2;
        foreach (NamedPoint point in points)
        {
            Marker marker = plot.Add.Marker(point.X, point.Y);
            marker.Color = PlotTheme.Series(point.Colour);
            marker.Size = 10;
            Text text = plot.Add.Text(point.Name, point.X, point.Y);
            text.LabelStyle.IsVisible = false;
            // Names of points on the right stand to their left, so that none is cut off.
            text.LabelAlignment = point.X > middle ? Alignment.MiddleRight : Alignment.MiddleLeft;
            text.OffsetX = point.X > middle ? -9 : 9;
        }
        plot.Axes.Bottom.TickGenerator = PlotBase.Ticks();
        plot.Axes.Left.TickGenerator = PlotBase.Ticks();
        plot.Axes.Margins(0.12, 0.18);
        return ThemedSvg.Render(plot, PlotBase.Width, PlotBase.Height, id, label);
    }
}
