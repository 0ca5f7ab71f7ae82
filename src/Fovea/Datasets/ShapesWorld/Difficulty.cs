namespace Fovea.Datasets;

/// <summary>
/// The ranges that decide how hard the images are, tuned together: see docs/decisions/0005-shapesworld.md.
/// Another value is another world: give <see cref="ShapesWorld.Generator"/> a new number.
/// </summary>
internal static class Difficulty
{
    // Radius of the disc of the same area, pixels.
    public const double SmallestObject = 8.5, LargestObject = 15;

    // Repeat length of stripes, checks and dots, pixels.
    public const double FinestPeriod = 4.5, CoarsestPeriod = 9;

    // Least distance in the RGB cube between an object's two colours, and between object and background.
    public const double InkContrast = 0.4, BackgroundContrast = 0.3;

    // Share of vivid backgrounds; strongest ink of a textured background as a share of the way to another colour.
    public const double VividBackground = 0.25, BackgroundTexture = 0.6;

    public const int MostDistractors = 5;
    public const double LargestDistractor = 4.5;

    // Light across the image, exposure, and the noise's standard deviation, as fractions.
    public const double Light = 0.25, DarkestExposure = 0.7, BrightestExposure = 1.1;
    public const double LeastNoise = 0.01, MostNoise = 0.06;
}
