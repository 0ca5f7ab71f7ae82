using System.Text;

namespace Fovea.Site.Pages;

/// <summary>
/// The list of pages beside each page. A page of the documentation lists the documentation, one of the types its namespaces and the types
/// beside it: the whole list on a thousand pages would be most of the site.
/// </summary>
internal sealed class Sidebar(IReadOnlyList<PageGroup> groups, IReadOnlyList<SitePage> pages)
{
    private readonly Dictionary<string, SitePage> _pages = pages.ToDictionary(page => page.Address);
    private readonly SitePage[] _namespaces = [.. pages.Where(page => page.Namespace is not null && IsIndex(page))];
    private readonly ILookup<string?, SitePage> _types = pages.Where(page => page.IsApi && !IsIndex(page)).ToLookup(page => page.Namespace);

    /// <summary>The list beside a page.</summary>
    /// <param name="page">The page.</param>
    public string Html(SitePage page)
    {
        var html = new StringBuilder("<nav class=\"pages\" aria-label=\"Pages\" tabindex=\"0\"><details><summary>Pages</summary>\n");
        if (page.IsApi) Types(page, html);
        else Documentation(page, html);
        return html.Append("</details></nav>").ToString();
    }

    private void Documentation(SitePage page, StringBuilder html)
    {
        foreach (PageGroup group in groups)
        {
            SitePage[] inside = [.. group.Sources.Select(source => _pages[SourceLinks.Address(source)])];
            // Long lists are shut where the reader is elsewhere.
            bool open = inside.Contains(page) || inside.Length <= 20;
            html.AppendLine($"<details class=\"group\"{(open ? " open=\"open\"" : "")}><summary>{Markup.Html.Text(group.Name)}</summary><ul>");
            foreach (SitePage one in inside) html.AppendLine(Item(page, one, one.Address == "index.html" ? "Fovea in one screen" : one.Title));
            html.AppendLine("</ul></details>");
        }
        html.AppendLine($"<ul>{Item(page, _pages["api/index.html"], "API reference")}</ul>");
    }

    private void Types(SitePage page, StringBuilder html)
    {
        html.AppendLine($"<ul>{Item(page, _pages["index.html"], "Documentation")}{Item(page, _pages["api/index.html"], "API reference")}</ul>");
        html.AppendLine("<ul>");
        foreach (SitePage space in _namespaces)
        {
            string item = Item(page, space, space.Title);
            if (space.Namespace != page.Namespace) html.AppendLine(item);
            else html.AppendLine($"{item[..^"</li>".Length]}<ul>{string.Concat(_types[space.Namespace].Select(type => Item(page, type, type.Title)))}</ul></li>");
        }
        html.AppendLine("</ul>");
    }

    private static bool IsIndex(SitePage page) => page.Address.EndsWith("/index.html", StringComparison.Ordinal);

    private static string Item(SitePage from, SitePage to, string words)
    {
        string here = from == to ? " aria-current=\"page\"" : "", text = to.IsApi ? Markup.Html.Breakable(words) : Markup.Html.Text(words);
        return $"<li><a href=\"{SourceLinks.Relative(from.Address, to.Address)}\"{here}>{text}</a></li>";
    }
}
