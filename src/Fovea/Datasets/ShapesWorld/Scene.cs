namespace Fovea.Datasets;

/// <summary>Shapes of the object that an image is about.</summary>
public enum ShapeKind
{
    /// <summary>A full circle.</summary>
    Disc,

    /// <summary>A square.</summary>
    Square,

    /// <summary>An equilateral triangle.</summary>
    Triangle,

    /// <summary>A five-pointed star.</summary>
    Star,

    /// <summary>A cross of two equal bars.</summary>
    Cross,

    /// <summary>A moon: a disc with a disc cut out.</summary>
    Crescent,
}

/// <summary>Shapes of the small things that an image is not about.</summary>
public enum DistractorKind
{
    /// <summary>A thin straight bar with round ends.</summary>
    Bar,

    /// <summary>A thin ring.</summary>
    Ring,

    /// <summary>A small full circle.</summary>
    Spot,

    /// <summary>A small triangle.</summary>
    Wedge,
}

/// <summary>The object: its shape and texture are the class, everything else about it is nuisance.</summary>
/// <param name="Shape">The shape.</param>
/// <param name="Surface">Colours and texture.</param>
/// <param name="Rim">Colour of the rim.</param>
/// <param name="RimWidth">Width of the rim along the inside of the edge, in pixels.</param>
/// <param name="X">Centroid of the shape in pixels from the left edge (a pixel's centre lies at + 0.5).</param>
/// <param name="Y">Centroid in pixels from the top edge.</param>
/// <param name="Size">Radius in pixels of the disc of the same area: area = π·Size² for every shape.</param>
/// <param name="Rotation">Degrees, clockwise in the image.</param>
/// <param name="Shading">Relative brightening per <paramref name="Size"/> towards the light.</param>
/// <param name="Shadow">Opacity of the shadow it throws, 0 for none.</param>
public sealed record SceneObject(
    ShapeKind Shape, Surface Surface, Paint Rim, double RimWidth, double X, double Y, double Size, double Rotation, double Shading,
        double Shadow);

/// <summary>A small thing beside, behind or in front of the object.</summary>
/// <param name="Kind">The shape.</param>
/// <param name="Paint">Its one colour.</param>
/// <param name="X">Centre in pixels from the left edge.</param>
/// <param name="Y">Centre in pixels from the top edge.</param>
/// <param name="Size">Half length of a bar, outer radius of the others, in pixels.</param>
/// <param name="Rotation">Degrees.</param>
/// <param name="InFront">Whether it hides what it overlaps of the object, or is hidden by it.</param>
public sealed record Distractor(DistractorKind Kind, Paint Paint, double X, double Y, double Size, double Rotation, bool InFront);

/// <summary>Every factor of one image: what <see cref="SceneRenderer"/> needs to draw it, but the grain of the noise.</summary>
/// <param name="Label">The class, an index into <see cref="ShapesWorld.Classes"/>.</param>
/// <param name="Object">The object.</param>
/// <param name="Background">Colours and texture behind it.</param>
/// <param name="Distractors">Small things, in drawing order.</param>
/// <param name="LightAngle">Degrees: where the light comes from.</param>
/// <param name="LightStrength">Relative brightening from the image's centre to its edge on the lit side, and darkening on the
/// other.</param>
/// <param name="Exposure">Factor on all light.</param>
/// <param name="Noise">Standard deviation of the noise on each sample, in units of the full range.</param>
public sealed record Scene(
    int Label, SceneObject Object, Surface Background, IReadOnlyList<Distractor> Distractors,
    double LightAngle, double LightStrength, double Exposure, double Noise)
{
    /// <summary>A planted mark, painted over all else; null: none (<see cref="PlantedShortcut"/>).</summary>
    public Distractor? Mark { get; init; }

    /// <summary>The distractors and, behind them in the list, the mark: what <see cref="ShapesWorldMaps.Owners"/> counts.</summary>
    internal Distractor Thing(int index) => index < Distractors.Count ? Distractors[index] : Mark!;
}
