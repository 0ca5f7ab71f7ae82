namespace Fovea.Datasets;

/// <summary>A disc with a disc cut out. The distance is exact inside and on the edge, a lower bound beyond the horns.</summary>
internal sealed class CrescentOutline : Outline
{
    private readonly float _radius, _centre, _cutRadius, _cutCentre;
    private readonly (double X, double Y, bool Tip)[] _corners;

    private CrescentOutline(double radius, double centre, double cutRadius, double cutCentre, double hornX, double hornY)
    {
        (_radius, _centre, _cutRadius, _cutCentre) = ((float)radius, (float)centre, (float)cutRadius, (float)cutCentre);
        _corners = [(hornX, hornY, true), (hornX, -hornY, true)];
        Extent = (float)Math.Max(radius - centre, Math.Sqrt(hornX * hornX + hornY * hornY));
    }

    public override float Extent { get; }

    public override IReadOnlyList<(double X, double Y, bool Tip)> Corners => _corners;

    public override float Distance(float x, float y)
    {
        float outer = MathF.Sqrt((x - _centre) * (x - _centre) + y * y) - _radius;
        float cut = _cutRadius - MathF.Sqrt((x - _cutCentre) * (x - _cutCentre) + y * y);
        return MathF.Max(outer, cut);
    }

    /// <summary>
    /// A unit disc less a disc of <paramref name="cutRadius"/> at (<paramref name="cutOffset"/>, 0), centred and scaled to area π.
    /// </summary>
    public static CrescentOutline Create(double cutRadius, double cutOffset)
    {
        // The two circles meet at x = chord; what is cut is the segment of the one beyond it and of the other before it.
        double chord = (cutOffset * cutOffset + 1 - cutRadius * cutRadius) / (2 * cutOffset);
        var (areaOne, momentOne) = Segment(1, Math.Acos(chord));
        var (areaTwo, momentTwo) = Segment(cutRadius, Math.Acos((cutOffset - chord) / cutRadius));
        double area = Math.PI - areaOne - areaTwo;
        double centroid = -(momentOne + cutOffset * areaTwo - momentTwo) / area;
        double scale = Math.Sqrt(Math.PI / area);
        return new(scale, -centroid * scale, cutRadius * scale, (cutOffset - centroid) * scale,
            (chord - centroid) * scale, Math.Sqrt(1 - chord * chord) * scale);
    }

    /// <summary>
    /// Area of a circular segment of half angle α, and its first moment about the circle's centre: r²(α − sin α cos α), ⅔r³ sin³ α.
    /// </summary>
    private static (double Area, double Moment) Segment(double radius, double half) =>
        (radius * radius * (half - Math.Sin(half) * Math.Cos(half)), 2.0 / 3 * Math.Pow(radius * Math.Sin(half), 3));
}
