using Fovea.Site.Api;
using Fovea.Site.Links;
using Fovea.Site.Markup;
using Fovea.Site.Pages;

namespace Fovea.Site;

/// <summary>Builds the site: pages from Markdown, pages from the library's types, what they link to, the search, and the check of all links.</summary>
internal static class SiteBuilder
{
    /// <summary>The search's index, by which a folder is known as a site.</summary>
    public const string Index = "search-index.js";

    private static readonly string[] Assets = ["site.css", "search.js", "icon.svg"];

    /// <summary>Writes the site of a checkout; what an earlier build left in the folder is replaced.</summary>
    /// <param name="root">The checkout.</param>
    /// <param name="output">The folder to write to.</param>
    /// <returns>What was built, and the dead links.</returns>
    public static SiteResult Build(string root, string output)
    {
        if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
        Directory.CreateDirectory(output);

        Sources sources = Sources.Find(root);
        var links = new SourceLinks(root, sources);
        List<SitePage> pages = [.. sources.InOrder.Select(source => MarkdownPage.Render(root, source, links))];
        pages.AddRange(LinkedFiles.Pages(root, links, pages));
        var api = new ApiReference(typeof(FoveaException).Assembly);
        pages.AddRange(api.Pages());

        var layout = new Layout(sources.Groups, pages);
        foreach (SitePage page in pages) Write(output, page.Address, layout.Html(page));
        foreach (string asset in Assets) Write(output, asset, Resource(asset));
        Write(output, Index, SearchIndex.Script(pages));
        foreach (string image in links.Images) Copy(root, output, image);

        LinkCheck check = LinkCheck.Of(output);
        return new SiteResult(pages.Count, check.Links, api.References, [.. check.Dead, .. api.Dead]);
    }

    private static void Write(string output, string address, string text)
    {
        string path = Path.Combine(output, address);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Two pages of one name, also where capitals do not tell files apart, would hide each other.
        if (File.Exists(path)) throw new InvalidOperationException($"Two pages are called {address}.");
        File.WriteAllText(path, text);
    }

    private static void Copy(string root, string output, string image)
    {
        string path = Path.Combine(output, image);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(Path.Combine(root, image), path);
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(SiteBuilder).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
