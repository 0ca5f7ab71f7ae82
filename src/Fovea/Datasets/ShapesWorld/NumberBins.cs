namespace Fovea.Datasets;

/// <summary>Concepts of a factor that is a number.</summary>
internal static class NumberBins
{
    /// <summary>Thirds of a range that the number is drawn from evenly.</summary>
    /// <param name="factor">The factor.</param>
    /// <param name="names">Of the low, middle and high third.</param>
    /// <param name="least">Where the range begins.</param>
    /// <param name="most">Where it ends.</param>
    /// <param name="number">The number of an image.</param>
    /// <param name="mask">Share of a pixel that shows what the number is of.</param>
    /// <param name="where">The images that have the number; all when null.</param>
    public static IEnumerable<ShapesWorldConcept> Thirds(
        string factor, string[] names, double least, double most, Func<ShapesWorldTruth, double> number,
        Func<ShapesWorldTruth, int, byte> mask, Func<ShapesWorldTruth, bool>? where = null)
    {
        int Third(ShapesWorldTruth truth) => Math.Clamp((int)(3 * (number(truth) - least) / (most - least)), 0, 2);
        return Enumerable.Range(0, 3)
            .Select(third => new ShapesWorldConcept(factor, names[third], mask, t => (where is null || where(t)) && Third(t) == third));
    }

    /// <summary>Four directions without a sense, 0°, 45°, 90° and 135°, each with what is nearer to it than to the others.</summary>
    public static IEnumerable<ShapesWorldConcept> Directions(
        string factor, Func<ShapesWorldTruth, double> angle, Func<ShapesWorldTruth, int, byte> mask,
        Func<ShapesWorldTruth, bool> where) =>
        Enumerable.Range(0, 4)
            .Select(step =>
                new ShapesWorldConcept(factor, $"{step * 45}", mask, t => where(t) && PartConcepts.IsNear(angle(t), step * 45)));
}
