using Microsoft.AspNetCore.Http;

namespace Fovea.Explorer.Server.Guards;

/// <summary>Whatever goes wrong is a sentence: never a stack trace, never half an answer.</summary>
/// <param name="context">Says it.</param>
/// <param name="log">Gets what a person at the terminal should see.</param>
internal sealed class Failures(ExplorerContext context, Action<string>? log)
{
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound, ContentType: null })
                await context.MessageAsync(http, StatusCodes.Status404NotFound, "There is no such page.");
            else if (http.Response is { HasStarted: false, StatusCode: StatusCodes.Status405MethodNotAllowed, ContentType: null })
                await context.MessageAsync(http, StatusCodes.Status405MethodNotAllowed, "This address does not take that method.");
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested || context.Stopping.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        catch (BadHttpRequestException e)
        {
            await SayAsync(http, e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? "This is more than the explorer takes." : "This request cannot be read.");
        }
        catch (FoveaException e)
        {
            // Features alone throw these: whoever hears it has been let in, and gets a page to go on from.
            await SayAsync(http, Answers.StatusOf(e), e.Message, page: true);
        }
        catch (Exception e)
        {
            log?.Invoke($"{http.Request.Method} {http.Request.Path}: {e.GetType().Name}: {e.Message}");
            await SayAsync(http, StatusCodes.Status500InternalServerError,
                $"This is a bug of Fovea ({e.GetType().Name}). The terminal of fovea explore says more.");
        }
    }

    private async Task SayAsync(HttpContext http, int status, string sentence, bool page = false)
    {
        if (http.Response.HasStarted)
        {
            // What was begun cannot be taken back; cut off, it is at least not taken for whole.
            http.Abort();
            return;
        }
        http.Response.Headers.Remove("Content-Length");
        sentence = sentence.Replace(context.Run.Reader.Name, "RUN", StringComparison.Ordinal);
        try
        {
            if (page)
            {
                await context.MessageAsync(http, status, sentence);
                return;
            }
        }
        catch (FoveaException) when (!http.Response.HasStarted)
        {
            // Reading the run is what fails.
        }
        await Answers.RefuseAsync(http, status, sentence);
    }
}
