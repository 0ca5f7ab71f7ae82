using Microsoft.AspNetCore.Http;

namespace Fovea.Explorer.Server;

/// <summary>What is said under <c>/api</c> in place of an answer.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">What is wrong and what to do about it.</param>
internal sealed record ApiProblem(int Status, string Error)
{
    public int Schema => 1;
}

/// <summary>Bodies of answers.</summary>
internal static class Answers
{
    /// <summary>Whether a request is for JSON.</summary>
    public static bool IsApi(HttpRequest request) => request.Path.StartsWithSegments("/api");

    /// <summary>A page.</summary>
    public static async Task HtmlAsync(HttpContext http, int status, string html)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(html.ReplaceLineEndings("\n"), http.RequestAborted);
    }

    /// <summary>A record as JSON; its first member is <c>schema</c>.</summary>
    public static Task JsonAsync<T>(HttpContext http, T document, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(document, DocumentJson.Options, http.RequestAborted);
    }

    /// <summary>A sentence as JSON.</summary>
    public static Task ProblemAsync(HttpContext http, int status, string sentence) =>
        JsonAsync(http, new ApiProblem(status, sentence), status);

    /// <summary>A sentence to somebody who may see nothing of the run.</summary>
    public static Task RefuseAsync(HttpContext http, int status, string sentence)
    {
        if (IsApi(http.Request)) return ProblemAsync(http, status, sentence);
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(sentence + "\n", http.RequestAborted);
    }

    /// <summary>The status that a failure is told with.</summary>
    public static int StatusOf(FoveaException failure) => failure.Kind switch
    {
        FailureKind.Configuration => StatusCodes.Status400BadRequest,
        FailureKind.Data => StatusCodes.Status422UnprocessableEntity,
        FailureKind.Resource => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
