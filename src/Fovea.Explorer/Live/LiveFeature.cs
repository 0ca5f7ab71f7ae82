using System.Text.Json.Serialization;
using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Explorer.Server;
using Fovea.Imaging;
using Fovea.Interpretation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Explorer.Live;

/// <summary>Own images in the run's network, and what it answers when units are changed.</summary>
internal sealed class LiveFeature : IExplorerFeature
{
    private const int MostListed = 500, Listed = 40, MostOfCell = 32, OfCell = 8, Predicted = 10, Compared = 5;

    private static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>The bounds of own images.</summary>
    public LiveLimits Limits { get; init; } = new();

    public IReadOnlyList<NavigationEntry> Navigation => [new("Images", ImagesPage.Place)];

    public IReadOnlyList<string> Styles => ["live.css"];

    public IReadOnlyList<PagePanel> Panels => [new(PageKind.Feature, typeof(OnImagesPanel))];

    public void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context)
    {
        LiveModel model = context.Add(new LiveModel(context.Options.Run, Limits, context.Options.Images));
        pages.MapMethods("/x", Reads, http => ImagesAsync(http, context, model));
        pages.MapPost("/x", http => UploadAsync(http, model, answers: false));
        pages.MapMethods("/x/{image}", Reads, http => PageAsync(http, context, model));
        foreach (string source in (string[])["/l/{layer}", "/l/{layer}/s/{source}"])
            pages.MapMethods($"{source}/f/{{unit}}/{ShownImages.StrongestFile}", Reads, http => StrongestAsync(http, context, model));
        api.MapPost("/images", http => UploadAsync(http, model, answers: true));
        api.MapMethods("/x", Reads, async http => await Answers.JsonAsync(http, new ImageList(
            [.. model.Own.All.Select(one => new ImageEntry(one.Id, one.Name, one.ClassName))],
            await model.RunImagesAsync(http.RequestAborted))));
        api.MapMethods("/x/{image}", Reads, http => OfAsync(http, context, model, async image => await Answers.JsonAsync(
            http, new ImageAnswer(image.Id, image.Name, image.ClassName, (await model.FactsAsync(http.RequestAborted)).Layers,
                await model.PredictAsync(image, Predicted, http.RequestAborted)))));
        api.MapMethods("/x/{image}/picture", Reads, http => PictureAsync(http, context, model));
        api.MapMethods("/x/{image}/units", Reads, http => StateAsync(http, context, model, async (image, state) => await Answers.JsonAsync(
            http, await model.UnitsAsync(image, state.Layer, state.Source, state.Class, Count(http, Listed, MostListed), state.ByShare,
                http.RequestAborted))));
        api.MapMethods("/x/{image}/grid", Reads, http => StateAsync(http, context, model, async (image, state) => await Answers.JsonAsync(
            http, await model.GridAsync(image, state.Layer, state.Source, Count(http, OfCell, MostOfCell), http.RequestAborted))));
        api.MapMethods("/x/{image}/heat", Reads, http => StateAsync(http, context, model, async (image, state) => await Answers.JsonAsync(
            http, await model.HeatAsync(image, state.Layer, state.Source, Unit(state), http.RequestAborted))));
        api.MapMethods("/x/{image}/heat.png", Reads, http => StateAsync(http, context, model, async (image, state) =>
        {
            UnitHeat heat = await model.HeatAsync(image, state.Layer, state.Source, Unit(state), http.RequestAborted);
            await PngAsync(http, HeatOverlay.Draw(image.Seen, [.. heat.Values], heat.Rows, heat.Columns));
        }));
        api.MapMethods("/x/{image}/compare", Reads, http => StateAsync(http, context, model, async (image, state) =>
        {
            var (neurons, latents) = await model.CompareAsync(image, state.Layer, state.Source, Compared, http.RequestAborted);
            await Answers.JsonAsync(http, new ComparedAnswer(neurons, latents));
        }));
        api.MapMethods("/x/{image}/steer", Reads, http => StateAsync(http, context, model, async (image, state) =>
            await Answers.JsonAsync(http, await SteerAsync(http, context, model, image, state, state.Steering))));
        api.MapPost("/x/{image}/steer", http => StateAsync(http, context, model, async (image, state) => await Answers.JsonAsync(
            http, await SteerAsync(http, context, model, image, state, await SteerBody.ReadAsync(http, state)))));
    }

    private static async Task ImagesAsync(HttpContext http, ExplorerContext context, LiveModel model) =>
        await context.PageAsync<ImagesPage>(http, ImagesPage.Place,
            (nameof(ImagesPage.Images), model.Own.All), (nameof(ImagesPage.OfRun), await model.RunImagesAsync(http.RequestAborted)),
            (nameof(ImagesPage.Limits), model.Own.Limits));

    private static async Task UploadAsync(HttpContext http, LiveModel model, bool answers)
    {
        var (file, name) = await Uploads.ReadAsync(http, model.Own.Limits);
        OwnImage image = await model.AddAsync(file, name, http.RequestAborted);
        string address = "/x/" + image.Id;
        if (answers)
        {
            await Answers.JsonAsync(http, new ImageAdded(image.Id, image.Name, address), StatusCodes.Status201Created);
            return;
        }
        // A form without script: the image's page is read, so that going back and forth sends nothing again.
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = address;
    }

    private static async Task PageAsync(HttpContext http, ExplorerContext context, LiveModel model)
    {
        if (await FindAsync(http, model) is not { } image)
        {
            await context.MessageAsync(http, StatusCodes.Status404NotFound, Gone);
            return;
        }
        var view = await ImageView.OfAsync(image, http.Request.Query, context.Run.Contents, model, http.RequestAborted);
        await context.PageAsync<ImagePage>(http, ImagePage.Place(image.Id), (nameof(ImagePage.View), view));
    }

    private static async Task StateAsync(
        HttpContext http, ExplorerContext context, LiveModel model, Func<OwnImage, ImageState, Task> answer) =>
        await OfAsync(http, context, model, async image =>
            await answer(image, ImageState.Of(http.Request.Query, await model.FactsAsync(http.RequestAborted))));

    private static async Task OfAsync(HttpContext http, ExplorerContext context, LiveModel model, Func<OwnImage, Task> answer)
    {
        if (await FindAsync(http, model) is { } image) await answer(image);
        else await context.MessageAsync(http, StatusCodes.Status404NotFound, Gone);
    }

    private const string Gone = "This image is not here, or no longer: own images live in memory until the explorer ends. Bring it again.";

    /// <summary>An image as the network sees it. Pages of units show many of the run's: they are not images of this sitting for that.</summary>
    private static async Task PictureAsync(HttpContext http, ExplorerContext context, LiveModel model)
    {
        string id = http.Request.RouteValues["image"] as string ?? "";
        RgbImage? seen = model.Own.Find(id)?.Seen;
        if (seen is null && OwnImages.RunNumber(id) is { } number && context.Run.Contents.Model.Document is { } network)
            seen = await model.SeenAsync(number, ShownImages.PreprocessingOf(network), http.RequestAborted);
        if (seen is not null) await PngAsync(http, seen);
        else await context.MessageAsync(http, StatusCodes.Status404NotFound, Gone);
    }

    /// <summary>The image of the run that drives a unit most: galleries show it of units that have no picture.</summary>
    private static async Task StrongestAsync(HttpContext http, ExplorerContext context, LiveModel model)
    {
        RunContents run = context.Run.Contents;
        string path = RequestPath.Of(http.Request);
        if (PageAddress.Parse(path[..path.LastIndexOf('/')]) is { } address && run.Unit(address) is var (_, unit)
            && unit.Top.FirstOrDefault() is { } example && run.Model.Document is { } network)
        {
            // The same as long as the run is: a gallery that is come back to asks, and is told so.
            if (RunFeature.IsKnown(http, $"\"{context.Run.Version}-{example.Row.ImageIndex}\"")) return;
            if (await model.SeenAsync(example.Row.ImageIndex, ShownImages.PreprocessingOf(network), http.RequestAborted) is { } seen)
            {
                await PngAsync(http, seen);
                return;
            }
        }
        await Answers.RefuseAsync(http, StatusCodes.Status404NotFound, "There is no such image.");
    }

    private static async Task<OwnImage?> FindAsync(HttpContext http, LiveModel model) =>
        http.Request.RouteValues["image"] is string id ? await model.FindAsync(id, http.RequestAborted) : null;

    private static Task<SteerOutcome> SteerAsync(
        HttpContext http, ExplorerContext context, LiveModel model, OwnImage image, ImageState state, Steering steering)
    {
        var run = context.Run.Contents;
        return model.SteerAsync(
            image, steering, (state.Layer, state.Source), edit => UnitMeasures.Of(run, edit), state.Class, http.RequestAborted);
    }

    private static int Unit(ImageState state) =>
        state.Unit ?? throw FoveaException.BadConfiguration("Which unit? Give its number: ?unit=12.");

    private static int Count(HttpContext http, int usual, int most)
    {
        string? word = http.Request.Query["most"];
        if (string.IsNullOrEmpty(word)) return usual;
        return int.TryParse(word, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int count)
            && count >= 1 && count <= most ? count : throw FoveaException.BadConfiguration($"'most' must be a number from 1 to {most}.");
    }

    private static async Task PngAsync(HttpContext http, RgbImage picture)
    {
        byte[] png = ImageCodec.EncodePng(picture);
        http.Response.ContentType = "image/png";
        http.Response.ContentLength = png.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(png, http.RequestAborted);
    }

    /// <summary>An image in a list.</summary>
    private sealed record ImageEntry(string Id, string Name, string? ClassName);

    /// <summary>The images of this sitting, and how many the run has.</summary>
    private sealed record ImageList(IReadOnlyList<ImageEntry> Images, int OfRun)
    {
        [JsonPropertyOrder(-1)]
        public int Schema => 1;
    }

    /// <summary>An image that was taken.</summary>
    private sealed record ImageAdded(string Id, string Name, string Address)
    {
        [JsonPropertyOrder(-1)]
        public int Schema => 1;
    }

    /// <summary>An image, its prediction, and what can be asked of it.</summary>
    private sealed record ImageAnswer(
        string Id, string Name, string? ClassName, IReadOnlyList<LiveLayer> Layers, IReadOnlyList<ClassScore> Predictions)
    {
        [JsonPropertyOrder(-1)]
        public int Schema => 1;
    }

    /// <summary>Neurons against latents.</summary>
    private sealed record ComparedAnswer(SourceOnImage Neurons, SourceOnImage Latents)
    {
        [JsonPropertyOrder(-1)]
        public int Schema => 1;
    }
}
