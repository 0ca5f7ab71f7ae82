using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace Fovea.Explorer.Figures;

/// <summary>How often units are active: a histogram over log10 of the density.</summary>
internal static class DensityPlot
{
    private const double BinsPerDecade = 4;

    public static string Render(IReadOnlyList<double> densities, string unitWord, string id, string label)
    {
        int[] bins = [.. densities.Where(density => density > 0).Select(density => (int)Math.Floor(Math.Log10(density) * BinsPerDecade))];
        Plot plot = PlotBase.Create($"share of positions where a {unitWord} is active");
        int lowest = Math.Min(bins.DefaultIfEmpty(-8).Min(), -4);
        foreach (IGrouping<int, int> bin in bins.GroupBy(bin => Math.Min(bin, -1)).OrderBy(bin => bin.Key))
        {
            BarPlot bar = plot.Add.Bar(bin.Key + 0.5, bin.Count());
            bar.Color = PlotTheme.Series(0);
            foreach (Bar one in bar.Bars)
            {
                one.Size = 0.86;
                one.LineWidth = 0;
            }
        }
        int decades = (int)Math.Ceiling(-lowest / BinsPerDecade);
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            [.. Enumerable.Range(0, decades + 1).Select(i => new Tick(-i * BinsPerDecade, Decade(i)))]);
        plot.Axes.Left.TickGenerator = PlotBase.Ticks(integers: true);
        plot.Axes.SetLimitsX(-decades * BinsPerDecade - 0.4, 0.4);
        plot.Axes.SetLimitsY(
            0, Math.Max(1, bins.GroupBy(bin => Math.Min(bin, -1)).Select(bin => bin.Count()).DefaultIfEmpty(1).Max() * 1.1));
        return ThemedSvg.Render(plot, PlotBase.Width, PlotBase.Height, id, label);
    }

    private static string Decade(int i) => i <= 2 ? new[] { "100 %", "10 %", "1 %" }[i] : "0." + new string('0', i - 3) + "1 %";
}
