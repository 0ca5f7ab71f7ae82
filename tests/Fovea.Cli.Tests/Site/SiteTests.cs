using System.Text.Json;
using System.Text.RegularExpressions;
using Fovea.Site.Api;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests.Site;

/// <summary>The site of the documentation is whole: links, pages, types, and nothing asked of the network.</summary>
public sealed partial class SiteTests(BuiltSite site) : IClassFixture<BuiltSite>
{
    [Fact]
    public void It_is_built_without_a_dead_link()
    {
        Assert.Empty(site.Result.Dead);
        Assert.Equal(site.Pages.Count, site.Result.Pages);
        Assert.True(site.Result.Links > 10_000 && site.Result.References > 1_000, $"{site.Result}");
    }

    [Fact]
    public void Every_link_and_image_leads_to_a_file_and_an_anchor()
    {
        Dictionary<string, HashSet<string>> anchors = site.Pages.ToDictionary(
            page => page.Key, page => Id().Matches(page.Value).Select(id => id.Groups[1].Value).ToHashSet());
        HashSet<string> files = [.. Directory.EnumerateFiles(site.Folder, "*", SearchOption.AllDirectories).Select(path => Relative(site.Folder, path))];
        List<string> dead = [];
        foreach ((string page, string html) in site.Pages)
        {
            foreach ((_, string target) in BuiltSite.Links(html).Where(link => !link.Target.Contains("://", StringComparison.Ordinal)))
            {
                (string address, string anchor) = site.Follow(page, target);
                if (!files.Contains(address) || (anchor.Length > 0 && !anchors[address].Contains(anchor))) dead.Add($"{page}: {target}");
            }
        }
        Assert.True(dead.Count == 0, string.Join('\n', dead.Take(20)));
    }

    [Fact]
    public void No_page_asks_the_network_for_anything()
    {
        Assert.Empty(site.Pages.SelectMany(page => BuiltSite.Links(page.Value).Where(link => link.Element != "a"
            && (link.Target.Contains("//", StringComparison.Ordinal) || link.Target.StartsWith("data:", StringComparison.Ordinal)))));
        foreach (string asset in new[] { "site.css", "search.js" })
            Assert.DoesNotMatch(@"https?:|url\(|@import|fetch\(|XMLHttpRequest", File.ReadAllText(Path.Combine(site.Folder, asset)));
    }

    [Fact]
    public void Every_page_is_reached_from_the_first()
    {
        HashSet<string> seen = ["index.html"];
        Queue<string> next = new(seen);
        while (next.TryDequeue(out string? page))
        {
            foreach ((string element, string target) in BuiltSite.Links(site.Pages[page]))
            {
                if (element != "a" || target.Contains("://", StringComparison.Ordinal)) continue;
                string address = site.Follow(page, target).Address;
                if (site.Pages.ContainsKey(address) && seen.Add(address)) next.Enqueue(address);
            }
        }
        Assert.Empty(site.Pages.Keys.Except(seen));
    }

    [Fact]
    public void Every_page_of_the_documentation_and_every_public_type_has_a_page()
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Checkout.Root, "docs"), "*.md", SearchOption.AllDirectories))
        {
            string page = Path.ChangeExtension(Relative(Checkout.Root, path), ".html").Replace("README.html", "index.html", StringComparison.Ordinal);
            Assert.Contains(page, site.Pages.Keys);
        }
        Type[] types = [.. typeof(FoveaException).Assembly.GetTypes().Where(type => type.IsVisible && !type.FullName!.Contains('<'))];
        Assert.All(types, type => Assert.Contains(ApiCatalogue.Page(type), site.Pages.Keys));
    }

    [Fact]
    public void Each_page_has_one_title_and_every_image_words()
    {
        foreach ((string page, string html) in site.Pages)
        {
            Assert.True(html.Split("<h1").Length == 2, $"{page} has not one h1");
            Assert.DoesNotMatch(@"<img(?![^>]*\balt=""[^""]+"")[^>]*>", html);
        }
    }

    [Fact]
    public void The_search_puts_the_glossary_first_and_what_was_decided_or_changed_last()
    {
        string[] lines = File.ReadAllLines(Path.Combine(site.Folder, "search-index.js"));
        Dictionary<string, double> weights = [];
        foreach (string line in lines.Where(line => line.StartsWith('[')))
        {
            using JsonDocument row = JsonDocument.Parse(line.TrimEnd(','));
            Assert.Equal(5, row.RootElement.GetArrayLength());
            if (!row.RootElement[0].GetString()!.Contains('#', StringComparison.Ordinal))
                weights[row.RootElement[0].GetString()!] = row.RootElement[4].GetDouble();
        }
        string[] order =
        [
            "docs/reference/glossary.html", "docs/guide/stages.html", "docs/decisions/0008-report.html",
            "api/Fovea.Models/ImageModel.html",
        ];
        double[] found = [.. order.Select(page => weights[page])];
        Assert.True(found[0] > found[1] && found[1] > found[2] && found[1] > found[3], string.Join(", ", found));
        Assert.Equal(found[1], weights["docs/paper.html"]);
        foreach (string low in new[] { "CHANGELOG.html", "docs/reference/regressions.html" }) Assert.Equal(found[2], weights[low]);
    }

    [Fact]
    public void Comments_of_all_parts_of_a_type_are_shown_and_inherited_ones_are_found()
    {
        string model = site.Pages["api/Fovea.Models/ImageModel.html"];
        Assert.Contains("A network and what is needed to use it", model, StringComparison.Ordinal);
        Assert.Contains("Networks of the catalogue.", model, StringComparison.Ordinal);
        Assert.True(model.IndexOf("A network and what", StringComparison.Ordinal) < model.IndexOf("Networks of the catalogue.", StringComparison.Ordinal));
        Assert.Contains("operator *(", site.Pages["api/Fovea.Visualization.Objectives/ObjectiveAlgebra.html"], StringComparison.Ordinal);
        // Only a record's property may be without a word: the compiler does not insist there.
        string[] silent = [.. site.Pages.Where(page => page.Key.StartsWith("api/", StringComparison.Ordinal))
            .SelectMany(page => Silent().Matches(page.Value).Select(member => $"{page.Key}: {member.Groups[1].Value}"))];
        Assert.DoesNotContain(silent, member => !member.Contains(">init</span>", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"<code>([^\n]*)</code></pre>\n<div class=""summary""></div>")]
    private static partial Regex Silent();

    private static string Relative(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');

    [GeneratedRegex(@"\sid=""([^""]+)""")]
    private static partial Regex Id();
}
