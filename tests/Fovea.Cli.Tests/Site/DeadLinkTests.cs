using Fovea.Site;
using Fovea.Site.Api;
using Fovea.Tests.Shared;
using Xunit;
using SiteProgram = Fovea.Site.Program;

namespace Fovea.Cli.Tests.Site;

/// <summary>A link that leads nowhere ends the build, and is named.</summary>
public sealed class DeadLinkTests
{
    [Fact]
    public void A_planted_dead_link_of_each_kind_fails_the_build()
    {
        string root = WorkFolder.Create("fovea-dead-links-");
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "docs", "guide"));
            File.WriteAllText(Path.Combine(root, "README.md"), """
                # Planted

                [good](docs/guide/library.md#a-heading) [page](docs/nowhere.md) [heading](docs/guide/library.md#nowhere) ![image](docs/nowhere.png)
                ![asked](https://example.org/picture.png) [chosen](https://example.org/)
                """);
            File.WriteAllText(Path.Combine(root, "docs", "guide", "library.md"), "# The library\n\n## A heading\n\n[own](#nothing)\n");

            SiteResult result = SiteBuilder.Build(root, Path.Combine(root, "site"));

            Assert.Equal(5, result.Dead.Count);
            foreach (string target in new[] { "docs/nowhere.md", "docs/guide/library.html#nowhere", "docs/nowhere.png", "https://example.org/picture.png" })
                Assert.Contains(result.Dead, line => Names(line, "index.html", target));
            Assert.Contains(result.Dead, line => Names(line, "docs/guide/library.html", "#nothing"));
            Assert.Equal(1, SiteProgram.Main(["--root", root, "--out", Path.Combine(root, "site")]));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Theory]
    [InlineData("M:Fovea.Models.ImageModel.Nowhere", true)]
    [InlineData("!:Nowhere", true)]
    [InlineData("T:Fovea.Models.ImageModel", false)]
    [InlineData("T:System.String", false)]
    public void A_reference_of_a_comment_to_what_is_not_there_is_named(string cref, bool dead)
    {
        var references = new References(new ApiCatalogue(typeof(FoveaException).Assembly));
        references.Html("api/page.html", cref);
        Assert.Equal(dead, references.Dead.Count == 1 && references.Dead[0].Contains(cref, StringComparison.Ordinal));
    }

    private static bool Names(string line, string page, string target) =>
        line.StartsWith(page + ": ", StringComparison.Ordinal) && line.Contains($"\"{target}\"", StringComparison.Ordinal);

    [Fact]
    public void A_folder_that_is_no_site_is_not_replaced()
    {
        string root = WorkFolder.Create("fovea-no-site-");
        try
        {
            string kept = Path.Combine(root, "kept.txt");
            File.WriteAllText(kept, "");
            Assert.Equal(2, SiteProgram.Main(["--root", Checkout.Root, "--out", root]));
            Assert.True(File.Exists(kept));
            Assert.Equal(2, SiteProgram.Main(["--somewhere", root]));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
