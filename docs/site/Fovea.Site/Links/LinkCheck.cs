namespace Fovea.Site.Links;

/// <summary>Follows every link of every built page, as a reader without a network would: to a file of the site and an anchor in it.</summary>
internal sealed class LinkCheck
{
    private LinkCheck(int links, IReadOnlyList<string> dead) => (Links, Dead) = (links, dead);

    /// <summary>How many links and images were followed.</summary>
    public int Links { get; }

    /// <summary>What leads nowhere, one a line.</summary>
    public IReadOnlyList<string> Dead { get; }

    /// <summary>Checks a folder of pages.</summary>
    /// <param name="folder">The site.</param>
    public static LinkCheck Of(string folder)
    {
        Dictionary<string, BuiltPage> pages = Directory.EnumerateFiles(folder, "*.html", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .ToDictionary(Path.GetFullPath, BuiltPage.Read);
        HashSet<string> files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(Path.GetFullPath)];
        List<string> dead = [];
        int count = 0;
        foreach ((string path, BuiltPage page) in pages)
        {
            string name = Path.GetRelativePath(folder, path).Replace('\\', '/');
            foreach (PageLink link in page.Links)
            {
                count++;
                if (Fault(path, link, pages, files) is { } fault) dead.Add($"{name}: {link.Attribute}=\"{link.Target}\": {fault}");
            }
        }
        return new LinkCheck(count, dead);
    }

    private static string? Fault(string path, PageLink link, Dictionary<string, BuiltPage> pages, HashSet<string> files)
    {
        if (link.IsExternal) return link.IsText ? null : "the page would ask the network for it";
        string[] parts = link.Target.Split('#', 2);
        string target = parts[0].Length == 0 ? path : Path.GetFullPath(Uri.UnescapeDataString(parts[0]), Path.GetDirectoryName(path)!);
        if (!files.Contains(target)) return Directory.Exists(target) ? "it is a folder" : "there is no such file";
        if (parts.Length == 1 || parts[1].Length == 0) return null;
        return pages.TryGetValue(target, out BuiltPage? page) && page.Anchors.Contains(Uri.UnescapeDataString(parts[1])) ? null : "there is no such heading";
    }
}
