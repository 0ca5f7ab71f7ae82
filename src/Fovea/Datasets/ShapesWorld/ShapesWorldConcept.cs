namespace Fovea.Datasets;

/// <summary>
/// One true thing that a unit could stand for, with the pixels that show it: what a unit's activations are scored against, position by position.
/// </summary>
public sealed class ShapesWorldConcept
{
    private const int Size = ShapesWorld.ImageSize;

    /// <summary>How near to a corner its surroundings count, in pixels.</summary>
    private const double CornerRadius = 3.5;

    private readonly Func<ShapesWorldTruth, int, byte> _mask;

    private ShapesWorldConcept(string factor, string value, Func<ShapesWorldTruth, int, byte> mask) => (Factor, Value, _mask) = (factor, value, mask);

    /// <summary>Every concept, factor by factor.</summary>
    public static IReadOnlyList<ShapesWorldConcept> All { get; } = [.. Create()];

    /// <summary>The factor, e.g. <c>texture</c>.</summary>
    public string Factor { get; }

    /// <summary>Its value, e.g. <c>dots</c>.</summary>
    public string Value { get; }

    /// <summary><c>factor=value</c>.</summary>
    public string Name => $"{Factor}={Value}";

    /// <summary>Share of each pixel that shows the concept, 0 … 255, <c>[64, 64]</c>.</summary>
    public byte[] Mask(ShapesWorldTruth truth)
    {
        ArgumentNullException.ThrowIfNull(truth);
        var mask = new byte[Size * Size];
        for (int at = 0; at < mask.Length; at++) mask[at] = _mask(truth, at);
        return mask;
    }

    /// <summary>Mean share, 0 … 1, of each cell of a grid laid over the image, <c>[height, width]</c>: the truth at a layer's positions.</summary>
    /// <exception cref="ArgumentException">The grid is finer than the image.</exception>
    public static float[] ToGrid(ReadOnlySpan<byte> mask, int height, int width)
    {
        if (mask.Length != Size * Size) throw new ArgumentException($"{mask.Length} values for a mask of {Size}×{Size}.", nameof(mask));
        if (height is < 1 or > Size || width is < 1 or > Size) throw new ArgumentException($"A grid of {height}×{width} over {Size}×{Size} pixels.");
        var grid = new float[height * width];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                int top = row * Size / height, bottom = (row + 1) * Size / height, left = column * Size / width, right = (column + 1) * Size / width;
                long sum = 0;
                for (int y = top; y < bottom; y++)
                {
                    for (int x = left; x < right; x++) sum += mask[y * Size + x];
                }
                grid[row * width + column] = sum / (255f * (bottom - top) * (right - left));
            }
        }
        return grid;
    }

    private static IEnumerable<ShapesWorldConcept> Create()
    {
        yield return new("part", "object", (t, at) => t.Maps.Object[at]);
        yield return new("part", "background", (t, at) => t.Maps.Background[at]);
        yield return new("part", "distractor", (t, at) => t.Maps.Distractors[at]);
        yield return new("part", "shadow", (t, at) => t.Maps.Shadow[at]);
        yield return new("part", "ink", (t, at) => t.Maps.Owners[at] == 1 ? t.Maps.Ink[at] : (byte)0);
        yield return new("part", "rim", (t, at) => t.Maps.Rim[at]);
        yield return new("part", "outline", (t, at) => t.Maps.Outline[at]);
        yield return new("part", "tip", (t, at) => NearCorner(t, at, tip: true));
        yield return new("part", "notch", (t, at) => NearCorner(t, at, tip: false));
        foreach (int angle in (int[])[0, 45, 90, 135])
            yield return new("outline-normal", $"{angle}", (t, at) => HasAngle(t.Maps.OutlineAngles[at], angle) ? t.Maps.Outline[at] : (byte)0);

        foreach (var shape in Enum.GetValues<ShapeKind>()) yield return OfObject("shape", ShapesWorld.Word(shape), t => t.Scene.Object.Shape == shape);
        foreach (var shape in Enum.GetValues<ShapeKind>())
        {
            yield return new("outline-of", ShapesWorld.Word(shape), (t, at) => t.Scene.Object.Shape == shape ? t.Maps.Outline[at] : (byte)0);
            if (Outline.Of(shape).Corners.Any(corner => corner.Tip))
                yield return new("tip-of", ShapesWorld.Word(shape), (t, at) => t.Scene.Object.Shape == shape ? NearCorner(t, at, tip: true) : (byte)0);
        }
        foreach (var texture in ShapesWorld.ObjectTextures)
            yield return OfObject("texture", ShapesWorld.Word(texture), t => t.Scene.Object.Surface.Pattern.Texture == texture);
        for (int label = 0; label < ShapesWorld.Classes.Count; label++)
        {
            int own = label;
            yield return OfObject("class", ShapesWorld.Classes[label].Id, t => t.Scene.Label == own);
        }
        foreach (var colour in Enum.GetValues<ColourName>().Where(colour => colour != ColourName.Grey))
            yield return OfObject("colour", ShapesWorld.Word(colour), t => t.Scene.Object.Surface.Body.Colour == colour);
        foreach (var colour in Enum.GetValues<ColourName>())
            yield return new("paint", ShapesWorld.Word(colour), (t, at) => t.Maps.Colours[at] == (byte)colour ? byte.MaxValue : (byte)0);
        foreach (var texture in Enum.GetValues<SurfaceTexture>())
            yield return new("background", ShapesWorld.Word(texture), (t, at) => t.Scene.Background.Pattern.Texture == texture ? t.Maps.Background[at] : (byte)0);
        foreach (var kind in Enum.GetValues<DistractorKind>())
            yield return new("distractor", ShapesWorld.Word(kind), (t, at) => t.Maps.Owners[at] >= 2 && t.Scene.Distractors[t.Maps.Owners[at] - 2].Kind == kind ? byte.MaxValue : (byte)0);
    }

    private static ShapesWorldConcept OfObject(string factor, string value, Func<ShapesWorldTruth, bool> holds) =>
        new(factor, value, (t, at) => holds(t) ? t.Maps.Object[at] : (byte)0);

    private static bool HasAngle(byte angle, int wanted)
    {
        if (angle == ShapesWorldMaps.NoAngle) return false;
        int difference = Math.Abs(angle - wanted);
        return Math.Min(difference, 180 - difference) <= 22;
    }

    private static byte NearCorner(ShapesWorldTruth truth, int at, bool tip)
    {
        double x = at % Size + 0.5, y = at / Size + 0.5;
        foreach (var corner in truth.Corners)
        {
            if (corner.Tip != tip || !corner.Visible) continue;
            double dx = x - corner.X, dy = y - corner.Y;
            if (dx * dx + dy * dy <= CornerRadius * CornerRadius) return byte.MaxValue;
        }
        return 0;
    }
}
