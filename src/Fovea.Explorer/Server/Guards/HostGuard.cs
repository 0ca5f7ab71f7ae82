using Microsoft.AspNetCore.Http;

namespace Fovea.Explorer.Server.Guards;

/// <summary>
/// Answers only to its own names. A foreign name in <c>Host</c> means that some name of the network leads here: by it a page of that name
/// could read what is served (DNS rebinding).
/// </summary>
internal static class HostGuard
{
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        string host = http.Request.Headers.Host.ToString();
        return IsOwn(host, http.Connection.LocalPort) ? next(http) : Answers.RefuseAsync(
            http, StatusCodes.Status421MisdirectedRequest,
            "This explorer answers to 127.0.0.1, localhost and [::1] with its own port only. Open the address that fovea explore printed.");
    }

    /// <summary>Whether a <c>Host</c> header, or what follows the scheme of an origin, names this server.</summary>
    public static bool IsOwn(string host, int port) =>
        host == $"127.0.0.1:{port}" || host.Equals($"localhost:{port}", StringComparison.OrdinalIgnoreCase) || host == $"[::1]:{port}";
}
