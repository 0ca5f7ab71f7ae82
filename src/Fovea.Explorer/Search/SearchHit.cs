namespace Fovea.Explorer.Search;

/// <summary>Something that was found.</summary>
/// <param name="Kind">What it is: <c>unit</c>, <c>class</c>, <c>note</c>, <c>place</c>, <c>near</c>.</param>
/// <param name="Title">Its words.</param>
/// <param name="Detail">More of it; empty for none.</param>
/// <param name="Address">Where it is, on this explorer.</param>
public sealed record SearchHit(string Kind, string Title, string Detail, string Address);

/// <summary>What was found, the surest first.</summary>
/// <param name="Query">What was asked for.</param>
/// <param name="Hits">At most <see cref="SearchIndex.Most"/>.</param>
/// <param name="More">Whether there is more than that.</param>
public sealed record SearchAnswer(string Query, IReadOnlyList<SearchHit> Hits, bool More)
{
    /// <summary>The schema number.</summary>
    public int Schema => 1;
}
