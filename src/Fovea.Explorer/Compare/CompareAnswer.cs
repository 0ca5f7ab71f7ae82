using System.Text.Json.Serialization;
using Fovea.Interpretation.Relations;

namespace Fovea.Explorer.Compare;

/// <summary>A comparison as <c>/api/compare</c> gives it.</summary>
internal sealed record CompareAnswer
{
    [JsonPropertyOrder(-1)]
    public int Schema => 1;

    /// <summary>The first side, as the address names it.</summary>
    public required string A { get; init; }

    /// <summary>The second side.</summary>
    public required string B { get; init; }

    /// <summary><c>decoder</c>, <c>classes</c> or <c>activity</c>.</summary>
    public required string By { get; init; }

    /// <summary><c>one-to-one</c> (Hungarian algorithm) or <c>mutual-nearest</c>.</summary>
    public required string Matching { get; init; }

    /// <summary>Units of the first side that took part.</summary>
    public required int UnitsA { get; init; }

    /// <summary>Units of the second side that took part.</summary>
    public required int UnitsB { get; init; }

    /// <summary>How many pairs there are.</summary>
    public required int Pairs { get; init; }

    /// <summary>Mean cosine of the pairs; null without any.</summary>
    public required double MatchedCosine { get; init; }

    /// <summary>Mean over the first side of the largest cosine with the second.</summary>
    public required double MeanMaximumCosine { get; init; }

    /// <summary>Mean over the second side of the largest cosine with the first.</summary>
    public required double MeanMaximumCosineBack { get; init; }

    /// <summary>Share of the larger side that is matched.</summary>
    public required double Coverage { get; init; }

    /// <summary>The cosine below which a unit is one side's own.</summary>
    public required double Threshold { get; init; }

    /// <summary>Units of the first side alone.</summary>
    public required int OnlyA { get; init; }

    /// <summary>Units of the second side alone.</summary>
    public required int OnlyB { get; init; }

    /// <summary><c>matched</c>, <c>a</c> or <c>b</c>: what is listed.</summary>
    public required string Show { get; init; }

    /// <summary>The page.</summary>
    public required int Page { get; init; }

    /// <summary>How many pages there are.</summary>
    public required int Pages { get; init; }

    /// <summary>What is listed on this page; of units that only one side has, with the nearest one of the other.</summary>
    public required IReadOnlyList<UnitPair> Units { get; init; }

    /// <summary>The answer to a query.</summary>
    public static CompareAnswer Of(Comparison comparison, CompareQuery query)
    {
        UnitMatching matching = comparison.Matching!;
        var listed = new ListedUnits(comparison, query);
        return new CompareAnswer
        {
            A = comparison.A.Side.ToString(),
            B = comparison.B.Side.ToString(),
            By = comparison.By,
            Matching = matching.OneToOne ? "one-to-one" : "mutual-nearest",
            UnitsA = matching.NearestOfA.Count,
            UnitsB = matching.NearestOfB.Count,
            Pairs = matching.Pairs.Count,
            MatchedCosine = matching.MatchedCosine,
            MeanMaximumCosine = matching.MeanMaximum,
            MeanMaximumCosineBack = matching.MeanMaximumBack,
            Coverage = matching.Coverage,
            Threshold = query.Threshold,
            OnlyA = comparison.Only(true, query.Threshold).Count,
            OnlyB = comparison.Only(false, query.Threshold).Count,
            Show = query.Show,
            Page = listed.Page,
            Pages = listed.Pages,
            Units = listed.OnPage,
        };
    }
}
