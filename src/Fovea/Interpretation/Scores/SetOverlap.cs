namespace Fovea.Interpretation;

/// <summary>Overlap of sets of images.</summary>
internal static class SetOverlap
{
    /// <summary>|A ∩ B| / |A ∪ B|; 0 for two empty sets, which share nothing.</summary>
    public static double Jaccard(IReadOnlyCollection<int> a, IReadOnlyCollection<int> b)
    {
        var first = new HashSet<int>(a);
        var second = new HashSet<int>(b);
        int common = second.Count(first.Contains);
        return Jaccard(common, first.Count, second.Count);
    }

    /// <inheritdoc cref="Jaccard(IReadOnlyCollection{int}, IReadOnlyCollection{int})"/>
    public static double Jaccard(int common, int sizeA, int sizeB) => common == 0 ? 0 : (double)common / (sizeA + sizeB - common);
}
