using System.Text.RegularExpressions;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>The documentation hangs together: no link leads nowhere, and every page can be reached from the README.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] Pages =
    [
        Path.Combine(Checkout.Root, "README.md"), Path.Combine(Checkout.Root, "CHANGELOG.md"),
        .. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "docs"), "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
    ];

    [Fact]
    public void No_link_leads_nowhere()
    {
        List<string> dead = [];
        foreach (string page in Pages)
        {
            foreach (string target in Links(page))
            {
                string[] parts = target.Split('#', 2);
                string path = parts[0].Length == 0 ? page : Path.GetFullPath(Uri.UnescapeDataString(parts[0]), Path.GetDirectoryName(page)!);
                if (!File.Exists(path) && !Directory.Exists(path)) dead.Add($"{Name(page)}: {target}");
                else if (parts.Length > 1 && path.EndsWith(".md", StringComparison.Ordinal) && !Anchors(path).Contains(parts[1]))
                    dead.Add($"{Name(page)}: {target} (no such heading)");
            }
        }
        Assert.True(dead.Count == 0, string.Join('\n', dead));
    }

    [Fact]
    public void Every_page_is_reached_from_the_readme()
    {
        HashSet<string> seen = [Pages[0]];
        Queue<string> next = new(seen);
        while (next.TryDequeue(out string? page))
        {
            foreach (string target in Links(page))
            {
                string path = Path.GetFullPath(target.Split('#')[0], Path.GetDirectoryName(page)!);
                if (Directory.Exists(path))
                {
                    foreach (string inside in Directory.EnumerateFiles(path, "*.md"))
                        if (seen.Add(inside)) next.Enqueue(inside);
                }
                else if (path.EndsWith(".md", StringComparison.Ordinal) && seen.Add(path)) next.Enqueue(path);
            }
        }
        Assert.Empty(Pages.Except(seen).Where(page => !page.EndsWith("CHANGELOG.md", StringComparison.Ordinal)).Select(Name));
    }

    [Fact]
    public void The_readme_is_one_screen() => Assert.InRange(File.ReadLines(Pages[0]).Count(), 20, 60);

    /// <summary>Relative links of a page, those in code left out.</summary>
    private static IEnumerable<string> Links(string page) =>
        Link().Matches(Code().Replace(File.ReadAllText(page), "")).Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal));

    /// <summary>The anchors of a page's headings, as GitHub makes them.</summary>
    private static HashSet<string> Anchors(string page)
    {
        HashSet<string> anchors = [];
        foreach (Match heading in Heading().Matches(Fence().Replace(File.ReadAllText(page), "")))
        {
            string words = Link().Replace(heading.Groups[1].Value, match => match.Value.Split(']')[0].TrimStart('['));
            string slug = string.Concat(words.Trim().ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_'))
                .Replace(' ', '-');
            for (int i = 0; !anchors.Add(i == 0 ? slug : $"{slug}-{i}"); i++)
            {
                // The second heading of the same words ends in -1.
            }
        }
        return anchors;
    }

    private static string Name(string page) => Path.GetRelativePath(Checkout.Root, page);

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} +(.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();
}
