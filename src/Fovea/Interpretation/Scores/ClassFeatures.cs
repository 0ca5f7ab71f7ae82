namespace Fovea.Interpretation;

/// <summary>How many different things about an image's class the units that react most to it say.</summary>
/// <param name="Top">Units looked at: the most active, silent ones left out.</param>
/// <param name="Related">Those whose own class is one of the wanted.</param>
/// <param name="Distinct">The related ones, copies counted once: the comparison's number (figures 21 to 24 of the paper).</param>
/// <param name="Expected">
/// The baseline for <paramref name="Related"/>: <paramref name="Top"/> × the share of units whose class is one of the wanted, among those
/// that any image activates; others cannot be among the most active.
/// </param>
/// <param name="Features">The related units, copies together, in the order of their magnitude on the image.</param>
public sealed record ClassFeatureCount(int Top, int Related, int Distinct, double Expected, IReadOnlyList<IReadOnlyList<int>> Features);

/// <summary>
/// Counts distinct class-related features among the top units of an image. A unit is related where one of its classes (the top class of its
/// class means, or those it promotes) is wanted: the image's class, or a group such as all dogs. Two related units say the same where the
/// Jaccard overlap of their sets of top images exceeds a threshold; chains of such pairs are one feature.
/// </summary>
public static class ClassFeatures
{
    /// <summary>Units looked at.</summary>
    public const int DefaultTop = 20;

    /// <summary>Overlap above which two units say the same.</summary>
    public const double DefaultOverlap = 0.5;

    /// <summary>Counts for one image.</summary>
    /// <param name="ranking">The units' ranking on the image, with at least <paramref name="top"/> units.</param>
    /// <param name="classes">Each unit's own classes; none for a unit that stands for no class.</param>
    /// <param name="sets">Each unit's top images (<see cref="Uniqueness.Sets"/>).</param>
    /// <param name="wanted">The image's class, or a group of classes.</param>
    /// <param name="alive">Units that any image activates; a unit that none does has no class.</param>
    /// <param name="top">Units looked at.</param>
    /// <param name="overlap">Overlap above which two units say the same.</param>
    /// <exception cref="ArgumentException">The ranking holds fewer units, or classes or sets are not one a unit.</exception>
    public static ClassFeatureCount Count(
        ImageRanking ranking, IReadOnlyList<IReadOnlyCollection<int>> classes, IReadOnlyList<IReadOnlyCollection<int>> sets,
        IReadOnlySet<int> wanted, int alive, int top = DefaultTop, double overlap = DefaultOverlap)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(wanted);
        if (ranking.Top.Count < Math.Min(top, ranking.Units))
            throw new ArgumentException($"A ranking of {ranking.Top.Count} units for the top {top}.", nameof(ranking));
        if (classes.Count != ranking.Units || sets.Count != ranking.Units)
            throw new ArgumentException(
                $"{classes.Count} lists of classes and {sets.Count} sets of images for {ranking.Units} units.", nameof(classes));
        int[] loudest = [.. ranking.Top.Take(top).Where(unit => unit.Magnitude > 0).Select(unit => unit.Unit)];
        int[] related = [.. loudest.Where(unit => classes[unit].Any(wanted.Contains))];
        List<IReadOnlyList<int>> features = Merge(related, sets, overlap);
        double share = alive > 0 ? (double)classes.Count(own => own.Any(wanted.Contains)) / alive : 0;
        return new ClassFeatureCount(loudest.Length, related.Length, features.Count, loudest.Length * share, features);
    }

    /// <summary>The class with the largest mean; none where no mean is above 0.</summary>
    /// <param name="means">A unit's mean activation by class; NaN for classes without images.</param>
    public static IReadOnlyList<int> TopClass(ReadOnlySpan<double> means)
    {
        int best = -1;
        for (int c = 0; c < means.Length; c++)
        {
            if (means[c] > (best < 0 ? 0 : means[best])) best = c;
        }
        return best < 0 ? [] : [best];
    }

    private static List<IReadOnlyList<int>> Merge(int[] units, IReadOnlyList<IReadOnlyCollection<int>> sets, double overlap)
    {
        var features = new List<List<int>>();
        foreach (int unit in units)
        {
            // A unit may join features that were apart until now.
            var joined = features.Where(feature => feature.Any(other => SetOverlap.Jaccard(sets[unit], sets[other]) > overlap)).ToList();
            if (joined.Count == 0)
            {
                features.Add([unit]);
                continue;
            }
            joined[0].Add(unit);
            foreach (List<int> other in joined.Skip(1))
            {
                joined[0].AddRange(other);
                features.Remove(other);
            }
        }
        return [.. features.Select(feature => (IReadOnlyList<int>)[.. feature.OrderBy(unit => Array.IndexOf(units, unit))])];
    }
}
