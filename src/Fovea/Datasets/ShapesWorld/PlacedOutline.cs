namespace Fovea.Datasets;

/// <summary>An outline turned, scaled and moved to its place in the image.</summary>
internal readonly struct PlacedOutline
{
    private readonly Outline _outline;
    private readonly float _x, _y, _size, _cos, _sin;

    /// <param name="outline">The shape in its own frame.</param>
    /// <param name="x">Place of its origin in pixels.</param>
    /// <param name="y">Place of its origin in pixels from the top.</param>
    /// <param name="size">Pixels for each unit of its frame.</param>
    /// <param name="rotation">Degrees, clockwise in the image.</param>
    public PlacedOutline(Outline outline, double x, double y, double size, double rotation)
    {
        double angle = rotation * Math.PI / 180;
        (_outline, _x, _y, _size) = (outline, (float)x, (float)y, (float)size);
        (_cos, _sin) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
    }

    /// <summary>Signed distance in pixels of a point of the image.</summary>
    public float Distance(float x, float y)
    {
        float dx = (x - _x) / _size, dy = (y - _y) / _size;
        return _size * _outline.Distance(dx * _cos + dy * _sin, dy * _cos - dx * _sin);
    }

    /// <summary>
    /// Columns left … right − 1 and rows top … bottom − 1 hold every pixel within <paramref name="margin"/> of the shape.
    /// </summary>
    public (int Left, int Top, int Right, int Bottom) Box(float margin)
    {
        const int Limit = ShapesWorld.ImageSize;
        float reach = _size * _outline.Extent + margin;
        return (Math.Clamp((int)MathF.Floor(_x - reach), 0, Limit), Math.Clamp((int)MathF.Floor(_y - reach), 0, Limit),
            Math.Clamp((int)MathF.Ceiling(_x + reach), 0, Limit), Math.Clamp((int)MathF.Ceiling(_y + reach), 0, Limit));
    }

    /// <summary>A point of the shape's frame as a point of the image.</summary>
    public (double X, double Y) ToImage(double x, double y) => (_x + _size * (x * _cos - y * _sin), _y + _size * (x * _sin + y * _cos));
}
