using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fovea.Explorer.Server;

/// <summary>
/// The path of a request as the browser wrote it. The server's own reading of it has each escape undone but that of a slash, so that two
/// different addresses would be one.
/// </summary>
internal static class RequestPath
{
    /// <summary>The path, escaped, without what follows a question mark.</summary>
    public static string Of(HttpRequest request)
    {
        string target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        return target.StartsWith('/') ? target.Split('?', 2)[0] : request.Path.ToUriComponent();
    }

    /// <summary>What follows a beginning such as <c>/media/</c>, unescaped, with forward slashes; null: nothing that could be a name.</summary>
    public static string? Below(HttpRequest request, string beginning)
    {
        string path = Of(request);
        if (!path.StartsWith(beginning, StringComparison.Ordinal)) return null;
        string[] parts = [.. path[beginning.Length..].Split('/').Select(Uri.UnescapeDataString)];
        return parts.All(part => part.Length > 0 && part is not ("." or "..") && part.AsSpan().IndexOfAny('/', '\\', '\0') < 0)
            ? string.Join('/', parts) : null;
    }
}
