using System.Text;
using System.Xml.Linq;
using Fovea.Site.Markup;

namespace Fovea.Site.Api;

/// <summary>A part of a comment as HTML.</summary>
internal static class DocText
{
    /// <summary>The part's text in paragraphs.</summary>
    /// <param name="part">A <c>summary</c>, <c>remarks</c> and the like; null: nothing.</param>
    /// <param name="page">The page that it stands on.</param>
    /// <param name="references">Resolves what it names.</param>
    public static string Paragraphs(XElement? part, string page, References references) => Flow(part, page, references, paragraphs: true);

    /// <summary>The part's text without a paragraph around it, for a cell of a list.</summary>
    /// <param name="part">A <c>param</c>, <c>returns</c> and the like; null: nothing.</param>
    /// <param name="page">The page that it stands on.</param>
    /// <param name="references">Resolves what it names.</param>
    public static string Line(XElement? part, string page, References references) => Flow(part, page, references, paragraphs: false);

    private static string Flow(XElement? part, string page, References references, bool paragraphs)
    {
        if (part is null) return "";
        StringBuilder html = new(), line = new();
        foreach (XNode node in part.Nodes())
        {
            // A block ends the paragraph before it: HTML has none inside one.
            if (node is XElement { Name.LocalName: "para" or "code" or "list" } block)
            {
                Close();
                html.Append(Block(block, page, references));
            }
            else line.Append(Inline(node, page, references));
        }
        Close();
        return html.ToString();

        void Close()
        {
            string text = line.ToString().Trim();
            line.Clear();
            if (text.Length > 0) html.Append(paragraphs ? $"<p>{text}</p>\n" : text);
        }
    }

    private static string Block(XElement block, string page, References references) => block.Name.LocalName switch
    {
        "para" => $"<p>{string.Concat(block.Nodes().Select(node => Inline(node, page, references)))}</p>\n",
        "code" => Highlighter.Block(Unindent(block.Value), "csharp"),
        _ => List(block, page, references),
    };

    private static string List(XElement list, string page, References references)
    {
        string tag = list.Attribute("type")?.Value == "number" ? "ol" : "ul";
        IEnumerable<string> items = list.Elements("item").Select(item => $"<li>{Line(item.Element("description") ?? item, page, references)}</li>");
        return $"<{tag}>{string.Concat(items)}</{tag}>\n";
    }

    private static string Inline(XNode node, string page, References references)
    {
        if (node is XText text) return Html.Text(text.Value);
        if (node is not XElement element) return "";
        string inside = string.Concat(element.Nodes().Select(one => Inline(one, page, references)));
        return element.Name.LocalName switch
        {
            "see" or "seealso" when element.Attribute("cref") is { } cref => references.Html(page, cref.Value, inside),
            "see" or "a" when element.Attribute("href") is { } href => $"<a href=\"{Html.Text(href.Value)}\">{(inside.Length > 0 ? inside : Html.Text(href.Value))}</a>",
            "see" => $"<code>{Html.Text(element.Attribute("langword")?.Value ?? "")}</code>",
            "paramref" or "typeparamref" => $"<code>{Html.Text(element.Attribute("name")?.Value ?? "")}</code>",
            "c" or "code" => $"<code>{inside}</code>",
            "br" => "<br />",
            "i" or "em" => $"<em>{inside}</em>",
            "b" or "strong" => $"<strong>{inside}</strong>",
            _ => inside,
        };
    }

    private static string Unindent(string code)
    {
        string[] lines = code.Trim('\n', '\r').TrimEnd().Split('\n');
        int margin = lines.Where(line => line.Trim().Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select(line => line.Length >= margin ? line[margin..] : line.Trim()));
    }
}
