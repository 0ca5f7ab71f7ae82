using System.Globalization;
using Fovea.Explorer.Components;
using Fovea.Explorer.Live;
using Fovea.Explorer.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Explorer.Jobs;

/// <summary>An order under <c>/api</c>.</summary>
/// <param name="Job">Where it stands.</param>
/// <param name="Page">The page of its unit.</param>
/// <param name="Pictures">Where its pictures are once it is done.</param>
internal sealed record ApiPicture(Job<PictureOrder> Job, string Page, IReadOnlyList<string> Pictures)
{
    public int Schema => 1;

    public static ApiPicture Of(Job<PictureOrder> job)
    {
        Links links = Links.OnServer();
        return new ApiPicture(
            job, links.To(job.Order.Page), job.State == JobState.Done ? [.. job.Order.Files.Select(links.Picture)] : []);
    }
}

/// <summary>All orders under <c>/api</c>.</summary>
/// <param name="Pictures">The newest first.</param>
internal sealed record ApiPictures(IReadOnlyList<ApiPicture> Pictures)
{
    public int Schema => 1;
}

/// <summary>Pictures on demand: orders from pages and programs, where each stands, and their end.</summary>
internal sealed class PictureFeature : IExplorerFeature
{
    public IReadOnlyList<NavigationEntry> Navigation => [new("Orders", Page)];

    public IReadOnlyList<PagePanel> Panels => [new(PageKind.Feature, typeof(PicturePanel))];

    /// <summary>The page of all orders.</summary>
    public static PageAddress Page { get; } = PageAddress.Served("pictures");

    public void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context)
    {
        var queue = context.Add(new PictureQueue(context));
        pages.MapGet("/pictures", http => context.PageAsync<OrdersPage>(http, Page));
        pages.MapPost("/pictures", http => OrderAsync(http, context, queue));
        pages.MapPost("/pictures/change", http => ChangeAsync(http, context, queue));
        pages.MapPost("/pictures/{id}/cancel", http => CancelAsync(http, context, queue));
        api.MapGet("/pictures", http => Answers.JsonAsync(http, new ApiPictures([.. queue.All().Select(ApiPicture.Of)])));
        api.MapGet("/pictures/{id}", http => OneAsync(http, queue.Find(Id(http))));
        api.MapPost("/pictures", async http =>
        {
            if (queue.Refusal is { } refusal) await Answers.ProblemAsync(http, StatusCodes.Status403Forbidden, refusal);
            else if (await ReadAsync(http) is { } order)
                await Answers.JsonAsync(http, ApiPicture.Of(queue.Add(await CompletedAsync(order, context, http.RequestAborted))), StatusCodes.Status202Accepted);
            else await Answers.ProblemAsync(http, StatusCodes.Status400BadRequest, "The body is no order: JSON with layer, source, unit, or class, and if wanted changes, error, preset, size, steps, seed, replicas.");
        });
        api.MapDelete("/pictures/{id}", http => queue.Refusal is { } refusal
            ? Answers.ProblemAsync(http, StatusCodes.Status403Forbidden, refusal) : OneAsync(http, queue.Cancel(Id(http))));
    }

    private static async Task OrderAsync(HttpContext http, ExplorerContext context, PictureQueue queue)
    {
        if (queue.Refusal is { } refusal)
        {
            await context.MessageAsync(http, StatusCodes.Status403Forbidden, refusal);
            return;
        }
        IFormCollection form = await RequestBody.FormAsync(http);
        PictureOrder order;
        try
        {
            order = OfForm(form);
            queue.Add(order);
        }
        catch (FoveaException e)
        {
            await context.MessageAsync(http, Answers.StatusOf(e), e.Message);
            return;
        }
        // Not back to the form's own address: what was ordered is asked for by a GET, which can be repeated.
        string state = Galleries.GalleryQuery.Parse(form["state"].ToString()).ToString();
        SeeOther(http, Links.OnServer().In(order.Page, state) + "#pictures");
    }

    /// <summary>A class in the network with changes and without them, from the page of an image and back to it.</summary>
    private static async Task ChangeAsync(HttpContext http, ExplorerContext context, PictureQueue queue)
    {
        if (queue.Refusal is { } refusal)
        {
            await context.MessageAsync(http, StatusCodes.Status403Forbidden, refusal);
            return;
        }
        IFormCollection form = await RequestBody.FormAsync(http);
        try
        {
            var order = new PictureOrder
            {
                Class = (int?)Number(form, "class", int.MaxValue) ?? throw FoveaException.BadConfiguration("class is missing."),
                Changes = form["changes"].ToString(),
                Error = form[ImageState.ErrorWord].ToString(),
                From = form["image"].ToString(),
            };
            foreach (PictureOrder one in (PictureOrder[])[order with { Changes = "" }, order])
                queue.Add(await CompletedAsync(one, context, http.RequestAborted));
        }
        catch (FoveaException e)
        {
            await context.MessageAsync(http, Answers.StatusOf(e), e.Message);
            return;
        }
        SeeOther(http, Links.OnServer().In(ImagePage.Place(form["image"].ToString()), ImagePage.StateOf(form["state"].ToString())) + "#change-picture");
    }

    private static async Task<PictureOrder> CompletedAsync(PictureOrder order, ExplorerContext context, CancellationToken cancellation) =>
        order.Class is null ? order : order.With((await context.Get<LiveModel>().FactsAsync(cancellation)).Head);

    private static Task CancelAsync(HttpContext http, ExplorerContext context, PictureQueue queue)
    {
        if (queue.Refusal is { } refusal) return context.MessageAsync(http, StatusCodes.Status403Forbidden, refusal);
        if (queue.Cancel(Id(http)) is not { } job) return context.MessageAsync(http, StatusCodes.Status404NotFound, "There is no such order.");
        SeeOther(http, Links.OnServer().To(job.Order.Page) + "#pictures");
        return Task.CompletedTask;
    }

    private static Task OneAsync(HttpContext http, Job<PictureOrder>? job) => job is null
        ? Answers.ProblemAsync(http, StatusCodes.Status404NotFound, "There is no such order.") : Answers.JsonAsync(http, ApiPicture.Of(job));

    private static async Task<PictureOrder?> ReadAsync(HttpContext http)
    {
        if (!http.Request.HasJsonContentType()) return null;
        try
        {
            return await http.Request.ReadFromJsonAsync<PictureOrder>(DocumentJson.Options, http.RequestAborted);
        }
        catch (Exception e) when (e is not (OperationCanceledException or BadHttpRequestException))
        {
            // Whatever the body is, it is none.
            return null;
        }
    }

    private static PictureOrder OfForm(IFormCollection form) => new()
    {
        Layer = form["layer"].ToString(),
        Source = form["source"].ToString(),
        Unit = (int)(Number(form, "unit", int.MaxValue) ?? throw FoveaException.BadConfiguration("unit is missing.")),
        Preset = form["preset"].ToString(),
        Size = (int?)Number(form, "size", int.MaxValue),
        Steps = (int?)Number(form, "steps", int.MaxValue),
        Seed = Number(form, "seed", ulong.MaxValue),
        Replicas = (int?)Number(form, "replicas", int.MaxValue),
    };

    private static ulong? Number(IFormCollection form, string name, ulong most)
    {
        string text = form[name].ToString().Trim();
        if (text.Length == 0) return null;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number <= most
            ? number : throw FoveaException.BadConfiguration($"{name} must be a whole number of at least 0.");
    }

    private static string Id(HttpContext http) => http.Request.RouteValues["id"] as string ?? "";

    private static void SeeOther(HttpContext http, string place)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = place;
    }
}
