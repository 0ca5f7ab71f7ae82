using System.Runtime.CompilerServices;
using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Relations;
using Fovea.Explorer.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Explorer.Search;

/// <summary>Search: a page, JSON, and a dialog on every page (Ctrl+K).</summary>
internal sealed class SearchFeature : IExplorerFeature
{
    private readonly ConditionalWeakTable<RunContents, SearchIndex> _indexes = [];

    public IReadOnlyList<NavigationEntry> Navigation => [new("Search", SearchPage.Address)];

    public IReadOnlyList<string> Scripts => ["search.js"];

    public void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context)
    {
        pages.MapGet("/search", http => context.PageAsync<SearchPage>(http, SearchPage.Address, (nameof(SearchPage.Answer), Find(http))));
        api.MapGet("/search", http => Answers.JsonAsync(http, Find(http)));

        SearchAnswer Find(HttpContext http) => _indexes.GetValue(context.Run.Contents, run => new SearchIndex(run))
            .Find(http.Request.Query["q"].ToString(), context.Notes, context.Get<RelationShelf>());
    }
}
