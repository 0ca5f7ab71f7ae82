using System.Text.Json.Nodes;
using Xunit;

namespace Fovea.Explorer.Tests.Server;

public sealed class SearchTests(GuardedRun served) : IClassFixture<GuardedRun>
{
    [Theory]
    [InlineData("0", "Neuron 0", "/l/block3/f/0")]
    [InlineData("topk 0", "Latent 0", "/l/block3/s/topk/f/0")]
    [InlineData("BLOCK3", "block3", "/l/block3")]
    [InlineData("dictionary topk", "block3/topk", "/l/block3/s/topk")]
    public async Task Units_and_places_are_found(string query, string title, string address)
    {
        JsonNode hits = (await FindAsync(query))["hits"]!;
        Assert.Contains(hits.AsArray(), hit => (string)hit!["title"]! == title && (string)hit["address"]! == address);
        Assert.Equal(200, (await served.Run.GetAsync(address)).Status);
        Assert.Contains($"href=\"{address}\"", await served.Run.PageAsync("/search?q=" + Uri.EscapeDataString(query)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_is_named_leaves_the_others_out() =>
        Assert.DoesNotContain((await FindAsync("topk 0"))["hits"]!.AsArray(), hit => (string)hit!["address"]! == "/l/block3/f/0");

    [Fact]
    public async Task Classes_lead_to_the_units_that_they_drive()
    {
        JsonArray hits = (await FindAsync("plain disc"))["hits"]!.AsArray();
        JsonNode hit = Assert.Single(hits, one => (string)one!["kind"]! == "class")!;
        Assert.Equal("/l/block3/s/topk/g?words=plain%20disc", (string)hit["address"]!);
        Assert.Matches("^[0-9]+ latents? of block3/topk$", (string)hit["detail"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("nothing is called so")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("like nobody 0")]
    [InlineData("99999999999999999999")]
    public async Task What_is_not_there_is_not_found(string query)
    {
        Assert.Empty((await FindAsync(query))["hits"]!.AsArray());
        Assert.DoesNotContain("<script>alert", await served.Run.PageAsync("/search?q=" + Uri.EscapeDataString(query)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_is_what_this_means_and_says_what_can_be_asked_of_it()
    {
        JsonNode unit = JsonNode.Parse((await served.Run.GetAsync("/api/search?q=&from=/l/block3/s/topk/f/0")).Text)!;
        JsonNode suggested = Assert.Single(unit["hits"]!.AsArray())!;
        Assert.Equal(("near", "/search?q=like%20block3%2Ftopk%200"), ((string)suggested["kind"]!, (string)suggested["address"]!));
        JsonNode image = JsonNode.Parse((await served.Run.GetAsync("/api/search?q=&from=/x/run-3")).Text)!;
        Assert.Equal("/search?q=on%20run-3", (string)Assert.Single(image["hits"]!.AsArray())!["address"]!);
        Assert.Empty(JsonNode.Parse((await served.Run.GetAsync("/api/search?q=&from=/")).Text)!["hits"]!.AsArray());
        Assert.Equal(
            (await served.Run.GetAsync("/api/search?q=like%20topk%200")).Text.Replace("like topk 0", "like this", StringComparison.Ordinal),
            (await served.Run.GetAsync("/api/search?q=like%20this&from=/l/block3/s/topk/f/0")).Text);
        // A run without a network has no units that fire.
        Assert.Empty((await FindAsync("on run-3"))["hits"]!.AsArray());
    }

    [Fact]
    public async Task A_query_beyond_measure_is_cut() =>
        Assert.Equal(200, ((string)(await FindAsync(new string('a', 3000)))["query"]!).Length);

    private async Task<JsonNode> FindAsync(string query)
    {
        Answer answer = await served.Run.GetAsync("/api/search?q=" + Uri.EscapeDataString(query));
        Assert.Equal(200, answer.Status);
        return JsonNode.Parse(answer.Text)!;
    }
}
