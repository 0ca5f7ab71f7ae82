using System.Text.RegularExpressions;
using Fovea.Explorer.Guide;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Explorer.Tests.Guide;

public sealed partial class GlossaryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_term_has_an_address_of_its_own_and_plain_sentences()
    {
        Assert.Equal(Glossary.All.Count, Glossary.All.Select(term => term.Key).Distinct().Count());
        Assert.All(Glossary.All, term =>
        {
            Assert.Matches("^[a-z0-9-]+$", term.Key);
            Assert.EndsWith(".", term.Meaning);
            Assert.Same(term, Glossary.Find(term.Name.ToUpperInvariant()));
        });
        Assert.Null(Glossary.Find("no such word"));
    }

    [Fact]
    public async Task Terms_of_a_report_lead_to_places_that_its_glossary_has()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        await ReportBuilder.BuildAsync(run.Folder, Stop);
        string glossary = await File.ReadAllTextAsync(run.PathOf("report/glossary/index.html"), Stop);
        HashSet<string> linked = [];
        foreach (string page in Directory.EnumerateFiles(run.PathOf("report"), "*.html", SearchOption.AllDirectories))
        {
            foreach (Match match in Anchor().Matches(await File.ReadAllTextAsync(page, Stop))) linked.Add(match.Groups[1].Value);
        }

        Assert.All(linked, key => Assert.Contains($"<div id=\"{key}\">", glossary));
        string[] expected = ["fvu", "l0", "dead", "dense", "density", "selectivity", "purity", "monosemanticity", "uniqueness", "loss-recovered", "splice"];
        Assert.Empty(expected.Except(linked));
    }

    [Fact]
    public void The_documentation_has_the_same_words()
    {
        const string Marker = "<!-- Below this line";
        string path = Path.Combine(Checkout.Root, "docs", "reference", "glossary.md"), page = File.ReadAllText(path);
        string head = page[..(page.IndexOf('\n', page.IndexOf(Marker, StringComparison.Ordinal)) + 1)];
        // A heading each, so that a page can link to the word and a search finds it first. Of the other words only short names are shown: the rest are the pages' own.
        string made = head + string.Concat(Glossary.All.Select(term =>
            $"\n### {string.Join(", ", term.Aliases.Where(alias => alias.Length > 1 && alias.All(char.IsUpper)).Prepend(term.Name))}\n\n"
                + $"{term.Meaning}{(term.Source is null ? "" : $" *{term.Source}*")}\n"));
        if (Environment.GetEnvironmentVariable("FOVEA_UPDATE_DOCS") == "1") File.WriteAllText(path, made);
        else Assert.True(made == page, "docs/reference/glossary.md is not the glossary of the pages: run this test with FOVEA_UPDATE_DOCS=1.");
    }

    [GeneratedRegex("glossary/index\\.html#([a-z0-9-]+)\"")]
    private static partial Regex Anchor();
}
