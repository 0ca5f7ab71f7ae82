namespace Fovea.Datasets;

/// <summary>
/// The ranges that decide how hard the images are, tuned together: see docs/decisions/0005-shapesworld.md.
/// Another value is another world: give <see cref="ShapesWorld.Generator"/> a new number.
/// </summary>
internal static class Difficulty
{
    // Radius of the disc of the same area, pixels.
    public const double SmallestObject = 13, LargestObject = 18.5;

    // Repeat length of stripes, checks and dots, pixels.
    public const double FinestPeriod = 6, CoarsestPeriod = 9.5;

    // Width of the rim, pixels.
    public const double ThinnestRim = 1.2, WidestRim = 2.4;

    // Least distance in the RGB cube between an object's two colours, and from the background to body and rim.
    public const double InkContrast = 0.6, BackgroundContrast = 0.45;

    // Share of backgrounds with stripes, checks or dots; their faintest and strongest ink as a share of the way to another colour.
    public const double TexturedBackgrounds = 0.3, FaintestBackground = 0.1, StrongestBackground = 0.25;

    public const int MostDistractors = 3;
    public const double LargestDistractor = 3.5;

    // Light across the image, exposure, and the noise's standard deviation, as fractions.
    public const double Light = 0.25, DarkestExposure = 0.7, BrightestExposure = 1.1;
    public const double LeastNoise = 0.01, MostNoise = 0.03;
}
