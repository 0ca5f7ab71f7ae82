using System.Text.RegularExpressions;

namespace Fovea.Site.Pages;

/// <summary>
/// The Markdown files of a checkout in reading order. The order is the README's own: its list "Read on" names groups and the pages of each;
/// pages that it does not name follow in the group of their folder. There is no second list to keep.
/// </summary>
internal sealed partial class Sources
{
    private Sources(IReadOnlyList<PageGroup> groups) => Groups = groups;

    /// <summary>The groups in order; each page is in one.</summary>
    public IReadOnlyList<PageGroup> Groups { get; }

    /// <summary>All pages in reading order.</summary>
    public IEnumerable<string> InOrder => Groups.SelectMany(group => group.Sources);

    /// <summary>Finds the pages.</summary>
    /// <param name="root">The checkout.</param>
    public static Sources Find(string root)
    {
        string docs = Path.Combine(root, "docs"), own = Path.Combine(docs, "site") + Path.DirectorySeparatorChar;
        List<string> left =
        [
            .. Directory.EnumerateFiles(docs, "*.md", SearchOption.AllDirectories).Where(file => !file.StartsWith(own, StringComparison.Ordinal))
                .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/')).Order(StringComparer.Ordinal),
        ];
        Dictionary<string, List<string>> groups = new() { ["Start"] = ["README.md"] };
        foreach (Match line in GroupLine().Matches(File.ReadAllText(Path.Combine(root, "README.md"))))
        {
            foreach (Match link in PageLink().Matches(line.Groups["links"].Value))
                if (left.Remove(link.Groups[1].Value)) Of(line.Groups["name"].Value).Add(link.Groups[1].Value);
        }
        foreach (string page in left) Of(Group(page)).Add(page);
        Of("Project").AddRange(new[] { "CHANGELOG.md", "CONTRIBUTING.md" }.Where(page => File.Exists(Path.Combine(root, page))));
        // A folder's own page comes first, and what is in the folder follows in the order in which that page names it.
        foreach (List<string> pages in groups.Values)
        {
            foreach (string index in pages.Where(page => page.EndsWith("/README.md", StringComparison.Ordinal)).ToArray())
            {
                string folder = index[..^"README.md".Length];
                List<string> named = [.. PageLink().Matches(File.ReadAllText(Path.Combine(root, index))).Select(link => folder + link.Groups[1].Value)];
                // What it does not name has the place -1, which as an unsigned number is the last.
                string[] inside =
                    [.. pages.Where(page => page != index && page.StartsWith(folder, StringComparison.Ordinal)).OrderBy(page => (uint)named.IndexOf(page))];
                pages.RemoveAll(page => inside.Contains(page));
                pages.InsertRange(pages.IndexOf(index) + 1, inside);
            }
        }
        return new Sources([.. groups.Where(group => group.Value.Count > 0).Select(group => new PageGroup(group.Key, group.Value))]);

        List<string> Of(string name) => groups.TryGetValue(name, out List<string>? pages) ? pages : groups[name] = [];
    }

    private static string Group(string page) => page.Split('/') switch
    {
        ["docs", "tutorial", ..] => "Start",
        ["docs", "guide", ..] => "Use",
        ["docs", "reference", ..] => "Look up",
        ["docs", "decisions", ..] => "Decisions",
        ["docs", _] => "Figures and evidence",
        var other => char.ToUpperInvariant(other[1][0]) + other[1][1..],
    };

    [GeneratedRegex(@"^- \*\*(?<name>[^*:]+):\*\*(?<links>.+)$", RegexOptions.Multiline)]
    private static partial Regex GroupLine();

    [GeneratedRegex(@"\]\(([^)#]+\.md)")]
    private static partial Regex PageLink();
}
