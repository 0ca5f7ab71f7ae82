using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>A corner of the object.</summary>
/// <param name="X">Pixels from the left edge.</param>
/// <param name="Y">Pixels from the top edge.</param>
/// <param name="Tip">Whether it points outwards (a star's tip) or inwards (the notch between two).</param>
/// <param name="Visible">Whether nothing is in front of it.</param>
public sealed record ShapesWorldCorner(double X, double Y, bool Tip, bool Visible);

/// <summary>Everything that is true of one image.</summary>
public sealed class ShapesWorldTruth
{
    internal ShapesWorldTruth(Scene scene, RgbImage image, ShapesWorldMaps maps, IReadOnlyList<ShapesWorldCorner> corners)
    {
        (Scene, Image, Maps, Corners) = (scene, image, maps, corners);
        SceneObject item = scene.Object;
        Pattern own = item.Surface.Pattern, behind = scene.Background.Pattern;
        double hidden = 1 - Sum(maps.Object) / Math.Max(1, Sum(maps.WholeObject));
        Names = new Dictionary<string, string>
        {
            ["class"] = ShapesWorld.Classes[scene.Label].Id,
            ["shape"] = ShapesWorld.Word(item.Shape),
            ["texture"] = ShapesWorld.Word(own.Texture),
            ["colour"] = ShapesWorld.Word(item.Surface.Body.Colour),
            ["tone"] = ShapesWorld.Word(item.Surface.Body.Tone),
            ["ink"] = own.Texture == SurfaceTexture.Plain ? "none" : ShapesWorld.Word(item.Surface.Ink.Colour),
            ["rim"] = ShapesWorld.Word(item.Rim.Tone),
            ["background"] = ShapesWorld.Word(behind.Texture),
            ["background-colour"] = ShapesWorld.Word(scene.Background.Body.Colour),
            ["background-tone"] = ShapesWorld.Word(scene.Background.Body.Tone),
        };
        Numbers = new Dictionary<string, double>
        {
            ["x"] = item.X,
            ["y"] = item.Y,
            ["size"] = item.Size,
            ["rotation"] = item.Rotation,
            ["rim-width"] = item.RimWidth,
            ["texture-period"] = own.Period,
            ["texture-angle"] = own.Angle,
            ["background-period"] = behind.Period,
            ["background-angle"] = behind.Angle,
            ["shading"] = item.Shading,
            ["shadow"] = item.Shadow,
            ["light-angle"] = scene.LightAngle,
            ["light-strength"] = scene.LightStrength,
            ["exposure"] = scene.Exposure,
            ["noise"] = scene.Noise,
            ["distractors"] = scene.Distractors.Count,
            ["hidden"] = hidden,
        };
    }

    /// <summary>Every factor as it was drawn.</summary>
    public Scene Scene { get; }

    /// <summary>The picture, the same as the source's.</summary>
    public RgbImage Image { get; }

    /// <summary>What each pixel shows.</summary>
    public ShapesWorldMaps Maps { get; }

    /// <summary>The object's corners; none for a disc, the two horns of a crescent.</summary>
    public IReadOnlyList<ShapesWorldCorner> Corners { get; }

    /// <summary>
    /// The factors that are names: class, shape, texture, colour, tone, ink, rim (pale or dark), background, background-colour,
    /// background-tone.
    /// </summary>
    public IReadOnlyDictionary<string, string> Names { get; }

    /// <summary>
    /// The factors that are numbers; pixels, degrees and fractions as in <see cref="Scene"/>; <c>hidden</c> is the share of the object
    /// behind distractors.
    /// </summary>
    public IReadOnlyDictionary<string, double> Numbers { get; }

    private static double Sum(byte[] mask)
    {
        long sum = 0;
        foreach (byte share in mask) sum += share;
        return sum;
    }
}
