using Fovea.Explorer.Contents;
using Fovea.Explorer.Galleries;
using Fovea.Explorer.Notes;

namespace Fovea.Explorer.Components;

/// <summary>What every component of a page may ask for: the run, where the page is, and the links from there.</summary>
/// <param name="Run">The run.</param>
/// <param name="Address">The page.</param>
/// <param name="Links">The builder of its links.</param>
public sealed record PageContext(RunContents Run, PageAddress Address, Links Links)
{
    private readonly Dictionary<string, object> _said = new(StringComparer.Ordinal);

    /// <summary>What it can do besides where it is served; null in a file.</summary>
    public ServedPage? Served { get; init; }

    /// <summary>The order and bounds of units that the page's address says, which its links to units carry on; empty in a file.</summary>
    public string Query => field ??= Served is null ? "" : (GalleryQuery.Parse(Served.Query) with { Page = 1, Size = GalleryQuery.UsualSize }).ToString();

    /// <summary>What people wrote about units, as it is now.</summary>
    public NoteBook Notes => Served?.Get<NoteShelf>()?.Now ?? Run.Notes;

    /// <summary>Whether the page is one file that knows no other: it carries its style and pictures inside and leads nowhere.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Whether a component is the first of the page to say something; asked again, it still is.</summary>
    internal bool IsFirst(string words, object component) => _said.TryAdd(words, component) || ReferenceEquals(_said[words], component);
}
