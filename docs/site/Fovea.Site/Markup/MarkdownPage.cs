using Fovea.Site.Pages;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Fovea.Site.Markup;

/// <summary>A Markdown file as a page: anchors as GitHub's, links that lead through the site, tables that scroll, code with colours.</summary>
internal static class MarkdownPage
{
    // As many letters fit into a line of the narrowest window and into a cell of a table.
    private const int Unbroken = 22;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().Build();

    /// <summary>The page of a file.</summary>
    /// <param name="root">The checkout.</param>
    /// <param name="source">The file, from the checkout's root.</param>
    /// <param name="links">Where links lead; notes what else the site must hold.</param>
    public static SitePage Render(string root, string source, SourceLinks links)
    {
        MarkdownDocument document = Markdown.Parse(File.ReadAllText(Path.Combine(root, source)), Pipeline);
        var slugs = new Slugs();
        foreach (HeadingBlock heading in document.Descendants<HeadingBlock>()) heading.GetAttributes().Id = slugs.Next(PlainText.Of(heading.Inline));
        foreach (LinkInline link in document.Descendants<LinkInline>())
            link.Url = links.Resolve(source, link.Url ?? "", link.IsImage);

        var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        renderer.ObjectRenderers.Replace<CodeBlockRenderer>(new CodeBlocks());
        renderer.ObjectRenderers.Replace<HeadingRenderer>(new Headings());
        renderer.ObjectRenderers.Replace<HtmlTableRenderer>(new Tables());
        renderer.ObjectRenderers.Replace<Markdig.Renderers.Html.HtmlBlockRenderer>(new RawBlocks());
        renderer.ObjectRenderers.Replace<Markdig.Renderers.Html.Inlines.CodeInlineRenderer>(new CodeInlines());
        renderer.ObjectRenderers.Replace<Markdig.Renderers.Html.Inlines.HtmlInlineRenderer>(new RawInlines());
        renderer.Render(document);

        List<Section> sections = PlainText.Sections(document);
        string title = sections.FirstOrDefault(section => section.Level == 1)?.Heading ?? Path.GetFileNameWithoutExtension(source);
        return new SitePage(SourceLinks.Address(source), title, writer.ToString(), sections);
    }

    private static void Replace<T>(this ObjectRendererCollection renderers, IMarkdownObjectRenderer with) where T : IMarkdownObjectRenderer
    {
        int at = renderers.FindIndex(one => one is T);
        renderers[at] = with;
    }

    private sealed class CodeBlocks : HtmlObjectRenderer<CodeBlock>
    {
        protected override void Write(HtmlRenderer renderer, CodeBlock block) =>
            renderer.Write(Highlighter.Block(block.Lines.ToString(), (block as FencedCodeBlock)?.Info ?? ""));
    }

    /// <summary>Code within a line. An option or a name is not broken at its hyphens.</summary>
    private sealed class CodeInlines : HtmlObjectRenderer<CodeInline>
    {
        protected override void Write(HtmlRenderer renderer, CodeInline code) =>
            renderer.Write($"<code{(code.Content.Length <= Unbroken ? " class=\"whole\"" : "")}>{Html.Text(code.Content)}</code>");
    }

    /// <summary>A heading and, beside it, a link to itself to hand on.</summary>
    private sealed class Headings : HtmlObjectRenderer<HeadingBlock>
    {
        protected override void Write(HtmlRenderer renderer, HeadingBlock heading)
        {
            string id = heading.GetAttributes().Id!;
            renderer.Write($"<div class=\"heading\"><h{heading.Level} id=\"{Html.Text(id)}\">").WriteLeafInline(heading);
            renderer.Write($"</h{heading.Level}>");
            string label = Html.Text("Link to " + PlainText.Of(heading.Inline));
            if (heading.Level > 1) renderer.Write($"<a class=\"self\" href=\"#{Html.Text(id)}\" aria-label=\"{label}\">#</a>");
            renderer.WriteLine("</div>");
        }
    }

    private sealed class Tables : HtmlTableRenderer
    {
        protected override void Write(HtmlRenderer renderer, Table table)
        {
            renderer.WriteLine("<div class=\"table\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">");
            base.Write(renderer, table);
            renderer.WriteLine("</div>");
        }
    }

    /// <summary>Comments are for those who write the page.</summary>
    private sealed class RawBlocks : HtmlObjectRenderer<HtmlBlock>
    {
        protected override void Write(HtmlRenderer renderer, HtmlBlock block)
        {
            if (block.Type != HtmlBlockType.Comment) renderer.WriteLeafRawLines(block, true, false);
        }
    }

    private sealed class RawInlines : HtmlObjectRenderer<HtmlInline>
    {
        protected override void Write(HtmlRenderer renderer, HtmlInline inline) => renderer.Write(inline.Tag is "<br>" or "<br/>" ? "<br />" : inline.Tag);
    }
}
