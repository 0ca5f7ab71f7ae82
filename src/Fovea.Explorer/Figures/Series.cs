namespace Fovea.Explorer.Figures;

/// <summary>A curve: its name in the legend, its colour's number, whether it is dashed, its points.</summary>
public sealed record Series(string Name, int Colour, bool Dashed, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>A curve of those points that have a value.</summary>
    public static Series Of<T>(string name, int colour, bool dashed, IEnumerable<T> rows, Func<T, double?> x, Func<T, double?> y) =>
        new(name, colour, dashed, [.. rows.Select(row => (X: x(row), Y: y(row)))
            .Where(point => point.X is { } px && point.Y is { } py && double.IsFinite(px) && double.IsFinite(py))
            .Select(point => (point.X!.Value, point.Y!.Value))]);
}
