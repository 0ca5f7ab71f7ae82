namespace Fovea.Datasets;

/// <summary>
/// The ranges that decide how hard the images are, tuned together: see docs/decisions/0005-shapesworld.md.
/// Another value is another world: give <see cref="ShapesWorld.Generator"/> a new number.
/// </summary>
internal static class Difficulty
{
    // Radius of the disc of the same area, pixels.
    public const double SmallestObject = 15, LargestObject = 20;

    // Repeat length of stripes, checks and dots, pixels.
    public const double FinestPeriod = 6, CoarsestPeriod = 9.5;

    // Width of the rim, pixels.
    public const double ThinnestRim = 2.0, WidestRim = 3.0;

    // Least distance in the RGB cube between an object's two colours, and from the background to body and rim.
    public const double InkContrast = 0.4, BackgroundContrast = 0.5;

    // Share of backgrounds with stripes, checks or dots; their faintest and strongest ink as a share of the way to another colour.
    public const double TexturedBackgrounds = 0.3, FaintestBackground = 0.05, StrongestBackground = 0.15;

    // Relative brightening of the lit side of an object; opacity of the shadows of those that throw one.
    public const double StrongestShading = 0.14, FaintestShadow = 0.15, DarkestShadow = 0.5;

    public const int MostDistractors = 2;
    public const double LargestDistractor = 3.5;

    // Light across the image, exposure, and the noise's standard deviation, as fractions.
    public const double Light = 0.2, DarkestExposure = 0.8, BrightestExposure = 1.1;
    public const double LeastNoise = 0.01, MostNoise = 0.03;
}
