using System.Reflection;
using System.Text;
using Fovea.Site.Markup;
using Fovea.Site.Pages;

namespace Fovea.Site.Api;

/// <summary>
/// The reference of the library: a page of namespaces, a page for each, a page for each public type, from the compiled types and their comments.
/// </summary>
internal sealed class ApiReference
{
    private readonly ApiCatalogue _catalogue;
    private readonly DocComments _comments;
    private readonly References _references;

    /// <param name="assembly">The library; the compiler's documentation file lies beside it.</param>
    public ApiReference(Assembly assembly)
    {
        _catalogue = new ApiCatalogue(assembly);
        _comments = new DocComments(Path.ChangeExtension(assembly.Location, ".xml"), _catalogue);
        _references = new References(_catalogue);
    }

    /// <summary>How many references of comments were resolved; those of pages that were made.</summary>
    public int References => _references.Count;

    /// <summary>References that lead nowhere, one a line.</summary>
    public IReadOnlyList<string> Dead => _references.Dead;

    /// <summary>All pages, namespaces in order, each before its types.</summary>
    public IEnumerable<SitePage> Pages()
    {
        IGrouping<string, Type>[] spaces = [.. _catalogue.Types.GroupBy(type => type.Namespace!).OrderBy(group => group.Key, StringComparer.Ordinal)];
        var type = new TypePage(_catalogue, _comments, _references);
        yield return Index(spaces);
        foreach (IGrouping<string, Type> space in spaces)
        {
            yield return Namespace(space.Key, [.. space]);
            foreach (Type one in space) yield return type.Of(one);
        }
    }

    private static SitePage Index(IGrouping<string, Type>[] spaces)
    {
        const string Page = "api/index.html";
        var html = new StringBuilder("<h1>API reference</h1>\n<p>The public types of the library (package <code>Fovea</code>), from the comments in its source. ");
        html.AppendLine($"How to use it: <a href=\"{SourceLinks.Relative(Page, "docs/guide/library.html")}\">the library alone</a>.</p>");
        html.AppendLine("<dl>");
        foreach (IGrouping<string, Type> space in spaces)
            html.AppendLine($"<dt><a href=\"{Api.References.Link(Page, ApiCatalogue.Page(space.Key))}\">{Html.Breakable(space.Key)}</a></dt>"
                + $"<dd>{space.Count()} {(space.Count() == 1 ? "type" : "types")}: {Names(space)}</dd>");
        return new SitePage(Page, "API reference", html.AppendLine("</dl>").ToString(), [new Section("", 1, "API reference", "namespaces types library")]);
    }

    private static string Names(IEnumerable<Type> types)
    {
        string[] names = [.. types.Select(type => Html.Text(TypeNames.Plain(type)))];
        return string.Join(", ", names.Take(6)) + (names.Length > 6 ? ", …" : "");
    }

    private SitePage Namespace(string space, Type[] types)
    {
        string page = ApiCatalogue.Page(space);
        var html = new StringBuilder($"<h1>{Html.Breakable(space)} <span class=\"kind\">namespace</span></h1>\n<div class=\"types\"><dl>\n");
        foreach (Type type in types)
        {
            html.AppendLine($"<dt><a href=\"{Api.References.Link(page, ApiCatalogue.Page(type))}\">{Html.Breakable(TypeNames.Plain(type))}</a> "
                + $"<span class=\"kind\">{TypeKinds.Of(type)}</span></dt>"
                + $"<dd>{DocText.Line(_comments.Of(type).Element("summary"), page, _references)}</dd>");
        }
        return new SitePage(page, space, html.AppendLine("</dl></div>").ToString(), [new Section("", 1, space, "")]) { Namespace = space };
    }
}
