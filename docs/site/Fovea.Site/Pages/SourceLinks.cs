namespace Fovea.Site.Pages;

/// <summary>Turns links of the sources, which lead through the checkout, into links of the site.</summary>
internal sealed class SourceLinks(string root, Sources sources)
{
    private readonly HashSet<string> _pages = [.. sources.InOrder];
    private readonly SortedSet<string> _images = new(StringComparer.Ordinal), _files = new(StringComparer.Ordinal);

    /// <summary>Images that pages show, from the checkout's root: they are copied.</summary>
    public IReadOnlyCollection<string> Images => _images;

    /// <summary>Files and folders of the checkout that pages link to: each becomes a page.</summary>
    public IReadOnlyCollection<string> Files => _files;

    /// <summary>Where a Markdown file's page is.</summary>
    /// <param name="source">The file, from the checkout's root.</param>
    /// <returns>The page, from the site's root. A README is its folder's index.</returns>
    public static string Address(string source) => source.EndsWith("README.md", StringComparison.Ordinal)
        ? source[..^"README.md".Length] + "index.html"
        : Path.ChangeExtension(source, ".html");

    /// <summary>The link to write on a page for one of its source. What is not in the checkout stays as it is, for the check to find.</summary>
    /// <param name="source">The Markdown file with the link.</param>
    /// <param name="target">The link as written.</param>
    /// <param name="image">Whether it is an image to show.</param>
    public string Resolve(string source, string target, bool image)
    {
        bool stays = target.StartsWith('#') || target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal);
        if (stays) return target;
        string[] parts = target.Split('#', 2);
        string path = Path.GetFullPath(Uri.UnescapeDataString(parts[0]), Path.GetDirectoryName(Path.Combine(root, source))!);
        string name = Path.GetRelativePath(root, path).Replace('\\', '/').TrimEnd('/');
        if (name.StartsWith("..", StringComparison.Ordinal)) return target;
        string? address = Directory.Exists(path) ? Folder(name) : File.Exists(path) ? FileAddress(name, image) : null;
        if (address is null) return target;
        return Relative(Address(source), address) + (parts.Length > 1 ? "#" + parts[1] : "");
    }

    /// <summary>A link between two pages.</summary>
    /// <param name="from">The page with the link, from the site's root.</param>
    /// <param name="to">The page to go to.</param>
    public static string Relative(string from, string to) =>
        Uri.EscapeDataString(Path.GetRelativePath("/" + Path.GetDirectoryName(from), "/" + to).Replace('\\', '/')).Replace("%2F", "/", StringComparison.Ordinal);

    private string FileAddress(string name, bool image)
    {
        if (_pages.Contains(name)) return Address(name);
        if (image || Path.GetExtension(name) is ".png" or ".svg" or ".jpg" or ".gif" or ".webp")
        {
            _images.Add(name);
            return name;
        }
        _files.Add(name);
        return name + ".html";
    }

    private string Folder(string name)
    {
        if (_pages.Contains(name + "/README.md")) return name + "/index.html";
        _files.Add(name);
        return name + "/index.html";
    }
}
