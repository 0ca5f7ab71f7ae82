namespace Fovea.Interpretation;

/// <summary>What a unit tells best.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Concept">The concept with the largest skill; null where the unit's value is the same everywhere or no concept could be
/// scored.</param>
/// <param name="F1">Best F1 for it.</param>
/// <param name="Skill">(F1 − f) / (1 − f), f the F1 of saying yes everywhere.</param>
/// <param name="Auroc">AUROC for it.</param>
public sealed record UnitConcept(int Unit, string? Concept, double F1, double Skill, double Auroc);

/// <summary>How well a concept is told by some unit.</summary>
/// <param name="Concept">The concept, <c>factor=value</c>.</param>
/// <param name="Prevalence">Share of the positions that show it.</param>
/// <param name="FloorF1">F1 of saying yes everywhere; NaN for a concept that is never shown.</param>
/// <param name="Unit">The unit with the best F1; −1 for a concept that is shown too seldom to be scored.</param>
/// <param name="F1">Its F1; NaN where there is none.</param>
/// <param name="Auroc">The best AUROC, perhaps of another unit; NaN where there is none.</param>
public sealed record ConceptCoverage(string Concept, double Prevalence, double FloorF1, int Unit, double F1, double Auroc);

/// <summary>Means over units of what each tells best.</summary>
/// <param name="BestF1">Mean over units of the largest F1 over concepts.</param>
/// <param name="BestSkill">Mean of the largest skill.</param>
/// <param name="BestAuroc">Mean of the largest AUROC.</param>
public sealed record ConceptMeans(MeanEstimate BestF1, MeanEstimate BestSkill, MeanEstimate BestAuroc);

/// <summary>
/// The scores of a group of units against the truth, in short. The best of many concepts is above chance for any unit, so the same is taken
/// with the truth of other images.
/// </summary>
/// <param name="Name">The group's name.</param>
/// <param name="Layer">Its layer.</param>
/// <param name="Units">Number of units.</param>
/// <param name="Silent">Units that have one value everywhere.</param>
/// <param name="Means">Against the truth, over every unit: silent ones count with the floor.</param>
/// <param name="Shuffled">The same against the truth of shuffled images.</param>
/// <param name="Live">Against the truth, over units that are not zero at as many positions as a concept must be shown at: what hardly ever
/// speaks can tell nothing that is often there, and a dictionary with many such latents is not the same as one that tells nothing.</param>
/// <param name="LiveShuffled">The same against the truth of shuffled images.</param>
/// <param name="FloorF1">The least <see cref="ConceptMeans.BestF1"/> possible: the largest 2p / (1 + p) of a concept that takes
/// part.</param>
/// <param name="PerUnit">By unit.</param>
/// <param name="PerConcept">By concept, those left out too.</param>
public sealed record ConceptSummary(
    string Name, string Layer, int Units, int Silent, ConceptMeans Means, ConceptMeans Shuffled, ConceptMeans Live,
    ConceptMeans LiveShuffled, double FloorF1, IReadOnlyList<UnitConcept> PerUnit, IReadOnlyList<ConceptCoverage> PerConcept)
{
    /// <summary>Sums up scores.</summary>
    /// <param name="name">The group's name.</param>
    /// <param name="layer">Its layer.</param>
    /// <param name="scores">Against the truth.</param>
    /// <param name="shuffled">Of the same units against the truth of shuffled images.</param>
    /// <param name="minimumPositives">Concepts shown at fewer positions are not scored, since chance would be the best unit; units that are
    /// not zero at fewer are not live.</param>
    /// <param name="maximumPrevalence">Concepts shown at a larger share of the positions take no part in a unit's best: saying yes
    /// everywhere would win.</param>
    public static ConceptSummary Of(
        string name, string layer, ConceptScores scores, ConceptScores shuffled, int minimumPositives, double maximumPrevalence)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(shuffled);
        ConceptTruth truth = scores.Truth;
        int[] scored =
            [.. Enumerable.Range(0, truth.Concepts.Count)
                .Where(c => truth.Positives[c] >= minimumPositives && truth.Positives[c] < truth.Positions)];
        int[] eligible = [.. scored.Where(c => truth.Prevalence(c) <= maximumPrevalence)];
        UnitConcept[] best = [.. Enumerable.Range(0, scores.Units).Select(unit => Best(scores, unit, eligible))];
        int silent = scored.Length == 0
            ? 0 : Enumerable.Range(0, scores.Units)
                .Count(unit => scored.All(c => scores.Auroc(unit, c) == 0.5 && scores.Skill(unit, c) <= 0));
        int[] all = [.. Enumerable.Range(0, scores.Units)], live = [.. all.Where(unit => scores.Active(unit) >= minimumPositives)];
        return new ConceptSummary(name, layer, scores.Units, silent, Average(scores, eligible, all), Average(shuffled, eligible, all),
            Average(scores, eligible, live), Average(shuffled, eligible, live), eligible.Select(truth.FloorF1).DefaultIfEmpty(double.NaN)
                .Max(), best,
            [.. Enumerable.Range(0, truth.Concepts.Count).Select(c => Coverage(scores, c, scored.Contains(c)))]);
    }

    private static ConceptMeans Average(ConceptScores scores, int[] eligible, int[] units)
    {
        MeanEstimate Over(Func<int, int, double> score) =>
            MeanEstimate.Of(units.Select(unit => eligible.Select(c => score(unit, c)).DefaultIfEmpty(double.NaN).Max()));
        return new ConceptMeans(Over(scores.F1), Over(scores.Skill), Over(scores.Auroc));
    }

    private static UnitConcept Best(ConceptScores scores, int unit, int[] eligible)
    {
        int best = eligible.Length == 0 ? -1 : eligible.MaxBy(c => scores.Skill(unit, c));
        return best < 0 || scores.Skill(unit, best) <= 0
            ? new UnitConcept(unit, null, double.NaN, best < 0 ? double.NaN : 0, double.NaN)
            : new UnitConcept(unit, scores.Truth.Concepts[best], scores.F1(unit, best), scores.Skill(unit, best), scores.Auroc(unit, best));
    }

    private static ConceptCoverage Coverage(ConceptScores scores, int concept, bool scored)
    {
        ConceptTruth truth = scores.Truth;
        var units = Enumerable.Range(0, scores.Units);
        int best = scored ? units.MaxBy(unit => scores.F1(unit, concept)) : -1;
        return new ConceptCoverage(truth.Concepts[concept], truth.Prevalence(concept), truth.FloorF1(concept), best,
            scored ? scores.F1(best, concept) : double.NaN, scored ? units.Max(unit => scores.Auroc(unit, concept)) : double.NaN);
    }
}
