namespace Fovea.Site;

/// <summary>What was built.</summary>
/// <param name="Pages">How many pages.</param>
/// <param name="Links">How many links and images of them were followed.</param>
/// <param name="References">How many references (<c>cref</c>) of the library's comments were resolved.</param>
/// <param name="Dead">What leads nowhere, one a line: the page, and what it names.</param>
internal sealed record SiteResult(int Pages, int Links, int References, IReadOnlyList<string> Dead);
