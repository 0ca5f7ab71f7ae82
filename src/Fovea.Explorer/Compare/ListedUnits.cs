using Fovea.Interpretation.Relations;

namespace Fovea.Explorer.Compare;

/// <summary>The units that a comparison lists on one page.</summary>
internal sealed class ListedUnits
{
    /// <summary>Lists.</summary>
    /// <param name="comparison">With a matching.</param>
    /// <param name="query">Which, in which order, which page; one beyond the last gives the last.</param>
    public ListedUnits(Comparison comparison, CompareQuery query)
    {
        IReadOnlyList<UnitPair> all = query.Show switch
        {
            "a" => [.. comparison.Only(true, query.Threshold).Select(one => new UnitPair(one.Unit, one.Nearest, one.Cosine))],
            "b" => [.. comparison.Only(false, query.Threshold).Select(one => new UnitPair(one.Nearest, one.Unit, one.Cosine))],
            _ => comparison.Sorted(query.Sort),
        };
        Count = all.Count;
        Pages = Math.Max(1, (all.Count + CompareQuery.PageSize - 1) / CompareQuery.PageSize);
        Page = Math.Min(query.Page, Pages);
        OnPage = [.. all.Skip((Page - 1) * CompareQuery.PageSize).Take(CompareQuery.PageSize)];
    }

    /// <summary>How many there are on all pages.</summary>
    public int Count { get; }

    /// <summary>How many pages.</summary>
    public int Pages { get; }

    /// <summary>The page, from 1.</summary>
    public int Page { get; }

    /// <summary>Those of the page.</summary>
    public IReadOnlyList<UnitPair> OnPage { get; }
}
