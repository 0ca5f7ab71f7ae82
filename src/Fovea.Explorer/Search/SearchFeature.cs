using System.Runtime.CompilerServices;
using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Live;
using Fovea.Explorer.Relations;
using Fovea.Explorer.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Explorer.Search;

/// <summary>
/// Search: a page, JSON, and a dialog on every page (Ctrl+K). <c>from</c> is the page that is asked from: <c>this</c> in a query is its unit
/// or its image.
/// </summary>
internal sealed class SearchFeature : IExplorerFeature
{
    private readonly ConditionalWeakTable<RunContents, SearchIndex> _indexes = [];

    public IReadOnlyList<NavigationEntry> Navigation => [new("Search", SearchPage.Address)];

    public IReadOnlyList<string> Scripts => ["search.js"];

    public void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context)
    {
        pages.MapGet("/search", async http => await context.PageAsync<SearchPage>(
            http, SearchPage.Address, (nameof(SearchPage.Answer), await FindAsync(http, context))));
        api.MapGet("/search", async http => await Answers.JsonAsync(http, await FindAsync(http, context)));
    }

    private async Task<SearchAnswer> FindAsync(HttpContext http, ExplorerContext context)
    {
        RunContents run = context.Run.Contents;
        string query = http.Request.Query["q"].ToString();
        PageAddress? from = PageAddress.Parse(http.Request.Query["from"].ToString());
        var firing = new FiringUnits(run, context.Get<LiveModel>());
        string? image = ImageOf(http.Request.Query["from"].ToString());
        // A class may be called so: what no image fires is looked for among all else.
        if (FiringUnits.Asked(query, image) is { } asked && await firing.FindAsync(query, asked, http.RequestAborted) is { Hits.Count: > 0 } found)
            return found;
        return _indexes.GetValue(run, made => new SearchIndex(made)).Find(
            query, context.Notes, context.Get<RelationShelf>(), run.Unit(from), image);
    }

    /// <summary>The image whose page an address is; null where it is another page.</summary>
    private static string? ImageOf(string address) =>
        address.Split('/') is ["", "x", { Length: > 0 } image] ? Uri.UnescapeDataString(image) : null;
}
