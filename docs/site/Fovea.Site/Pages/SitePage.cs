namespace Fovea.Site.Pages;

/// <summary>A page of the site before its frame is put around it.</summary>
/// <param name="Address">Where it is written, from the site's root, with slashes.</param>
/// <param name="Title">Its name in lists.</param>
/// <param name="Body">Its text as well-formed HTML, from the first heading on.</param>
/// <param name="Sections">Its headings and what stands below each, in order.</param>
internal sealed record SitePage(string Address, string Title, string Body, IReadOnlyList<Section> Sections)
{
    /// <summary>The namespace that it is about; null: none.</summary>
    public string? Namespace { get; init; }

    /// <summary>Whether it is part of the reference of the library's types.</summary>
    public bool IsApi => Address.StartsWith("api/", StringComparison.Ordinal);
}

/// <summary>A heading with the text below it, up to the next.</summary>
/// <param name="Anchor">The heading's id on its page; empty: the page itself.</param>
/// <param name="Level">1 is the page's title.</param>
/// <param name="Heading">Its words.</param>
/// <param name="Text">What stands below, without marks.</param>
internal sealed record Section(string Anchor, int Level, string Heading, string Text);
