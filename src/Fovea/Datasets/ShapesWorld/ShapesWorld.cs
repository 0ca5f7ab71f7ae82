using System.Globalization;

namespace Fovea.Datasets;

/// <summary>
/// A world of images whose every factor is known: one object, its class a shape and a texture, amid colours, sizes, places, rotations,
/// backgrounds, small distractors, light and noise that say nothing about the class. Images are drawn on demand from (seed, split, index).
/// </summary>
public static class ShapesWorld
{
    /// <summary>Height and width of an image in pixels.</summary>
    public const int ImageSize = 64;

    /// <summary>Names the way images are drawn: it changes when the same (seed, split, index) would give other pixels.</summary>
    public const string Generator = "shapesworld-1";

    /// <summary>The textures that objects wear, in the order of the classes.</summary>
    public static IReadOnlyList<SurfaceTexture> ObjectTextures { get; } =
        [SurfaceTexture.Plain, SurfaceTexture.Stripes, SurfaceTexture.Checks, SurfaceTexture.Dots];

    /// <summary>The splits that can be opened. No image of one is an image of another.</summary>
    public static IReadOnlyList<string> Splits { get; } = ["train", "val", "test"];

    /// <summary>The 24 classes, shape by shape, each with the four textures: <c>disc-plain</c>, <c>disc-stripes</c>, ….</summary>
    public static ClassList Classes { get; } = new(
        from shape in Enum.GetValues<ShapeKind>()
        from texture in ObjectTextures
        select new ClassInfo($"{Word(shape)}-{Word(texture)}", $"{Adjective(texture)} {Word(shape)}"));

    /// <summary>The class of a shape with a texture.</summary>
    public static int Label(ShapeKind shape, SurfaceTexture texture) => (int)shape * ObjectTextures.Count + (int)texture;

    /// <summary>The shape and texture of a class.</summary>
    public static (ShapeKind Shape, SurfaceTexture Texture) ShapeAndTexture(int label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, Classes.Count);
        return ((ShapeKind)(label / ObjectTextures.Count), ObjectTextures[label % ObjectTextures.Count]);
    }

    /// <summary>
    /// Opens <c>shapesworld:&lt;split&gt;:&lt;count&gt;[?seed=N][&amp;shortcut=S]</c>, e.g. <c>shapesworld:train:6000?seed=1</c>; the seed is 0
    /// where not given, and S is a <see cref="PlantedShortcut"/>.
    /// </summary>
    /// <exception cref="FoveaException">The text is not of that form.</exception>
    public static ShapesWorldSource Open(string spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        int question = spec.IndexOf('?', StringComparison.Ordinal);
        string[] parts = (question < 0 ? spec : spec[..question]).Split(':');
        if (parts.Length != 3 || parts[0] != "shapesworld") throw Malformed(spec, "it has not three parts");
        if (!Splits.Contains(parts[1])) throw Malformed(spec, $"there is no split \"{parts[1]}\"");
        if (!int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            || count is < 1 or > ShapesWorldSource.MaximumCount)
            throw Malformed(spec, $"\"{parts[2]}\" is not a number of images from 1 to {ShapesWorldSource.MaximumCount}");
        ulong seed = 0;
        PlantedShortcut? shortcut = null;
        foreach (string option in question < 0 ? [] : spec[(question + 1)..].Split('&'))
        {
            if (option.StartsWith("shortcut=", StringComparison.Ordinal)) shortcut = PlantedShortcut.Parse(option[9..]);
            else if (!option.StartsWith("seed=", StringComparison.Ordinal)
                || !ulong.TryParse(option.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out seed))
                throw Malformed(spec, $"\"{option}\" is not seed=N with a whole number N ≥ 0");
        }
        return new ShapesWorldSource(parts[1], count, seed, shortcut);
    }

    /// <summary>A value's name as it stands in ids and factors: lower case.</summary>
    internal static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Adjective(SurfaceTexture texture) => texture switch
    {
        SurfaceTexture.Stripes => "striped",
        SurfaceTexture.Checks => "checked",
        SurfaceTexture.Dots => "dotted",
        _ => "plain",
    };

    private static FoveaException Malformed(string spec, string why) => FoveaException.BadConfiguration(
        $"Cannot open \"{spec}\": {why}. Write shapesworld:<split>:<count>[?seed=N][&shortcut={PlantedShortcut.Form}] with split "
            + $"{string.Join(", ", Splits)}, e.g. shapesworld:train:6000?seed=1.");
}
