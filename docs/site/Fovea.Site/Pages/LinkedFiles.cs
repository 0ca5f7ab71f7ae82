using System.Text;
using Fovea.Site.Markup;

namespace Fovea.Site.Pages;

/// <summary>Pages for files and folders of the checkout that the documentation links to: a file is shown, a folder is listed.</summary>
internal static class LinkedFiles
{
    private static readonly string[] Shown = [".cs", ".toml", ".json", ".py", ".sh", ".csproj", ".props", ".md", ".txt", ".yml", ""];

    /// <summary>The pages.</summary>
    /// <param name="root">The checkout.</param>
    /// <param name="links">What was linked to.</param>
    /// <param name="pages">The pages that are there, for lists of a folder of them.</param>
    public static IEnumerable<SitePage> Pages(string root, SourceLinks links, IReadOnlyList<SitePage> pages)
    {
        HashSet<string> files = [];
        foreach (string name in links.Files)
        {
            string path = Path.Combine(root, name);
            if (!Directory.Exists(path))
            {
                files.Add(name);
                continue;
            }
            // A folder of pages lists them; another one its files.
            List<(string Address, string Title)> inside =
                [.. pages.Where(page => Path.GetDirectoryName(page.Address) == name).Select(page => (page.Address, page.Title))];
            if (inside.Count == 0)
            {
                foreach (string file in Directory.EnumerateFiles(path).Where(file => Shown.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal))
                {
                    string linked = $"{name}/{Path.GetFileName(file)}";
                    files.Add(linked);
                    inside.Add((linked + ".html", Path.GetFileName(file)));
                }
            }
            yield return Listing(name, inside);
        }
        foreach (string name in files.Order(StringComparer.Ordinal)) yield return Code(name, File.ReadAllText(Path.Combine(root, name)));
    }

    private static SitePage Listing(string name, List<(string Address, string Title)> inside)
    {
        string address = name + "/index.html", title = char.ToUpperInvariant(Path.GetFileName(name)[0]) + Path.GetFileName(name)[1..];
        var body = new StringBuilder($"<h1>{Html.Text(title)}</h1>\n<ul>\n");
        foreach ((string to, string words) in inside) body.AppendLine($"<li><a href=\"{SourceLinks.Relative(address, to)}\">{Html.Text(words)}</a></li>");
        return new SitePage(address, title, body.Append("</ul>\n").ToString(), [new Section("", 1, title, "")]);
    }

    private static SitePage Code(string name, string text)
    {
        string language = Path.GetExtension(name) switch { ".cs" => "csharp", ".toml" => "toml", ".json" => "json", ".py" => "python", ".sh" => "sh", _ => "" };
        string title = Path.GetFileName(name);
        string body = $"<h1><code>{Html.Text(name)}</code></h1>\n{Highlighter.Block(text.TrimEnd('\n'), language)}";
        return new SitePage(name + ".html", title, body, [new Section("", 1, title, "")]);
    }
}
