namespace Fovea.Explorer;

/// <summary>
/// The one builder of links. A page asks it for the address of another page, a picture of the run or a part of the pages' own style,
/// and never puts an address together itself: the same components are right in files (relative links that open from <c>file://</c>)
/// and on a server (absolute paths).
/// </summary>
public sealed class Links
{
    private readonly string _root;
    private readonly string _pageFile;
    private readonly SortedSet<string> _media = new(StringComparer.Ordinal);

    private Links(string root, string pageFile) => (_root, _pageFile) = (root, pageFile);

    /// <summary>Links of the page at <paramref name="current"/> in a static report.</summary>
    public static Links InFiles(PageAddress current)
    {
        ArgumentNullException.ThrowIfNull(current);
        return new Links(string.Concat(Enumerable.Repeat("../", current.Segments.Count)), "index.html");
    }

    /// <summary>Links of pages served under a path such as <c>/r/demo/</c>.</summary>
    public static Links OnServer(string basePath)
    {
        ArgumentNullException.ThrowIfNull(basePath);
        return new Links(basePath.EndsWith('/') ? basePath : basePath + "/", "");
    }

    /// <summary>Pictures of the run that this page asked for, relative to the run folder: a static report carries copies of them.</summary>
    public IReadOnlyCollection<string> Media => _media;

    /// <summary>The address of a page.</summary>
    public string To(PageAddress page)
    {
        ArgumentNullException.ThrowIfNull(page);
        string path = _root + Escape(page.Segments) + (page.Segments.Count > 0 ? "/" : "") + _pageFile;
        return path.Length == 0 ? "./" : path;
    }

    /// <summary>The address of a part of a page.</summary>
    public string To(PageAddress page, string anchor) => To(page) + "#" + anchor;

    /// <summary>The address of a file that comes with the pages, such as <c>site.css</c>.</summary>
    public string Asset(string name) => _root + "assets/" + Uri.EscapeDataString(name);

    /// <summary>The address of a picture of the run, given relative to the run folder with forward slashes.</summary>
    public string Picture(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        _media.Add(path);
        return _root + "media/" + Escape(path.Split('/'));
    }

    /// <summary>The file of a page, relative to the report's folder, with forward slashes.</summary>
    public static string FileOf(PageAddress page)
    {
        ArgumentNullException.ThrowIfNull(page);
        return string.Concat(page.Segments.Select(segment => segment + "/")) + "index.html";
    }

    private static string Escape(IEnumerable<string> segments) => string.Join('/', segments.Select(Uri.EscapeDataString));
}
