using ScottPlot;

namespace Fovea.Explorer.Figures;

/// <summary>
/// Ticks at 1, 2 or 5 times a power of ten. ScottPlot's own choose their distance by the width of labels in a font of the machine;
/// these are the same everywhere.
/// </summary>
/// <param name="integers">Whether only whole numbers may stand at the axis.</param>
/// <param name="label">The text beside a tick.</param>
internal sealed class RoundTicks(bool integers, Func<double, string> label) : ITickGenerator
{
    private const double LeastDistance = 42;

    public Tick[] Ticks { get; private set; } = [];

    public int MaxTickCount { get; set; } = 100;

    public void Regenerate(CoordinateRange range, Edge edge, PixelLength size, Paint paint, LabelStyle labelStyle)
    {
        Ticks = Between(Math.Min(range.Value1, range.Value2), Math.Max(range.Value1, range.Value2), size.Length);
    }

    /// <summary>The ticks of an axis from <paramref name="low"/> to <paramref name="high"/> that is so many pixels long.</summary>
    public Tick[] Between(double low, double high, double pixels)
    {
        double step = Step((high - low) * LeastDistance / Math.Max(pixels, 1));
        return !double.IsFinite(step) || step <= 0
            ? []
            : [.. Multiples(low, high, step).Take(MaxTickCount).Select(value => new Tick(value, label(value)))];
    }

    /// <summary>The smallest round step that is not below <paramref name="least"/>.</summary>
    internal double Step(double least)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        double step = new[] { 1.0, 2, 5, 10 }.First(factor => factor >= least / power * (1 - 1e-9) || factor == 10) * power;
        return integers ? Math.Max(1, Math.Ceiling(step)) : step;
    }

    private static IEnumerable<double> Multiples(double low, double high, double step)
    {
        for (double i = Math.Ceiling(low / step - 1e-9); i * step <= high + step * 1e-9; i++) yield return i * step;
    }
}
