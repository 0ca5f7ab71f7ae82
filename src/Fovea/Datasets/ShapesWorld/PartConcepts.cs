namespace Fovea.Datasets;

/// <summary>Concepts of what a pixel shows, whatever the image's factors are: parts of things, edges by direction, paint.</summary>
internal static class PartConcepts
{
    /// <summary>How near to a corner its surroundings count, in pixels.</summary>
    private const double CornerRadius = 3.5;

    public static IEnumerable<ShapesWorldConcept> All()
    {
        yield return new("part", "object", (t, at) => t.Maps.Object[at]);
        yield return new("part", "background", (t, at) => t.Maps.Background[at]);
        yield return new("part", "distractor", (t, at) => t.Maps.Distractors[at]);
        yield return new("part", "shadow", (t, at) => t.Maps.Shadow[at]);
        yield return new("part", "ink", Ink);
        yield return new("part", "rim", (t, at) => t.Maps.Rim[at]);
        yield return new("part", "outline", (t, at) => t.Maps.Outline[at]);
        yield return new("part", "tip", (t, at) => NearCorner(t, at, tip: true));
        yield return new("part", "notch", (t, at) => NearCorner(t, at, tip: false));
        foreach (int angle in (int[])[0, 45, 90, 135])
        {
            yield return new("outline-normal", $"{angle}",
                (t, at) => t.Maps.OutlineAngles[at] != ShapesWorldMaps.NoAngle && IsNear(t.Maps.OutlineAngles[at], angle)
                    ? t.Maps.Outline[at] : (byte)0);
        }
        foreach (var shape in Enum.GetValues<ShapeKind>())
        {
            yield return new("outline-of", ShapesWorld.Word(shape), (t, at) => t.Maps.Outline[at], t => t.Scene.Object.Shape == shape);
            if (Outline.Of(shape).Corners.Any(corner => corner.Tip))
                yield return new(
                    "tip-of", ShapesWorld.Word(shape), (t, at) => NearCorner(t, at, tip: true), t => t.Scene.Object.Shape == shape);
        }
        foreach (var colour in Enum.GetValues<ColourName>())
            yield return new("paint", ShapesWorld.Word(colour), (t, at) => t.Maps.Colours[at] == (byte)colour ? byte.MaxValue : (byte)0);
        foreach (var kind in Enum.GetValues<DistractorKind>())
        {
            yield return new("distractor", ShapesWorld.Word(kind),
                (t, at) => t.Maps.Owners[at] >= 2 && t.Scene.Distractors[t.Maps.Owners[at] - 2].Kind == kind ? byte.MaxValue : (byte)0);
        }
    }

    /// <summary>Ink of the object.</summary>
    public static byte Ink(ShapesWorldTruth truth, int at) => truth.Maps.Owners[at] == 1 ? truth.Maps.Ink[at] : (byte)0;

    /// <summary>Whether a direction without a sense, in degrees, is one of four: within 22 ½° of <paramref name="wanted"/>.</summary>
    public static bool IsNear(double angle, int wanted)
    {
        double difference = Math.Abs(angle - wanted) % 180;
        return Math.Min(difference, 180 - difference) <= 22.5;
    }

    private static byte NearCorner(ShapesWorldTruth truth, int at, bool tip)
    {
        double x = at % ShapesWorld.ImageSize + 0.5, y = at / ShapesWorld.ImageSize + 0.5;
        foreach (var corner in truth.Corners)
        {
            if (corner.Tip != tip || !corner.Visible) continue;
            double dx = x - corner.X, dy = y - corner.Y;
            if (dx * dx + dy * dy <= CornerRadius * CornerRadius) return byte.MaxValue;
        }
        return 0;
    }
}
