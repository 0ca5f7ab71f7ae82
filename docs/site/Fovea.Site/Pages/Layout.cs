using System.Text;

namespace Fovea.Site.Pages;

/// <summary>The frame around every page: bar, sidebar, table of contents, the pages before and after.</summary>
internal sealed class Layout(IReadOnlyList<PageGroup> groups, IReadOnlyList<SitePage> pages)
{
    // Capitals: no heading of a page has such an anchor (Slugs).
    private const string Text = "Text";

    private const string Eye = """
        <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true"><circle cx="16" cy="16" r="14" class="ring-3" />
        <circle cx="16" cy="16" r="9" class="ring-2" /><circle cx="16" cy="16" r="4.2" class="ring-1" /></svg>
        """;

    private readonly SitePage[] _order =
        [.. groups.SelectMany(group => group.Sources).Select(source => pages.First(page => page.Address == SourceLinks.Address(source)))];
    private readonly Sidebar _sidebar = new(groups, pages);

    /// <summary>A whole page.</summary>
    /// <param name="page">The page.</param>
    public string Html(SitePage page)
    {
        string To(string address) => SourceLinks.Relative(page.Address, address);
        string title = Markup.Html.Text(page.Title);
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <title>{(page.Title == "Fovea" ? title : title + " · Fovea")}</title>
            <link rel="stylesheet" href="{To("site.css")}" />
            <link rel="icon" type="image/svg+xml" href="{To("icon.svg")}" />
            <script src="{To("search.js")}" defer="defer" data-index="{To(SiteBuilder.Index)}"></script>
            </head>
            <body>
            <a class="skip" href="#{Text}">Skip to the text</a>
            <header class="bar">
            <a class="brand" href="{To("index.html")}">{Eye.Trim()}Fovea</a>
            <form class="search" role="search" hidden="hidden">
            <input type="search" aria-label="Search the documentation" placeholder="Search ( / )" autocomplete="off" />
            </form>
            <a class="to-api" href="{To("api/index.html")}">API</a>
            </header>
            <div class="columns">
            {_sidebar.Html(page)}
            <main id="{Text}" tabindex="-1">
            {Contents(page)}<article>
            {page.Body}</article>
            {Turn(page)}</main>
            </div>
            <footer>Fovea, MIT licence. These pages ask for nothing from the network.</footer>
            </body>
            </html>

            """;
    }

    private static string Contents(SitePage page)
    {
        Section[] headings = [.. page.Sections.Where(section => section.Level is 2 or 3 && section.Anchor.Length > 0)];
        if (headings.Length < 2) return "";
        var html = new StringBuilder("<nav class=\"contents\" aria-label=\"On this page\" tabindex=\"0\"><details><summary>On this page</summary><ul>\n");
        Section? before = null;
        foreach (Section heading in headings)
        {
            // Of methods that share a name the first stands for all.
            if (heading.Heading != before?.Heading || heading.Level != before.Level)
            {
                string words = page.IsApi ? Markup.Html.Breakable(heading.Heading) : Markup.Html.Text(heading.Heading);
                html.AppendLine($"<li class=\"level-{heading.Level}\"><a href=\"#{Markup.Html.Text(heading.Anchor)}\">{words}</a></li>");
            }
            before = heading;
        }
        return html.Append("</ul></details></nav>\n").ToString();
    }

    private string Turn(SitePage page)
    {
        int at = Array.IndexOf(_order, page);
        if (at < 0) return "";
        string before = at > 0 ? Link(_order[at - 1], "prev", "Before") : "<span></span>";
        string after = at + 1 < _order.Length ? Link(_order[at + 1], "next", "Next") : "";
        return $"<nav class=\"turn\" aria-label=\"Pages before and after\">{before}{after}</nav>\n";

        string Link(SitePage to, string relation, string word) =>
            $"<a rel=\"{relation}\" href=\"{SourceLinks.Relative(page.Address, to.Address)}\"><small>{word}</small>{Markup.Html.Text(to.Title)}</a>";
    }
}
