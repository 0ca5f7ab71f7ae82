using System.Net;
using System.Text.RegularExpressions;
using Fovea.Site.Api;
using Fovea.Site.Markup;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests.Site;

/// <summary>Anchors, colours and names of the site.</summary>
public sealed partial class MarkupTests
{
    [Theory]
    [InlineData("Shortcuts", "shortcuts")]
    [InlineData("What `fovea new` asks", "what-fovea-new-asks", "What fovea new asks")]
    [InlineData("L0, FVU & R²: k = 32", "l0-fvu--r-k--32")]
    [InlineData("Ideas – in order_of", "ideas--in-order_of")]
    public void Anchors_are_GitHubs(string heading, string expected, string? words = null) => Assert.Equal(expected, new Slugs().Next(words ?? heading));

    [Fact]
    public void The_second_heading_of_the_same_words_has_a_number()
    {
        var slugs = new Slugs();
        Assert.Equal(["cost", "cost-1", "cost-2"], [slugs.Next("Cost"), slugs.Next("Cost"), slugs.Next("cost")]);
    }

    [Fact]
    public void Colours_change_no_letter_of_any_code_of_the_documentation()
    {
        int blocks = 0;
        foreach (string page in Directory.EnumerateFiles(Path.Combine(Checkout.Root, "docs"), "*.md", SearchOption.AllDirectories))
        {
            foreach (Match fence in Fence().Matches(File.ReadAllText(page)))
            {
                string code = fence.Groups["code"].Value;
                Assert.Equal(code, WebUtility.HtmlDecode(Tag().Replace(Highlighter.Inside(code, fence.Groups["language"].Value), "")));
                blocks++;
            }
        }
        Assert.True(blocks > 50, $"{blocks} blocks");
    }

    [Theory]
    [InlineData("csharp", "var s = \"for // no\"; // if",
        "<span class=\"k\">var</span> s = <span class=\"s\">&quot;for // no&quot;</span>; <span class=\"c\">// if</span>")]
    [InlineData("toml", "k = 32 # few", "<span class=\"v\">k</span> = <span class=\"n\">32</span> <span class=\"c\"># few</span>")]
    [InlineData("json", "{\"k\": \"v\"}", "{<span class=\"v\">&quot;k&quot;</span>: <span class=\"s\">&quot;v&quot;</span>}")]
    [InlineData("unknown", "a < b", "a &lt; b")]
    public void Parts_of_code_are_told_apart(string language, string code, string expected) => Assert.Equal(expected, Highlighter.Inside(code, language));

    [Fact]
    public void Members_are_known_by_the_names_that_the_compiler_gave_them()
    {
        var catalogue = new ApiCatalogue(typeof(FoveaException).Assembly);
        string comments = File.ReadAllText(Path.ChangeExtension(typeof(FoveaException).Assembly.Location, ".xml"));
        string[] lost = [.. Regex.Matches(comments, "<member name=\"(.:Fovea[^\"]+)\"")
            .Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).Where(id => !id.Contains('<') && catalogue.Find(id) is null)];
        Assert.True(lost.Length == 0, $"{lost.Length}: {string.Join('\n', lost.Take(10))}");
    }

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();
}
