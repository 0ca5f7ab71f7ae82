using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>How far a unit's best images are its own.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Mean">1 − the mean Jaccard overlap with every other unit that has images; NaN where the unit, or all the others, have
/// none.</param>
/// <param name="Nearest">1 − the largest overlap: 0 where another unit has the very same images.</param>
/// <param name="Other">The unit with the largest overlap, the first of equals; −1 where no other shares an image.</param>
public sealed record UniquenessScore(int Unit, double Mean, double Nearest, int Other);

/// <summary>
/// Uniqueness of units by the overlap of their sets of top images (|A ∩ B| / |A ∪ B| of the 16 best, as in Pach et al. 2025). With
/// thousands of units the mean over the others is close to 1 for any dictionary: the nearest other unit tells copies. Only pairs that share
/// an image are visited, by an index from images to units.
/// </summary>
public static class Uniqueness
{
    /// <summary>Images that make up a unit's set.</summary>
    public const int SetSize = 16;

    /// <summary>Of a group's top examples; units with fewer than <see cref="SetSize"/> take those they have.</summary>
    public static IReadOnlyList<UniquenessScore> Of(GroupStatistics statistics) => Of(Sets(statistics));

    /// <summary>Of given sets, one a unit.</summary>
    public static IReadOnlyList<UniquenessScore> Of(IReadOnlyList<IReadOnlyList<int>> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        int[][] distinct = [.. sets.Select(set => set.Distinct().ToArray())];
        ILookup<int, int> owners = distinct.SelectMany((set, unit) => set.Select(image => (image, unit)))
            .ToLookup(pair => pair.image, pair => pair.unit);
        int filled = distinct.Count(set => set.Length > 0);
        var scores = new UniquenessScore[sets.Count];
        // The counts are zeros again after each unit: every thread has one row of them, made when it first needs it.
        using var common = new ThreadLocal<int[]>(() => new int[sets.Count]);
        ParallelLoop.For(sets.Count, unit => scores[unit] = Score(unit, distinct, owners, filled, common.Value!));
        return scores;
    }

    /// <summary>The baseline: every unit's set drawn anew, of the same size, from all images.</summary>
    /// <param name="sets">The real sets.</param>
    /// <param name="images">Images there are: the drawn sets hold numbers 0 … <paramref name="images"/> − 1.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">A set is larger than the number of images.</exception>
    public static IReadOnlyList<UniquenessScore> Random(IReadOnlyList<IReadOnlyList<int>> sets, int images, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(sets);
        return Of([.. sets.Select(
            (set, unit) => Draw(set.Distinct().Count(), images, new CounterRandom(seed, "scores/uniqueness", unit)))]);
    }

    /// <summary>The sets of a group's top examples.</summary>
    public static IReadOnlyList<IReadOnlyList<int>> Sets(GroupStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        return [.. statistics.Units.Select(unit => (IReadOnlyList<int>)[.. unit.Examples.Take(SetSize).Select(example => example.Image)])];
    }

    // The counts in common are zeros when it is called and when it returns.
    private static UniquenessScore Score(int unit, int[][] sets, ILookup<int, int> owners, int filled, int[] common)
    {
        if (sets[unit].Length == 0 || filled < 2) return new UniquenessScore(unit, double.NaN, double.NaN, -1);
        var touched = new List<int>();
        foreach (int image in sets[unit])
        {
            foreach (int other in owners[image])
            {
                if (other != unit && common[other]++ == 0) touched.Add(other);
            }
        }
        double sum = 0, largest = 0;
        int nearest = -1;
        foreach (int other in touched.Order())
        {
            double overlap = SetOverlap.Jaccard(common[other], sets[unit].Length, sets[other].Length);
            common[other] = 0;
            sum += overlap;
            if (overlap > largest) (largest, nearest) = (overlap, other);
        }
        return new UniquenessScore(unit, 1 - sum / (filled - 1), 1 - largest, nearest);
    }

    private static int[] Draw(int size, int images, CounterRandom random)
    {
        if (size > images) throw new ArgumentException($"A set of {size} of {images} images.", nameof(size));
        var drawn = new HashSet<int>();
        while (drawn.Count < size) drawn.Add(random.NextInt(images));
        return [.. drawn];
    }
}
