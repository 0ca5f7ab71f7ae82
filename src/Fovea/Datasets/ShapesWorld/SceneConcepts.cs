namespace Fovea.Datasets;

/// <summary>
/// Concepts of what is true around the object: of the background, shown where it is seen; of the light and the grain, which are everywhere.
/// </summary>
internal static class SceneConcepts
{
    private static readonly Func<ShapesWorldTruth, int, byte> Everywhere = (_, _) => byte.MaxValue;

    public static IEnumerable<ShapesWorldConcept> All() => [.. OfBackground(), .. OfLight(), .. OfDistractors()];

    private static IEnumerable<ShapesWorldConcept> OfBackground()
    {
        foreach (var texture in Enum.GetValues<SurfaceTexture>())
            yield return new("background", ShapesWorld.Word(texture), Background, t => t.Scene.Background.Pattern.Texture == texture);
        foreach (var colour in Enum.GetValues<ColourName>())
            yield return new("background-colour", ShapesWorld.Word(colour), Background, t => t.Scene.Background.Body.Colour == colour);
        foreach (var tone in (ColourTone[])[ColourTone.Pale, ColourTone.Dark])
            yield return new("background-tone", ShapesWorld.Word(tone), Background, t => t.Scene.Background.Body.Tone == tone);
        foreach (var concept in NumberBins.Thirds(
            "background-period", ["fine", "medium", "coarse"], Difficulty.FinestPeriod, 1.5 * Difficulty.CoarsestPeriod,
            t => t.Scene.Background.Pattern.Period, Background,
                t => Texture(t) is SurfaceTexture.Stripes or SurfaceTexture.Checks or SurfaceTexture.Dots))
            yield return concept;
        foreach (var concept in NumberBins.Directions(
            "background-angle", t => t.Scene.Background.Pattern.Angle, Background,
                t => Texture(t) is SurfaceTexture.Stripes or SurfaceTexture.Gradient))
            yield return concept;
    }

    /// <summary>Where the light comes from shows on the object, which it shades; how strong it is, exposure and grain everywhere.</summary>
    private static IEnumerable<ShapesWorldConcept> OfLight()
    {
        string[] sides = ["right", "bottom", "left", "top"]; // clockwise, as angles go in the image
        for (int side = 0; side < sides.Length; side++)
        {
            int own = side;
            yield return new(
                "light-angle", sides[side], (t, at) => t.Maps.Object[at], t => (int)((t.Scene.LightAngle + 45) / 90) % 4 == own);
        }
        string[] amounts = ["low", "medium", "high"];
        foreach (var concept in NumberBins.Thirds("light-strength", amounts, 0, Difficulty.Light, t => t.Scene.LightStrength, Everywhere))
            yield return concept;
        foreach (var concept in NumberBins.Thirds(
            "exposure", amounts, Difficulty.DarkestExposure, Difficulty.BrightestExposure, t => t.Scene.Exposure, Everywhere))
            yield return concept;
        // Its square is what is drawn evenly.
        foreach (var concept in NumberBins.Thirds("noise", amounts, 0, 1,
            t => Math.Sqrt((t.Scene.Noise - Difficulty.LeastNoise) / (Difficulty.MostNoise - Difficulty.LeastNoise)), Everywhere))
            yield return concept;
    }

    private static IEnumerable<ShapesWorldConcept> OfDistractors() =>
        Enumerable.Range(1, Difficulty.MostDistractors)
            .Select(count =>
                new ShapesWorldConcept(
                    "distractors", $"{count}", (t, at) => t.Maps.Distractors[at], t => t.Scene.Distractors.Count == count));

    private static byte Background(ShapesWorldTruth truth, int at) => truth.Maps.Background[at];

    private static SurfaceTexture Texture(ShapesWorldTruth truth) => truth.Scene.Background.Pattern.Texture;
}
