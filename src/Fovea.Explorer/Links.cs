namespace Fovea.Explorer;

/// <summary>
/// The one builder of links. A page asks it for the address of another page, a picture of the run or a part of the pages' own style,
/// and never puts an address together itself: the same components are right in files (relative links that open from <c>file://</c>)
/// and on a server (absolute paths).
/// </summary>
public sealed class Links
{
    private readonly string _root;
    private readonly SortedSet<string> _media = new(StringComparer.Ordinal);

    private Links(string root, bool inFiles) => (_root, InFiles) = (root, inFiles);

    /// <summary>Links of the page at <paramref name="current"/> in a static report.</summary>
    public static Links OfFile(PageAddress current)
    {
        ArgumentNullException.ThrowIfNull(current);
        return new Links(string.Concat(Enumerable.Repeat("../", current.Segments.Count)), inFiles: true);
    }

    /// <summary>Links of pages that a server hands out from its root.</summary>
    /// <param name="root">Where the pages of the run begin, with a slash at both ends.</param>
    public static Links OnServer(string root = "/") => new(root, inFiles: false);

    /// <summary>Whether pages are files.</summary>
    public bool InFiles { get; }

    /// <summary>Pictures of the run that this page asked for, relative to the run folder: a static report carries copies of them.</summary>
    public IReadOnlyCollection<string> Media => _media;

    /// <summary>The address of a page.</summary>
    public string To(PageAddress page)
    {
        ArgumentNullException.ThrowIfNull(page);
        string path = Escape(page.Segments);
        return InFiles ? $"{_root}{path}{(path.Length > 0 ? "/" : "")}index.html" : _root + path;
    }

    /// <summary>The address of a part of a page.</summary>
    public string To(PageAddress page, string anchor) => To(page) + "#" + anchor;

    /// <summary>The address of a page in a state; files have no states, and give the page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="query">The state, with its question mark; empty: none.</param>
    public string In(PageAddress page, string query) => InFiles ? To(page) : To(page) + query;

    /// <summary>The address of a page's contents as JSON; only a server has it.</summary>
    public string Api(PageAddress page)
    {
        ArgumentNullException.ThrowIfNull(page);
        return $"{_root}api{(page.Segments.Count > 0 ? "/" : "")}{Escape(page.Segments)}";
    }

    /// <summary>
    /// The address of a file that comes with the pages, such as <c>site.css</c>. On a server it says which text the file has, so that a
    /// browser need not ask again whether it is still the same.
    /// </summary>
    public string Asset(string name) => _root + "assets/" + Uri.EscapeDataString(name) + (InFiles ? "" : "?v=" + Resources.Tag(name));

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
