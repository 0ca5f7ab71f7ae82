using Fovea.Site.Pages;

namespace Fovea.Site.Api;

/// <summary>Resolves the references (<c>cref</c>) of comments to links, and notes those that lead nowhere.</summary>
internal sealed class References(ApiCatalogue catalogue)
{
    private readonly List<string> _dead = [];

    /// <summary>How many were resolved.</summary>
    public int Count { get; private set; }

    /// <summary>References to what is not there, one a line.</summary>
    public IReadOnlyList<string> Dead => _dead;

    /// <summary>A reference as HTML: a link to what is public here, code for what is of another library or not public.</summary>
    /// <param name="page">The page that it stands on.</param>
    /// <param name="id">What it names.</param>
    /// <param name="words">What to write; empty: the name.</param>
    public string Html(string page, string id, string words = "")
    {
        Count++;
        string text = words.Length > 0 ? words : $"<code>{Markup.Html.Breakable(Name(id))}</code>";
        if (catalogue.Address(id) is { } address) return $"<a href=\"{Link(page, address)}\">{text}</a>";
        // The compiler writes "!" before what it could not find.
        bool ours = id.Length > 2 && id[2..].StartsWith("Fovea.", StringComparison.Ordinal);
        if (id.StartsWith("!:", StringComparison.Ordinal) || (ours && !id.StartsWith("N:", StringComparison.Ordinal) && catalogue.Find(id) is null))
            _dead.Add($"{page}: cref=\"{id}\": there is no such type or member");
        return text;
    }

    /// <summary>A link from a page to an address with or without an anchor.</summary>
    /// <param name="page">The page with the link.</param>
    /// <param name="address">From the site's root.</param>
    public static string Link(string page, string address)
    {
        string[] parts = address.Split('#');
        string file = parts[0] == page && parts.Length > 1 ? "" : SourceLinks.Relative(page, parts[0]);
        return file + (parts.Length > 1 ? "#" + parts[1] : "");
    }

    // Fovea.Models.ImageModel.Open(System.String) is known as ImageModel.Open, a type by its own name.
    private static string Name(string id)
    {
        string path = id[2..].Split('(')[0].Split('~')[0];
        string[] words = path.Split('.');
        string name = id[0] is 'T' or 'N' || words.Length < 2 ? words[^1] : words[^1] == "#ctor" ? "new " + words[^2] : words[^2] + "." + words[^1];
        return System.Text.RegularExpressions.Regex.Replace(name, "`+\\d+", "");
    }
}
