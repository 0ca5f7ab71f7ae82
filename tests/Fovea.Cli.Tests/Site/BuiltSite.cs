using System.Text.RegularExpressions;
using Fovea.Site;
using Fovea.Tests.Shared;

namespace Fovea.Cli.Tests.Site;

/// <summary>The documentation's site, built once from the checkout, and its pages read by other means than the site's own check.</summary>
public sealed partial class BuiltSite : IDisposable
{
    public BuiltSite()
    {
        Folder = WorkFolder.Create("fovea-site-");
        Result = SiteBuilder.Build(Checkout.Root, Folder);
        Pages = Directory.EnumerateFiles(Folder, "*.html", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetRelativePath(Folder, path).Replace('\\', '/'), File.ReadAllText);
    }

    public string Folder { get; }

    /// <summary>The text of each page by its address.</summary>
    public IReadOnlyDictionary<string, string> Pages { get; }

    internal SiteResult Result { get; }

    /// <summary>Every <c>href</c> and <c>src</c> of a page, with the element that has it.</summary>
    /// <param name="html">The page's text.</param>
    public static IEnumerable<(string Element, string Target)> Links(string html) =>
        Link().Matches(html).Select(match => (match.Groups[1].Value, System.Net.WebUtility.HtmlDecode(match.Groups[2].Value)));

    /// <summary>Where a link of a page leads within the site.</summary>
    /// <param name="page">The page's address.</param>
    /// <param name="target">The link.</param>
    public (string Address, string Anchor) Follow(string page, string target)
    {
        string[] parts = target.Split('#', 2);
        string path = parts[0].Length == 0
            ? Path.Combine(Folder, page)
            : Path.GetFullPath(Path.Combine(Folder, Path.GetDirectoryName(page)!, Uri.UnescapeDataString(parts[0])));
        return (Path.GetRelativePath(Folder, path).Replace('\\', '/'), parts.Length > 1 ? parts[1] : "");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    [GeneratedRegex(@"<(\w+)\b[^>]*?\s(?:href|src)=""([^""]*)""")]
    private static partial Regex Link();
}
