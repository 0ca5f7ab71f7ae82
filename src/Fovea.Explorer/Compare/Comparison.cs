using Fovea.Explorer.Contents;
using Fovea.Interpretation.Relations;

namespace Fovea.Explorer.Compare;

/// <summary>A side with what its run says of it.</summary>
/// <param name="Side">Which.</param>
/// <param name="Run">Its run.</param>
/// <param name="Layer">Its layer.</param>
public sealed record SideContents(ComparedSide Side, RunContents Run, LayerContents Layer)
{
    /// <summary>The dictionary; null for neurons.</summary>
    public DictionaryContents? Dictionary => Layer.Dictionaries.FirstOrDefault(one => one.Name == Side.Source);

    /// <summary>Its units; null where the run has no table of them.</summary>
    public FeatureSet? Units => Layer.Units(Side.Source);

    /// <summary>What one unit is called.</summary>
    public string UnitWord => Side.Source == RunLayout.Neurons ? "neuron" : "latent";

    /// <summary>Its name for people.</summary>
    public string Title => $"{(Side.Other ? Run.Title + ": " : "")}{Side.Layer} / {Side.Source}";
}

/// <summary>Two sides and how their units match.</summary>
/// <param name="A">The first side.</param>
/// <param name="B">The second.</param>
/// <param name="By">What the units are compared by: <see cref="CompareQuery.ByDecoder"/>, <see cref="CompareQuery.ByClasses"/> or
/// <see cref="CompareQuery.ByActivity"/>.</param>
/// <param name="Matching">The matching; null where it cannot be had.</param>
/// <param name="Problem">Why not, as a sentence.</param>
public sealed record Comparison(SideContents A, SideContents B, string By, UnitMatching? Matching, string? Problem)
{
    /// <summary>Units whose nearest one on the other side is below a bound: what only their side has, the loneliest first.</summary>
    /// <param name="first">Of the first side, else of the second.</param>
    /// <param name="threshold">The bound.</param>
    public IReadOnlyList<NearestUnit> Only(bool first, double threshold) => Matching is null ? []
        : [.. (first ? Matching.NearestOfA : Matching.NearestOfB).Where(one => one.Cosine < threshold)
            .OrderBy(one => one.Cosine).ThenBy(one => one.Unit)];

    /// <summary>The pairs in an order.</summary>
    /// <param name="sort"><see cref="CompareQuery.Sort"/>.</param>
    public IReadOnlyList<UnitPair> Sorted(string sort) => Matching is null ? [] : sort switch
    {
        "apart" => [.. Matching.Pairs.OrderBy(pair => pair.Cosine).ThenBy(pair => pair.A)],
        "unit" => [.. Matching.Pairs.OrderBy(pair => pair.A)],
        _ => [.. Matching.Pairs.OrderByDescending(pair => pair.Cosine).ThenBy(pair => pair.A)],
    };
}
