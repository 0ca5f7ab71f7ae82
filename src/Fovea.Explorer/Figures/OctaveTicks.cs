using System.Globalization;
using ScottPlot;

namespace Fovea.Explorer.Figures;

/// <summary>Ticks of an axis that shows log₂ of its values: at powers of two, labelled with the values.</summary>
internal sealed class OctaveTicks : ITickGenerator
{
    private const double LeastDistance = 42;

    public Tick[] Ticks { get; private set; } = [];

    public int MaxTickCount { get; set; } = 100;

    public void Regenerate(CoordinateRange range, Edge edge, PixelLength size, Paint paint, LabelStyle labelStyle)
    {
        double low = Math.Min(range.Value1, range.Value2), high = Math.Max(range.Value1, range.Value2);
        int step = Math.Max(1, (int)Math.Ceiling((high - low) * LeastDistance / Math.Max(size.Length, 1)));
        var ticks = new List<Tick>();
        for (int octave = (int)Math.Ceiling(low / step - 1e-9) * step; octave <= high + 1e-9 && ticks.Count < MaxTickCount; octave += step)
            ticks.Add(new Tick(
                octave, Math.Pow(2, octave) is >= 1 and var whole
                    ? PlotBase.Short(whole) : Math.Pow(2, octave).ToString("0.###", CultureInfo.InvariantCulture)));
        Ticks = [.. ticks];
    }
}
