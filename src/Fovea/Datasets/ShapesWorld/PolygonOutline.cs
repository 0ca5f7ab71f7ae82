namespace Fovea.Datasets;

/// <summary>A simple polygon: exact distance to the nearest side, sign by the parity of crossings.</summary>
internal sealed class PolygonOutline : Outline
{
    private readonly Side[] _sides;
    private readonly (double X, double Y, bool Tip)[] _corners;

    /// <summary>A polygon through <paramref name="vertices"/>, in either direction.</summary>
    public PolygonOutline((double X, double Y)[] vertices)
    {
        double area = Area(vertices);
        int count = vertices.Length;
        _sides = new Side[count];
        _corners = new (double, double, bool)[count];
        for (int i = 0; i < count; i++)
        {
            var (here, next, before) = (vertices[i], vertices[(i + 1) % count], vertices[(i + count - 1) % count]);
            double dx = next.X - here.X, dy = next.Y - here.Y;
            _sides[i] = new(
                (float)here.X, (float)here.Y, (float)next.Y, (float)dx, (float)dy, (float)(1 / (dx * dx + dy * dy)), (float)(dx / dy));
            double turn = (here.X - before.X) * dy - (here.Y - before.Y) * dx;
            _corners[i] = (here.X, here.Y, turn * area > 0);
        }
        Extent = (float)Math.Sqrt(vertices.Max(v => v.X * v.X + v.Y * v.Y));
    }

    public override float Extent { get; }

    public override IReadOnlyList<(double X, double Y, bool Tip)> Corners => _corners;

    public override float Distance(float x, float y)
    {
        float nearest = float.MaxValue;
        bool inside = false;
        foreach (ref readonly var side in _sides.AsSpan())
        {
            float px = x - side.X, py = y - side.Y;
            float t = Math.Clamp((px * side.Dx + py * side.Dy) * side.InverseSquare, 0, 1);
            float ex = px - t * side.Dx, ey = py - t * side.Dy;
            nearest = MathF.Min(nearest, ex * ex + ey * ey);
            if (side.Y > y != side.EndY > y && px < py * side.Slope) inside = !inside;
        }
        float distance = MathF.Sqrt(nearest);
        return inside ? -distance : distance;
    }

    /// <summary>The polygon scaled to area π; its centroid must be the origin.</summary>
    public static PolygonOutline OfUnitArea((double X, double Y)[] vertices)
    {
        double scale = Math.Sqrt(Math.PI / Math.Abs(Area(vertices)));
        return new([.. vertices.Select(v => (v.X * scale, v.Y * scale))]);
    }

    /// <summary>A regular polygon, one corner up.</summary>
    public static (double X, double Y)[] Regular(int corners) => Star(corners, double.NaN);

    /// <summary>
    /// A star with <paramref name="tips"/> corners at radius 1 and as many notches at <paramref name="inner"/> (none where NaN).
    /// </summary>
    public static (double X, double Y)[] Star(int tips, double inner)
    {
        bool notched = !double.IsNaN(inner);
        int count = notched ? 2 * tips : tips;
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            double angle = 2 * Math.PI * i / count - Math.PI / 2, radius = notched && i % 2 == 1 ? inner : 1;
            return (radius * Math.Cos(angle), radius * Math.Sin(angle));
        })];
    }

    /// <summary>Two bars of length 2 and width 2 × <paramref name="half"/> across each other.</summary>
    public static (double X, double Y)[] Cross(double half) =>
    [
        (half, -1), (half, -half), (1, -half), (1, half), (half, half), (half, 1),
        (-half, 1), (-half, half), (-1, half), (-1, -half), (-half, -half), (-half, -1),
    ];

    private static double Area((double X, double Y)[] v) =>
        Enumerable.Range(0, v.Length).Sum(i => v[i].X * v[(i + 1) % v.Length].Y - v[(i + 1) % v.Length].X * v[i].Y) / 2;

    /// <summary>
    /// Start, end's height, direction, 1 / length², and dx / dy (used only where the side crosses a height, so never 0 / 0).
    /// </summary>
    private readonly record struct Side(float X, float Y, float EndY, float Dx, float Dy, float InverseSquare, float Slope);
}
