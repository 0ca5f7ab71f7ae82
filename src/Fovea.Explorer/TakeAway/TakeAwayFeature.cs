using System.Text;
using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Live;
using Fovea.Explorer.Pages;
using Fovea.Explorer.Server;
using Fovea.Imaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Explorer.TakeAway;

/// <summary>
/// What a reader takes along: a unit's page as one file or as a picture, the units of a gallery as a table. Addresses lie below those of the
/// pages: <c>…/f/UNIT/card.html</c>, <c>…/f/UNIT/card.png</c>, <c>…/g/units.csv</c>, <c>.json</c> and <c>.parquet</c>, these with the gallery's query.
/// </summary>
internal sealed class TakeAwayFeature : IExplorerFeature
{
    private static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    public IReadOnlyList<PagePanel> Panels =>
        [new(PageKind.Feature, typeof(TakeAwayLinks)), new(PageKind.Gallery, typeof(TakeAwayLinks))];

    public IReadOnlyList<string> Scripts => ["ticks.js"];

    public void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context)
    {
        foreach (string source in (string[])["/l/{layer}", "/l/{layer}/s/{source}"])
        {
            pages.MapMethods(source + "/f/{unit}/card.html", Reads, http => CardAsync(http, context));
            pages.MapMethods(source + "/f/{unit}/card.png", Reads, http => PictureAsync(http, context));
            foreach (string kind in (string[])["csv", "json", "parquet"])
                pages.MapMethods($"{source}/g/units.{kind}", Reads, http => TableAsync(http, context, kind));
        }
    }

    private static async Task CardAsync(HttpContext http, ExplorerContext context)
    {
        RunContents run = context.Run.Contents;
        if (Page(http) is not { } address || run.Unit(address) is not var (set, unit))
        {
            await context.MessageAsync(http, StatusCodes.Status404NotFound, "There is no such unit in this run.");
            return;
        }
        await using var renderer = new PageRenderer();
        var page = new PageContext(run, address, Links.OfFile(PageAddress.Home)) { IsAlone = true };
        string html = await renderer.RenderAsync(page, RunPages.Component<FeaturePage>(
            (nameof(FeaturePage.Set), set), (nameof(FeaturePage.Unit), unit)));
        // To be saved, not shown: the explorer's own pages may carry no style inside.
        Attach(http, $"{address.LayerName}-{address.Name}-{address.Number}.html");
        await Answers.HtmlAsync(http, StatusCodes.Status200OK, html);
    }

    private static async Task PictureAsync(HttpContext http, ExplorerContext context)
    {
        RunContents run = context.Run.Contents;
        if (Page(http) is not { } address || run.Unit(address) is not var (set, unit))
        {
            await context.MessageAsync(http, StatusCodes.Status404NotFound, "There is no such unit in this run.");
            return;
        }
        byte[] picture = UnitCard.Png(
            run, set, unit, context.Notes.Of(set.Layer, set.Source, unit.Unit), await SeenAsync(context, unit, http.RequestAborted));
        Attach(http, $"{address.LayerName}-{address.Name}-{address.Number}.png");
        await BytesAsync(http, "image/png", picture);
    }

    /// <summary>The run's images that drive a unit most, where it keeps no pictures of them and they can be reached.</summary>
    private static async Task<IReadOnlyList<RgbImage>> SeenAsync(ExplorerContext context, Feature unit, CancellationToken cancellation)
    {
        List<RgbImage> seen = [];
        LiveModel model = context.Get<LiveModel>();
        if (context.Run.Contents.Model.Document is not { } network || !model.ShowsRunImages) return seen;
        FeatureExample[] top = [.. unit.Examples.Where(one => one.Row.Kind == ExampleKinds.Top)];
        if (top.Any(one => one.Crop is not null)) return seen;
        try
        {
            foreach (FeatureExample one in top.Take(UnitCard.Crops))
                if (await model.SeenAsync(one.Row.ImageIndex, ShownImages.PreprocessingOf(network), cancellation) is { } image) seen.Add(image);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            // An image that cannot be read leaves its place empty; the card is whole without.
        }
        return seen;
    }

    private static async Task TableAsync(HttpContext http, ExplorerContext context, string kind)
    {
        RunContents run = context.Run.Contents;
        if (Page(http) is not { Kind: PageKind.Gallery } address || run.Layer(address.LayerName!)?.Units(address.Name!) is not { } set)
        {
            await context.MessageAsync(http, StatusCodes.Status404NotFound, "This run has no such units.");
            return;
        }
        var selection = UnitSelection.Of(set, http.Request.QueryString.Value ?? "", context.Notes, run.Model);
        Attach(http, $"{address.LayerName}-{address.Name}-units.{kind}");
        await (kind switch
        {
            "csv" => BytesAsync(http, "text/csv; charset=utf-8", Encoding.UTF8.GetBytes(selection.Csv())),
            "json" => Answers.JsonAsync(http, selection.Document()),
            _ => BytesAsync(http, "application/vnd.apache.parquet", selection.Parquet()),
        });
    }

    private static async Task BytesAsync(HttpContext http, string type, byte[] bytes)
    {
        http.Response.ContentType = type;
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    /// <summary>The page that the address lies below.</summary>
    private static PageAddress? Page(HttpContext http) =>
        RequestPath.Of(http.Request) is var path && path.LastIndexOf('/') is > 0 and var end ? PageAddress.Parse(path[..end]) : null;

    /// <summary>A name of letters, digits, dots and dashes: whatever else a layer is called would have to be escaped in a header.</summary>
    private static void Attach(HttpContext http, string name) => http.Response.Headers.ContentDisposition = "attachment; filename=\""
        + string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' ? letter : '_')) + "\"";
}
