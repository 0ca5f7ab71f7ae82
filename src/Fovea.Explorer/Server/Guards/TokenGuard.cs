using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;

namespace Fovea.Explorer.Server.Guards;

/// <summary>
/// Lets in who knows the token: by the first address, which makes it a cookie of the browser, or by <c>Authorization: Bearer</c>. Other users
/// of the machine can reach the port as well.
/// </summary>
internal sealed class TokenGuard
{
    /// <summary>The token in the first address.</summary>
    public const string Parameter = "token";

    private const string Scheme = "Bearer ";

    private readonly byte[] _hash;
    private readonly string _token;

    public TokenGuard(string? given)
    {
        _token = given ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        _hash = HashOf(_token);
    }

    /// <summary>The first address of a server.</summary>
    public string FirstAddress(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/?{Parameter}={_token}");

    /// <summary>Whether a request carries a token itself, right or wrong.</summary>
    public static bool HasHeader(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Scheme, StringComparison.Ordinal);

    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        HttpRequest request = http.Request;
        // Cookies do not know ports: one name for all explorers of a machine would let each lock the others out.
        string cookie = string.Create(CultureInfo.InvariantCulture, $"fovea-{http.Connection.LocalPort}");
        if (HttpMethods.IsGet(request.Method) && request.Query.TryGetValue(Parameter, out var given) && Knows(given.ToString()))
        {
            http.Response.Cookies.Append(
                cookie, _token, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true });
            return EnterAsync(http);
        }
        if ((HasHeader(request) && Knows(request.Headers.Authorization.ToString()[Scheme.Length..])) || Knows(request.Cookies[cookie]))
            return next(http);
        return Answers.RefuseAsync(
            http, StatusCodes.Status401Unauthorized,
            "This explorer does not know your browser. Open the whole address that fovea explore printed, with its token.");
    }

    /// <summary>The same address without the token, which would stay in the browser's history and its bar.</summary>
    private static Task EnterAsync(HttpContext http)
    {
        HttpRequest request = http.Request;
        string rest = string.Join('&', (request.QueryString.Value ?? "").TrimStart('?').Split('&')
            .Where(part => part.Length > 0 && part.Split('=')[0] != Parameter));
        // Two slashes at the beginning would name another machine.
        string place = "/" + request.Path.ToUriComponent().TrimStart('/', '\\') + (rest.Length > 0 ? "?" + rest : "");
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            // A browser that follows a link of another page sends no strict cookie along the way on; from a page of our own it does.
            string safe = HtmlEncoder.Default.Encode(place);
            return Answers.HtmlAsync(http, StatusCodes.Status200OK,
                $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Fovea</title>"
                    + $"<meta http-equiv=\"refresh\" content=\"0;url={safe}\"></head><body><p><a href=\"{safe}\">Open the explorer</a></p></body></html>");
        }
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = place;
        return Task.CompletedTask;
    }

    /// <summary>In a time that says nothing of how much of it is right.</summary>
    private bool Knows(string? token) => token is not null && CryptographicOperations.FixedTimeEquals(HashOf(token), _hash);

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
