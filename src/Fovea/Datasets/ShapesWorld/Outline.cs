namespace Fovea.Datasets;

/// <summary>
/// The edge of a shape as a signed distance: negative inside, positive outside. Coverage of a pixel, and so anti-aliasing, is the distance
/// of its centre cut to a ramp one pixel wide. Shapes stand in their own frame: centroid at the origin, area π.
/// </summary>
internal abstract class Outline
{
    /// <summary>Radius about the origin that holds the whole shape.</summary>
    public abstract float Extent { get; }

    /// <summary>Corners in the shape's frame, with whether they point outwards (tips) or inwards (notches).</summary>
    public virtual IReadOnlyList<(double X, double Y, bool Tip)> Corners => [];

    /// <summary>Signed distance of a point to the edge.</summary>
    public abstract float Distance(float x, float y);

    /// <summary>The outline of an object's shape.</summary>
    public static Outline Of(ShapeKind shape) => Shapes[(int)shape];

    /// <summary>The largest <see cref="Extent"/> of an object's shape.</summary>
    public static float LargestExtent { get; }

    private static readonly Outline[] Shapes;

    static Outline()
    {
        Shapes = Create();
        LargestExtent = Shapes.Max(shape => shape.Extent);
    }

    private static Outline[] Create() =>
    [
        new DiscOutline(),
        PolygonOutline.OfUnitArea(PolygonOutline.Regular(4)),
        PolygonOutline.OfUnitArea(PolygonOutline.Regular(3)),
        PolygonOutline.OfUnitArea(PolygonOutline.Star(5, 0.45)),
        PolygonOutline.OfUnitArea(PolygonOutline.Cross(0.36)),
        CrescentOutline.Create(cutRadius: 0.82, cutOffset: 0.62),
    ];
}

/// <summary>The unit disc.</summary>
internal sealed class DiscOutline : Outline
{
    public override float Extent => 1;

    public override float Distance(float x, float y) => MathF.Sqrt(x * x + y * y) - 1;
}

/// <summary>A ring of outer radius 1.</summary>
internal sealed class RingOutline(float thickness) : Outline
{
    public override float Extent => 1;

    public override float Distance(float x, float y) =>
        MathF.Abs(MathF.Sqrt(x * x + y * y) - (1 - thickness / 2)) - thickness / 2;
}

/// <summary>All points within <paramref name="halfWidth"/> of the segment from (−1, 0) to (1, 0).</summary>
internal sealed class BarOutline(float halfWidth) : Outline
{
    public override float Extent => 1 + halfWidth;

    public override float Distance(float x, float y)
    {
        float along = MathF.Max(MathF.Abs(x) - 1, 0);
        return MathF.Sqrt(along * along + y * y) - halfWidth;
    }
}
