using System.Text.Json.Serialization;
using Fovea.Explorer.Jobs;
using Fovea.Explorer.Live;
using Fovea.Explorer.Server;
using Fovea.Interventions.Studies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Explorer.Accuracy;

/// <summary>An order under <c>/api</c>.</summary>
/// <param name="Job">Where it stands.</param>
/// <param name="Effect">What the changes do; null until it is done.</param>
internal sealed record ApiAccuracy(Job<AccuracyOrder> Job, ChangesResult? Effect)
{
    [JsonPropertyOrder(-1)]
    public int Schema => 1;

    public static ApiAccuracy Of(Job<AccuracyOrder> job) => new(job, AccuracyFeature.Effect(job));
}

/// <summary>All orders under <c>/api</c>.</summary>
/// <param name="Accuracies">The newest first.</param>
internal sealed record ApiAccuracies(IReadOnlyList<ApiAccuracy> Accuracies)
{
    [JsonPropertyOrder(-1)]
    public int Schema => 1;
}

/// <summary>
/// What a reader's changes do to the accuracy over all validation images of the run: measured by <c>fovea steer</c> in the background, shown
/// on the page of the image that is steered.
/// </summary>
internal sealed class AccuracyFeature : IExplorerFeature
{
    private const string Expected = "The body is no order: JSON with layer, source, steer, and if wanted error, images.";

    public void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context)
    {
        var queue = context.Add(new AccuracyQueue(context));
        pages.MapPost("/accuracy", http => OrderAsync(http, context, queue));
        pages.MapPost("/accuracy/{id}/cancel", http => CancelAsync(http, context, queue));
        api.MapGet("/accuracy", http => Answers.JsonAsync(http, new ApiAccuracies([.. queue.All().Select(ApiAccuracy.Of)])));
        api.MapGet("/accuracy/{id}", http => OneAsync(http, queue.Find(Id(http))));
        api.MapDelete("/accuracy/{id}", http => queue.Refusal is { } refusal
            ? Answers.ProblemAsync(http, StatusCodes.Status403Forbidden, refusal) : OneAsync(http, queue.Cancel(Id(http))));
        api.MapPost("/accuracy", async http =>
        {
            if (queue.Refusal is { } refusal)
            {
                await Answers.ProblemAsync(http, StatusCodes.Status403Forbidden, refusal);
                return;
            }
            if (!http.Request.HasJsonContentType()) throw FoveaException.BadConfiguration(Expected);
            AccuracyOrder order = await RequestBody.JsonAsync<AccuracyOrder>(http, Expected);
            await Answers.JsonAsync(http, ApiAccuracy.Of(queue.Add(order.Stamped(context.Run.Contents))), StatusCodes.Status202Accepted);
        });
    }

    /// <summary>What an order found; null until it is done.</summary>
    public static ChangesResult? Effect(Job<AccuracyOrder> job) => job.State == JobState.Done ? ChangesResult.OfDocument(job.Output) : null;

    private static async Task OrderAsync(HttpContext http, ExplorerContext context, AccuracyQueue queue)
    {
        if (queue.Refusal is { } refusal)
        {
            await context.MessageAsync(http, StatusCodes.Status403Forbidden, refusal);
            return;
        }
        IFormCollection form = await RequestBody.FormAsync(http);
        var order = new AccuracyOrder
        {
            Layer = form[ImageState.LayerWord].ToString(),
            Source = form[ImageState.SourceWord].ToString(),
            Steer = form[ImageState.SteerWord].ToString(),
            Error = form[ImageState.ErrorWord].ToString(),
        };
        try
        {
            queue.Add(order.Stamped(context.Run.Contents));
        }
        catch (FoveaException e)
        {
            await context.MessageAsync(http, Answers.StatusOf(e), e.Message);
            return;
        }
        Back(http, form);
    }

    private static async Task CancelAsync(HttpContext http, ExplorerContext context, AccuracyQueue queue)
    {
        if (queue.Refusal is { } refusal) await context.MessageAsync(http, StatusCodes.Status403Forbidden, refusal);
        else if (queue.Cancel(Id(http)) is null) await context.MessageAsync(http, StatusCodes.Status404NotFound, "There is no such order.");
        else Back(http, await RequestBody.FormAsync(http));
    }

    /// <summary>To the page of the image, by a GET that can be repeated; its state is written anew, whatever a form says.</summary>
    private static void Back(HttpContext http, IFormCollection form)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location =
            Links.OnServer().In(ImagePage.Place(form["image"].ToString()), ImagePage.StateOf(form["state"].ToString())) + "#accuracy";
    }

    private static Task OneAsync(HttpContext http, Job<AccuracyOrder>? job) => job is null
        ? Answers.ProblemAsync(http, StatusCodes.Status404NotFound, "There is no such order.") : Answers.JsonAsync(http, ApiAccuracy.Of(job));

    private static string Id(HttpContext http) => http.Request.RouteValues["id"] as string ?? "";
}
