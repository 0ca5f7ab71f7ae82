using System.Text;
using Fovea.Site.Pages;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Fovea.Site.Markup;

/// <summary>The words of Markdown without its marks.</summary>
internal static class PlainText
{
    /// <summary>The words of a line.</summary>
    /// <param name="inline">The line's parts; null: none.</param>
    public static string Of(Inline? inline) => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        AutolinkInline link => link.Url,
        ContainerInline container => string.Concat(container.Select(Of)),
        _ => "",
    };

    /// <summary>A document cut at its headings.</summary>
    /// <param name="document">The document; its headings have their anchors.</param>
    public static List<Section> Sections(MarkdownDocument document)
    {
        List<Section> sections = [];
        (string Anchor, int Level, string Heading) current = ("", 1, "");
        var text = new StringBuilder();
        foreach (Block block in document)
        {
            if (block is HeadingBlock heading)
            {
                Close();
                // The title's place is the page's top.
                string anchor = heading.Level == 1 ? "" : Markdig.Renderers.Html.HtmlAttributesExtensions.GetAttributes(heading).Id ?? "";
                current = (anchor, heading.Level, Of(heading.Inline));
            }
            else Append(block, text);
        }
        Close();
        return sections;

        void Close()
        {
            if (current.Heading.Length > 0 || text.Length > 0) sections.Add(new Section(current.Anchor, current.Level, current.Heading, text.ToString().Trim()));
            text.Clear();
        }
    }

    private static void Append(Block block, StringBuilder text)
    {
        if (block is ContainerBlock container)
        {
            foreach (Block inside in container) Append(inside, text);
        }
        else if (block is CodeBlock code) text.Append(code.Lines.ToString()).Append(' ');
        else if (block is LeafBlock { Inline: { } inline }) text.Append(Of(inline)).Append(' ');
    }
}
