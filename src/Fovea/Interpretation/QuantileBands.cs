namespace Fovea.Interpretation;

/// <summary>
/// Images of middling activation, where top examples deceive: a unit may mean something else, or nothing, below its summit (Bolukbasi et
/// al. 2021).
/// </summary>
internal static class QuantileBands
{
    /// <summary>
    /// Images from each band of a unit's own per-image maxima. The image of rank r of n (from 0, by value, then by index) is in the band
    /// [a, b) where a ≤ 100 r / n &lt; b.
    /// </summary>
    /// <param name="sample">Images that activate the unit, in random order.</param>
    /// <param name="count">Images of a band at most.</param>
    /// <returns>A set a band, in the order of <see cref="ExampleKinds.Bands"/>; its images in the sample's order.</returns>
    public static IEnumerable<ExampleSet> Of(IReadOnlyList<TopExample> sample, int count)
    {
        var rank = new int[sample.Count];
        int next = 0;
        foreach (int i in Enumerable.Range(0, sample.Count).OrderBy(i => sample[i].Value).ThenBy(i => sample[i].Image)) rank[i] = next++;
        for (int band = 0; band < ExampleKinds.Bands.Count; band++)
        {
            long from = ExampleKinds.Bands[band], to = band + 1 < ExampleKinds.Bands.Count
                ? ExampleKinds.Bands[band + 1] : ExampleKinds.BandsEnd;
            yield return new ExampleSet(ExampleKinds.Band((int)from),
                [.. sample.Where((_, i) => 100L * rank[i] >= from * sample.Count && 100L * rank[i] < to * sample.Count).Take(count)]);
        }
    }
}
