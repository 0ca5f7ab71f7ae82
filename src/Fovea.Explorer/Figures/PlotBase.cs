using System.Globalization;
using ScottPlot;

namespace Fovea.Explorer.Figures;

/// <summary>The look that all plots share: no box, a quiet horizontal grid; <see cref="ThemedSvg"/> writes the labels.</summary>
internal static class PlotBase
{
    // Drawn small, so that labels can still be read where a phone shows a plot 350 pixels wide.
    public const int Width = 460, Height = 280;

    public static Plot Create(string xLabel)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Grid.MajorLineColor = PlotTheme.Grid;
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Grid.YAxisStyle.MajorLineStyle.Color = PlotTheme.Grid;
        plot.Axes.Top.IsVisible = plot.Axes.Right.IsVisible = false;
        plot.HideLegend();
        foreach (IAxis axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.FrameLineStyle.IsVisible = axis == plot.Axes.Bottom;
            axis.FrameLineStyle.Color = PlotTheme.Grid;
            axis.MajorTickStyle.Length = axis == plot.Axes.Bottom ? 4 : 0;
            axis.MajorTickStyle.Color = PlotTheme.Grid;
            axis.MinorTickStyle.Length = 0;
            axis.TickLabelStyle.IsVisible = false;
        }
        plot.Axes.Bottom.Label.Text = xLabel;
        plot.Axes.Bottom.Label.IsVisible = false;
        return plot;
    }

    /// <summary>Ticks whose labels are short: 20k, 1.5M, 10⁻³ as 0.001.</summary>
    public static ITickGenerator Ticks(bool integers = false, Func<double, string>? label = null) =>
        new RoundTicks(integers, label ?? Short);

    public static string Short(double value)
    {
        double size = Math.Abs(value);
        if (size < 1e-12) return "0";
        string text = size >= 1e6 ? (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M"
            : size >= 1e4 ? (value / 1e3).ToString("0.#", CultureInfo.InvariantCulture) + "k"
            : size >= 1e-3 ? value.ToString("0.####", CultureInfo.InvariantCulture)
            : value.ToString("0.#e+0", CultureInfo.InvariantCulture);
        return text.Replace('-', '−');
    }
}
