using ScottPlot;
using ScottPlot.Plottables;

namespace Fovea.Explorer.Figures;

/// <summary>What is predicted of units beside what is measured: a point a unit, and the line on which both are one.</summary>
internal static class EffectPlot
{
    // A page stays small however many units there are.
    private const int MostPoints = 500;

    /// <summary>Draws it.</summary>
    /// <param name="points">Units; of many the ones with the largest effects.</param>
    /// <param name="id">Prefix of ids.</param>
    /// <param name="label">What a screen reader says.</param>
    public static string Render(IReadOnlyList<(double Predicted, double Measured, bool Disagrees)> points, string id, string label)
    {
        Plot plot = PlotBase.Create("predicted change of the logit");
        var shown = points.OrderByDescending(point => Math.Max(Math.Abs(point.Predicted), Math.Abs(point.Measured))).Take(MostPoints).ToArray();
        double low = shown.Min(point => Math.Min(point.Predicted, point.Measured)), high = shown.Max(point => Math.Max(point.Predicted, point.Measured));
        LinePlot both = plot.Add.Line(low, low, high, high);
        both.LineColor = PlotTheme.Grid;
        both.LineWidth = 1.5f;
        both.MarkerSize = 0;
        foreach (bool disagrees in (bool[])[false, true])
        {
            var some = shown.Where(point => point.Disagrees == disagrees).ToArray();
            if (some.Length == 0) continue;
            Scatter dots = plot.Add.ScatterPoints(
                some.Select(point => point.Predicted).ToArray(), some.Select(point => point.Measured).ToArray());
            dots.Color = PlotTheme.Series(disagrees ? 1 : 0);
            dots.MarkerSize = 6;
        }
        plot.Axes.Bottom.TickGenerator = PlotBase.Ticks();
        plot.Axes.Left.TickGenerator = PlotBase.Ticks();
        plot.Axes.Margins(0.06, 0.08);
        return ThemedSvg.Render(plot, PlotBase.Width, PlotBase.Height, id, label);
    }
}
