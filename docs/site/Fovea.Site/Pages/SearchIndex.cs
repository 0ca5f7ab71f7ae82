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

    /// <summary>The script: a row for each section, of address, page, heading, text.</summary>
    /// <param name="pages">All pages.</param>
    public static string Script(IReadOnlyList<SitePage> pages)
    {
        var script = new StringBuilder("window.foveaIndex=[\n");
        foreach (SitePage page in pages)
        {
            foreach (Section section in page.Sections)
            {
                string address = section.Anchor.Length == 0 ? page.Address : $"{page.Address}#{section.Anchor}";
                string[] row = [address, page.Title, section.Level == 1 ? "" : section.Heading, Blank().Replace(section.Text, " ")];
                script.Append(JsonSerializer.Serialize(row, Options)).Append(",\n");
            }
        }
        return script.Append("];\n").ToString();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
