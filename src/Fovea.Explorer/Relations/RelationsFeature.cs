using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Explorer.Relations;

/// <summary>Units near a unit: on its page, on a page of their own that waits until all is counted, and as JSON.</summary>
internal sealed class RelationsFeature : IExplorerFeature
{
    public IReadOnlyList<PagePanel> Panels => [new(PageKind.Feature, typeof(NearPanel))];

    public IReadOnlyList<string> Scripts => ["relations.js"];

    public void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context)
    {
        RelationShelf shelf = context.Add(new RelationShelf(context.Run.Reader, context.Stopping));
        pages.MapGet("/near/{**unit}", async http =>
        {
            if (await UnitAsync(http, context, "/near") is not var (unit, set, layer)) return;
            await shelf.CountedAsync(set, layer, http.RequestAborted);
            await context.PageAsync<NearPage>(http, PageAddress.Served(["near", .. unit.Segments]), (nameof(NearPage.Unit), unit));
        });
        api.MapGet("/near/{**unit}", async http =>
        {
            if (await UnitAsync(http, context, "/api/near") is not var (unit, set, layer)) return;
            await shelf.CountedAsync(set, layer, http.RequestAborted);
            await Answers.JsonAsync(http, shelf.Of(set, unit.Number, layer));
        });
    }

    private static async Task<(PageAddress, FeatureSet, LayerContents)?> UnitAsync(HttpContext http, ExplorerContext context, string beginning)
    {
        RunContents run = context.Run.Contents;
        if (PageAddress.Parse(RequestPath.Of(http.Request)[beginning.Length..]) is { } unit && run.Unit(unit) is var (set, _))
            return (unit, set, run.Layer(set.Layer)!);
        await context.MessageAsync(http, StatusCodes.Status404NotFound, "That is no unit of this run.");
        return null;
    }
}
