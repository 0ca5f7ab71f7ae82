using System.Globalization;
using System.Text;

namespace Fovea.Explorer.Figures;

/// <summary>A small heat map over the positions of a layer, as paths of cells of equal shade: a fine grid stays a few kilobytes.</summary>
internal static class GridMap
{
    private const int Shades = 12;

    /// <summary>The shades' paths, in cells; nothing where a value is zero or unknown.</summary>
    /// <param name="grid">[row][column].</param>
    /// <param name="most">The value of the deepest shade.</param>
    public static IReadOnlyList<(string Opacity, string Path)> Render(double[][] grid, double most)
    {
        var paths = new StringBuilder?[Shades + 1];
        for (int y = 0; y < grid.Length; y++)
        {
            for (int x = 0; x < grid[y].Length; x++)
            {
                double share = Math.Abs(grid[y][x]) / most;
                if (double.IsFinite(share) && (int)Math.Round(Math.Min(share, 1) * Shades) is > 0 and var shade)
                    (paths[shade] ??= new StringBuilder()).Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
            }
        }
        return [.. paths.Select(
            (path, shade) => (Opacity: ((double)shade / Shades).ToString("0.##", CultureInfo.InvariantCulture), Path: path?.ToString()))
            .Where(one => one.Path is not null).Select(one => (one.Opacity, one.Path!))];
    }

    /// <summary>The largest value and where it stands; null where no value is a number.</summary>
    public static (double Value, int Row, int Column)? Highest(double[][] grid)
    {
        (double Value, int Row, int Column)? best = null;
        for (int y = 0; y < grid.Length; y++)
        {
            for (int x = 0; x < grid[y].Length; x++)
            {
                if (double.IsFinite(grid[y][x]) && (best is null || grid[y][x] > best.Value.Value)) best = (grid[y][x], y, x);
            }
        }
        return best;
    }
}
