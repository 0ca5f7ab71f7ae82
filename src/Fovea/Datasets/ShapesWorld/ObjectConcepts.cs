namespace Fovea.Datasets;

/// <summary>
/// Concepts of what is true of the object, shown where the object is seen (or its rim, its ink, its shadow). Numbers are cut into bins that
/// are drawn equally often.
/// </summary>
internal static class ObjectConcepts
{
    private const double Middle = ShapesWorld.ImageSize / 2.0;

    public static IEnumerable<ShapesWorldConcept> All() => [.. OfNames(), .. OfPlace(), .. OfNumbers()];

    private static IEnumerable<ShapesWorldConcept> OfNames()
    {
        foreach (var shape in Enum.GetValues<ShapeKind>())
            yield return new("shape", ShapesWorld.Word(shape), Object, t => t.Scene.Object.Shape == shape);
        foreach (var texture in ShapesWorld.ObjectTextures)
            yield return new("texture", ShapesWorld.Word(texture), Object, t => t.Scene.Object.Surface.Pattern.Texture == texture);
        for (int label = 0; label < ShapesWorld.Classes.Count; label++)
        {
            int own = label;
            yield return new("class", ShapesWorld.Classes[label].Id, Object, t => t.Scene.Label == own);
        }
        foreach (var colour in Enum.GetValues<ColourName>().Where(colour => colour != ColourName.Grey))
            yield return new("colour", ShapesWorld.Word(colour), Object, t => t.Scene.Object.Surface.Body.Colour == colour);
        foreach (var tone in (ColourTone[])[ColourTone.Vivid, ColourTone.Pale])
            yield return new("tone", ShapesWorld.Word(tone), Object, t => t.Scene.Object.Surface.Body.Tone == tone);
        foreach (var colour in Enum.GetValues<ColourName>())
            yield return new(
                "ink", ShapesWorld.Word(colour), PartConcepts.Ink, t => IsPatterned(t) && t.Scene.Object.Surface.Ink.Colour == colour);
        foreach (var tone in (ColourTone[])[ColourTone.Pale, ColourTone.Dark])
            yield return new("rim", ShapesWorld.Word(tone), (t, at) => t.Maps.Rim[at], t => t.Scene.Object.Rim.Tone == tone);
    }

    /// <summary>
    /// The quarter of the image that the object's centroid is in; how it is turned, told within what its shape looks the same after; how
    /// large it is, how hidden.
    /// </summary>
    private static IEnumerable<ShapesWorldConcept> OfPlace()
    {
        foreach (bool bottom in (bool[])[false, true])
        {
            foreach (bool right in (bool[])[false, true])
            {
                yield return new("place", $"{(bottom ? "bottom" : "top")}-{(right ? "right" : "left")}", Object,
                    t => t.Scene.Object.Y >= Middle == bottom && t.Scene.Object.X >= Middle == right);
            }
        }
        foreach (var concept in NumberBins.Thirds(
            "size", ["small", "medium", "large"], Difficulty.SmallestObject, Difficulty.LargestObject, t => t.Scene.Object.Size, Object))
            yield return concept;
        foreach (var shape in Enum.GetValues<ShapeKind>().Where(shape => Turn(shape) > 0))
        {
            double turn = Turn(shape);
            string[] names =
                [.. Enumerable.Range(0, 3).Select(third => FormattableString.Invariant($"{ShapesWorld.Word(shape)}-{third * turn / 3}"))];
            foreach (var concept in NumberBins.Thirds(
                "rotation-of", names, 0, turn, t => t.Scene.Object.Rotation % turn, Object, t => t.Scene.Object.Shape == shape))
                yield return concept;
        }
        yield return new("hidden", "partly", Object, t => t.Numbers["hidden"] >= 0.01);
    }

    private static IEnumerable<ShapesWorldConcept> OfNumbers() =>
    [
        .. NumberBins.Thirds(
            "rim-width", ["thin", "medium", "wide"], Difficulty.ThinnestRim, Difficulty.WidestRim, t => t.Scene.Object.RimWidth,
                (t, at) => t.Maps.Rim[at]),
        .. NumberBins.Thirds(
            "texture-period", ["fine", "medium", "coarse"], Difficulty.FinestPeriod, Difficulty.CoarsestPeriod,
                t => t.Scene.Object.Surface.Pattern.Period, Object,
            IsPatterned),
        .. NumberBins.Directions(
            "texture-angle", t => t.Scene.Object.Surface.Pattern.Angle, Object,
                t => t.Scene.Object.Surface.Pattern.Texture == SurfaceTexture.Stripes),
        .. NumberBins.Thirds("shading", ["faint", "medium", "strong"], 0, Difficulty.StrongestShading, t => t.Scene.Object.Shading, Object),
        .. NumberBins.Thirds(
            "shadow", ["faint", "medium", "strong"], Difficulty.FaintestShadow, Difficulty.DarkestShadow, t => t.Scene.Object.Shadow,
                (t, at) => t.Maps.Shadow[at],
            t => t.Scene.Object.Shadow > 0),
    ];

    private static byte Object(ShapesWorldTruth truth, int at) => truth.Maps.Object[at];

    private static bool IsPatterned(ShapesWorldTruth truth) => truth.Scene.Object.Surface.Pattern.Texture != SurfaceTexture.Plain;

    /// <summary>Degrees after which a turned shape looks the same; 0 for one that always does.</summary>
    internal static double Turn(ShapeKind shape) => shape switch
    {
        ShapeKind.Square or ShapeKind.Cross => 90,
        ShapeKind.Triangle => 120,
        ShapeKind.Star => 72,
        ShapeKind.Crescent => 360,
        _ => 0,
    };
}
