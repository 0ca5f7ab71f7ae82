using Microsoft.AspNetCore.Http;

namespace Fovea.Explorer.Server.Guards;

/// <summary>
/// Refuses what a page of another origin asks for: other programs of this machine serve pages too, and a browser counts them as the same
/// site. A request that changes something must say that it comes from here, or carry the token itself, which no foreign page knows.
/// </summary>
internal static class OriginGuard
{
    public static Task InvokeAsync(HttpContext http, RequestDelegate next) => IsAllowed(http) ? next(http) : Answers.RefuseAsync(
        http, StatusCodes.Status403Forbidden, "Pages of another origin may not use this explorer. Use the pages that it serves itself.");

    private static bool IsAllowed(HttpContext http)
    {
        string origin = http.Request.Headers.Origin.ToString(), site = http.Request.Headers["Sec-Fetch-Site"].ToString();
        bool reads = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        // Under no-referrer a browser says "null" of its own page's forms; where they come from it says in the header that no page can set.
        bool own = (origin == "null" && site == "same-origin") || (origin.StartsWith("http://", StringComparison.Ordinal)
            && HostGuard.IsOwn(origin["http://".Length..], http.Connection.LocalPort));
        if (reads)
        {
            // Links lead here from anywhere; pictures, scripts and requests of other pages do not.
            return (origin.Length == 0 || own)
                && (site is "" or "none" or "same-origin" || http.Request.Headers["Sec-Fetch-Mode"] == "navigate");
        }
        if (origin.Length > 0) return own && site is "" or "same-origin";
        return site == "same-origin" || (site.Length == 0 && TokenGuard.HasHeader(http.Request));
    }
}
