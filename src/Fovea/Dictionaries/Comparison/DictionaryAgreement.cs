using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Comparison;

/// <summary>
/// How far two dictionaries have found the same directions: two seeds of one training, two variants. Definitions in
/// docs/reference/metrics.md.
/// </summary>
/// <param name="MatchedCosine">MCC over <paramref name="Pairs"/> pairs. Of two sizes it is the smaller one's view: see
/// <paramref name="Coverage"/>.</param>
/// <param name="Pairs">Directions matched one to one: min(n_a, n_b).</param>
/// <param name="Coverage">Share of the larger dictionary that is matched at all, min(n_a, n_b) / max(n_a, n_b); what is left out has no
/// part in the MCC.</param>
/// <param name="MeanMaximumCosine">MMCS of a's directions among b's: low where a has directions that b lacks.</param>
/// <param name="MeanMaximumCosineBack">MMCS of b's directions among a's.</param>
public sealed record DictionaryAgreement(
    double MatchedCosine, int Pairs, double Coverage, double MeanMaximumCosine, double MeanMaximumCosineBack)
{
    /// <summary>Compares two sets of directions; seconds at 2,000 × 2,000 (<see cref="HungarianMatching"/>).</summary>
    /// <param name="a"><c>[n_a, d]</c>.</param>
    /// <param name="b"><c>[n_b, d]</c>.</param>
    /// <param name="eitherSign">Take |cosine|, for codes of either sign (PCA, ICA); else opposite directions are as different as can be, as
    /// they are for codes that are never negative.</param>
    /// <exception cref="ArgumentException">The sets are empty or of other lengths.</exception>
    public static DictionaryAgreement Of(Tensor a, Tensor b, bool eitherSign = false)
    {
        double matched = DictionarySimilarity.MatchedCosine(a, b, !eitherSign);
        var (fewer, more) = (Math.Min(a.shape[0], b.shape[0]), Math.Max(a.shape[0], b.shape[0]));
        return new DictionaryAgreement(matched, checked((int)fewer), (double)fewer / more,
            DictionarySimilarity.MeanMaximumCosine(a, b, !eitherSign), DictionarySimilarity.MeanMaximumCosine(b, a, !eitherSign));
    }
}
