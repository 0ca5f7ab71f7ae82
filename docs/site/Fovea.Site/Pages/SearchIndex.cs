using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fovea.Site.Pages;

/// <summary>
/// What the search looks through: a script that sets a list, since a page that is a file may load a script but not fetch data.
/// </summary>
internal static partial class SearchIndex
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The script: a row for each section, of address, page, heading, text, weight.</summary>
    /// <param name="pages">All pages.</param>
    public static string Script(IReadOnlyList<SitePage> pages)
    {
        var script = new StringBuilder("window.foveaIndex=[\n");
        foreach (SitePage page in pages)
        {
            foreach (Section section in page.Sections)
            {
                string address = section.Anchor.Length == 0 ? page.Address : $"{page.Address}#{section.Anchor}";
                bool own = section.Level == 1;
                object[] row = [address, page.Title, own ? "" : section.Heading, Blank().Replace(section.Text, " "), Weight(page.Address, own)];
                script.Append(JsonSerializer.Serialize(row, Options)).Append(",\n");
            }
        }
        return script.Append("];\n").ToString();
    }

    /// <summary>
    /// What a hit is multiplied by. A page's own title tells more than a section's; pages that explain come before types, and what a word
    /// means before both; what was decided, changed or mended once comes last.
    /// </summary>
    /// <param name="address">The page.</param>
    /// <param name="title">The row is the page's own, up to its first heading.</param>
    internal static double Weight(string address, bool title)
    {
        if (address.StartsWith("api/", StringComparison.Ordinal)) return title ? 0.5 : 0.15;
        double kind = address == "docs/reference/glossary.html" ? 2
            : address is "CHANGELOG.html" or "docs/reference/regressions.html" || address.StartsWith("docs/decisions/", StringComparison.Ordinal) ? 0.15 : 1;
        return (title ? 1.5 : 1) * kind;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
