using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Fovea.Site.Markup;
using Fovea.Site.Pages;

namespace Fovea.Site.Api;

/// <summary>A type's page: its declaration, what it is, and each member with parameters, answer and exceptions.</summary>
internal sealed class TypePage(ApiCatalogue catalogue, DocComments comments, References references)
{
    /// <summary>The page.</summary>
    /// <param name="type">A public type.</param>
    public SitePage Of(Type type)
    {
        string page = ApiCatalogue.Page(type), title = TypeNames.Plain(type);
        var names = new TypeNames(page, catalogue);
        var signatures = new Signatures(names);
        XElement comment = comments.Of(type);
        var html = new StringBuilder($"<h1>{Html.Breakable(title)} <span class=\"kind\">{TypeKinds.Of(type)}</span></h1>\n");
        html.AppendLine($"<p class=\"kind\">Namespace <a href=\"index.html\">{Html.Breakable(type.Namespace!)}</a></p>");
        html.Append($"<pre class=\"signature\" tabindex=\"0\"><code>{TypeKinds.Declaration(type, names, signatures)}</code></pre>\n");
        Comment(comment, page, html);

        List<Section> sections = [new Section("", 1, title, Plain(comment))];
        foreach (IGrouping<string, MemberInfo> group in ApiCatalogue.Members(type).GroupBy(MemberGroups.Of)
            .OrderBy(group => Array.IndexOf(MemberGroups.Names, group.Key)))
        {
            string anchor = group.Key.ToLowerInvariant();
            html.AppendLine($"<div class=\"heading\"><h2 id=\"{anchor}\">{group.Key}</h2></div>");
            sections.Add(new Section(anchor, 2, group.Key, ""));
            foreach (MemberInfo member in group)
            {
                string id = catalogue.Address(DocIds.Of(member))!.Split('#')[1], name = Name(member);
                XElement its = comments.Of(member);
                html.AppendLine($"<section class=\"member\"><h3 id=\"{Html.Text(id)}\">{Html.Breakable(name)}</h3>");
                html.Append($"<pre class=\"signature\" tabindex=\"0\"><code>{signatures.Of(member)}</code></pre>\n");
                Comment(its, page, html);
                html.AppendLine("</section>");
                sections.Add(new Section(id, 3, name, Plain(its)));
            }
        }
        return new SitePage(page, title, html.ToString(), sections) { Namespace = type.Namespace };
    }

    private void Comment(XElement comment, string page, StringBuilder html)
    {
        IEnumerable<XElement> said = comment.Elements("summary").Concat(comment.Elements("remarks"));
        html.Append($"<div class=\"summary\">{string.Concat(said.Select(part => DocText.Paragraphs(part, page, references)))}</div>\n");
        var list = new StringBuilder();
        foreach (XElement part in comment.Elements().Where(part => part.Name.LocalName is "typeparam" or "param"))
            list.AppendLine($"<dt><code>{Html.Text(part.Attribute("name")?.Value ?? "")}</code></dt><dd>{DocText.Line(part, page, references)}</dd>");
        foreach (XElement part in comment.Elements().Where(part => part.Name.LocalName is "returns" or "value"))
            list.AppendLine($"<dt>Returns</dt><dd>{DocText.Line(part, page, references)}</dd>");
        foreach (XElement part in comment.Elements("exception"))
            list.AppendLine($"<dt>Throws {references.Html(page, part.Attribute("cref")?.Value ?? "!:")}</dt><dd>{DocText.Line(part, page, references)}</dd>");
        if (list.Length > 0) html.Append($"<dl>\n{list}</dl>\n");
        html.Append(DocText.Paragraphs(comment.Element("example"), page, references));
    }

    private static string Name(MemberInfo member) => member switch
    {
        ConstructorInfo => "new " + member.DeclaringType!.Name.Split('`')[0],
        MethodInfo when member.Name.StartsWith("op_", StringComparison.Ordinal) => "operator " + Operators.Sign(member.Name),
        PropertyInfo property when property.GetIndexParameters().Length > 0 => "this[]",
        _ => member.Name,
    };

    private static string Plain(XElement comment) => comment.Element("summary") is { } summary
        ? string.Concat(summary.DescendantNodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { IsEmpty: true } see => (see.Attribute("cref")?.Value.Split('(')[0].Split('.')[^1] ?? see.Attribute("name")?.Value) ?? " ",
            _ => "",
        })).Trim()
        : "";
}
