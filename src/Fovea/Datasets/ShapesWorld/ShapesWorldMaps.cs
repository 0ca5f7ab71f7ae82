namespace Fovea.Datasets;

/// <summary>
/// What each pixel of an image shows: arrays of 64 × 64 bytes, row by row from the top. Masks hold the share of the pixel that shows
/// the thing, 0 … 255; maps hold the number of the one thing that most of the pixel shows.
/// </summary>
public sealed class ShapesWorldMaps
{
    /// <summary>Value of <see cref="OutlineAngles"/> away from the outline.</summary>
    public const byte NoAngle = 255;

    private const int Pixels = ShapesWorld.ImageSize * ShapesWorld.ImageSize;

    internal ShapesWorldMaps()
    {
    }

    /// <summary>Mask of the object where it is seen.</summary>
    public byte[] Object { get; } = new byte[Pixels];

    /// <summary>Mask of the whole object, parts hidden by distractors too.</summary>
    public byte[] WholeObject { get; } = new byte[Pixels];

    /// <summary>Mask of all distractors, and of a planted mark, where they are seen.</summary>
    public byte[] Distractors { get; } = new byte[Pixels];

    /// <summary>Mask of the background where it is seen, shaded parts included.</summary>
    public byte[] Background { get; } = new byte[Pixels];

    /// <summary>
    /// Mask of where the object's shadow is seen, however faint (<see cref="SceneObject.Shadow"/> is its opacity); none where it throws
    /// none.
    /// </summary>
    public byte[] Shadow { get; } = new byte[Pixels];

    /// <summary>Mask of the object's edge, three pixels wide with soft sides, where nothing is in front of it.</summary>
    public byte[] Outline { get; } = new byte[Pixels];

    /// <summary>Ink of the surface that most of the pixel shows: dots, dark squares, stripes, the far end of a ramp.</summary>
    public byte[] Ink { get; } = new byte[Pixels];

    /// <summary>The object's rim, as a share of the surface that most of the pixel shows.</summary>
    public byte[] Rim { get; } = new byte[Pixels];

    /// <summary>Map: 0 background, 1 object, 2 + k distractor k; a planted mark counts as one more distractor.</summary>
    public byte[] Owners { get; } = new byte[Pixels];

    /// <summary>Map: the <see cref="SurfaceTexture"/> seen.</summary>
    public byte[] Textures { get; } = new byte[Pixels];

    /// <summary>Map: the <see cref="ColourName"/> of the paint seen.</summary>
    public byte[] Colours { get; } = new byte[Pixels];

    /// <summary>
    /// Map: direction of the edge's normal on the outline, whole degrees 0 … 179 (0: the edge runs up and down); <see cref="NoAngle"/>
    /// elsewhere.
    /// </summary>
    public byte[] OutlineAngles { get; } = new byte[Pixels];
}
