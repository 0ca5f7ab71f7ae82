using System.Globalization;
using Fovea.Explorer.Galleries;
using Fovea.Explorer.Server.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Fovea.Explorer.Server;

/// <summary>The pages of the run, their pictures, their style.</summary>
internal sealed class RunFeature : IExplorerFeature
{
    private static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    private static readonly Dictionary<string, (byte[] Bytes, string Tag, string Type)> Assets = Resources.Assets.ToDictionary(
        name => name, Asset, StringComparer.Ordinal);

    public IReadOnlyList<string> Scripts => ["walk.js"];

    public void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context)
    {
        pages.MapMethods("/assets/{name}", Reads, AssetAsync);
        pages.MapMethods("/media/{**path}", Reads, http => PictureAsync(http, context.Run, "/media/"));
        pages.MapMethods("/{**path}", Reads, http => PageAddress.Parse(RequestPath.Of(http.Request)) is { } address
            ? context.PageAsync(http, address)
            : context.MessageAsync(http, StatusCodes.Status404NotFound, "There is no such page."));
        api.MapMethods("/{**path}", Reads, http => ContentsAsync(http, context));
    }

    /// <summary>What a page shows, as JSON.</summary>
    private static Task ContentsAsync(HttpContext http, ExplorerContext context)
    {
        var query = GalleryQuery.Parse(http.Request.QueryString.Value ?? "");
        return PageAddress.Parse(RequestPath.Of(http.Request)["/api".Length..]) is { } address
            && new ApiDocuments(context.Run.Contents, context.Notes, context.Run.Version, context.ReadOnly).Find(address, query) is { } document
            ? Answers.JsonAsync(http, document)
            : Answers.ProblemAsync(http, StatusCodes.Status404NotFound, "There is nothing at this address in this run.");
    }

    private static async Task AssetAsync(HttpContext http)
    {
        if (!Assets.TryGetValue(RequestPath.Below(http.Request, "/assets/") ?? "", out var asset))
        {
            await Answers.RefuseAsync(http, StatusCodes.Status404NotFound, "There is no such file.");
            return;
        }
        if (IsKnown(http, $"\"{asset.Tag}\"")) return;
        // An address that names the text never gives another.
        if (http.Request.Query["v"] == asset.Tag) http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        http.Response.ContentType = asset.Type;
        http.Response.ContentLength = asset.Bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(asset.Bytes, http.RequestAborted);
    }

    /// <summary>A picture of the run: nothing but what begins as a PNG leaves the folder.</summary>
    /// <param name="http">The request.</param>
    /// <param name="run">The run.</param>
    /// <param name="beginning">What stands before the picture's place in the run.</param>
    internal static async Task PictureAsync(HttpContext http, RunSession run, string beginning)
    {
        string? place = RequestPath.Below(http.Request, beginning);
        using Stream? picture = place?.EndsWith(".png", StringComparison.OrdinalIgnoreCase) == true ? Open(run, place) : null;
        var head = new byte[8];
        if (picture is null || await picture.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, http.RequestAborted) < head.Length
            || !head.AsSpan().SequenceEqual<byte>([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            await Answers.RefuseAsync(http, StatusCodes.Status404NotFound, "There is no such picture.");
            return;
        }
        if (IsKnown(http, string.Create(CultureInfo.InvariantCulture, $"\"{run.Version}-{picture.Length}\""))) return;
        http.Response.ContentType = "image/png";
        http.Response.ContentLength = picture.Length;
        if (HttpMethods.IsHead(http.Request.Method)) return;
        await http.Response.Body.WriteAsync(head, http.RequestAborted);
        await picture.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private static Stream? Open(RunSession run, string place)
    {
        try
        {
            return run.Reader.Picture(place);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            return null;
        }
    }

    /// <summary>The browser keeps these and asks each time whether they are still the same; where they are, that is the answer.</summary>
    internal static bool IsKnown(HttpContext http, string tag)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers.ETag = tag;
        if (http.Request.Headers[HeaderNames.IfNoneMatch] != tag) return false;
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    private static (byte[], string, string) Asset(string name) => (Resources.Bytes(name), Resources.Tag(name), Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    });
}
