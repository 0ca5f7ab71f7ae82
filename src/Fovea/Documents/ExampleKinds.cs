namespace Fovea.Documents;

/// <summary>The kinds of dataset images shown for a unit, as <c>examples.parquet</c> names them.</summary>
public static class ExampleKinds
{
    /// <summary>The images with the largest values.</summary>
    public const string Top = "top";

    /// <summary>
    /// Images drawn uniformly from all that activate the unit, by a stream of their own: one may also be among the strongest or in a band,
    /// by chance.
    /// </summary>
    public const string Random = "random";

    /// <summary>
    /// Images that nearly activate the unit: of a latent, those that leave it off at every position with the largest pre-activation, just
    /// below the selection of its row or its threshold; of a neuron, which has none, those of the class that activates it most on which it
    /// is lowest.
    /// </summary>
    public const string Near = "near";

    /// <summary>
    /// Where the bands of a unit's own quantiles begin, per cent of the images that activate it; each ends where the next begins, the last
    /// at <see cref="BandsEnd"/>.
    /// </summary>
    public static IReadOnlyList<int> Bands { get; } = [0, 50, 75, 90];

    /// <summary>Where the last band ends, per cent: what is above are the unit's strongest images.</summary>
    public const int BandsEnd = 99;

    /// <summary>The kind of a band.</summary>
    /// <param name="from">Where it begins, per cent.</param>
    public static string Band(int from) => $"band-{from}";

    /// <summary>Where the band of a kind begins, per cent; null for a kind that is no band.</summary>
    public static int? BandOf(string kind) => Bands.Where(from => Band(from) == kind).Select(from => (int?)from).FirstOrDefault();
}
