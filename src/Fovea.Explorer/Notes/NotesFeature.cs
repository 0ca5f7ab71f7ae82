using System.Globalization;
using Fovea.Explorer.Components;
using Fovea.Explorer.Server;
using Fovea.Runs.Notes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Explorer.Notes;

/// <summary>Notes on units: a form on each unit's page, a page of all of them, tables out and in.</summary>
internal sealed class NotesFeature : IExplorerFeature
{
    /// <summary>Most bytes of one note as it is sent: each letter may come as an escape.</summary>
    private const int MostOfNote = 256 << 10;

    /// <summary>Most bytes of a table that is taken in.</summary>
    private const int MostOfTable = 64 << 20;

    internal const string Newer = "This note was changed since you opened it, in another tab or by somebody else. The newer one stayed; yours is below.";

    public IReadOnlyList<NavigationEntry> Navigation => [new("Notes", NotesPage.Address)];

    public IReadOnlyList<PagePanel> Panels => [new(PageKind.Feature, typeof(NotePanel))];

    public IReadOnlyList<string> Scripts => ["notes.js"];

    public void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context)
    {
        NoteShelf shelf = context.Add(new NoteShelf(context.Options.Run));
        pages.MapGet("/notes", http => context.PageAsync<NotesPage>(http, NotesPage.Address));
        pages.MapGet("/notes/notes.csv", http => FileAsync(http, "text/csv; charset=utf-8", NoteTable.Text(shelf.Notes.All())));
        pages.MapGet("/notes/notes.json", http => FileAsync(http, "application/json; charset=utf-8", NoteTable.Json(shelf.Notes.All())));
        pages.MapGet("/notes/{**unit}", http => PageAsync(http, context));
        pages.MapPost("/notes", http => ImportAsync(http, context, shelf));
        pages.MapPost("/notes/{**unit}", http => FormAsync(http, context, shelf));
        api.MapGet("/notes", http => Answers.JsonAsync(http, new NotesDocument(shelf.Notes.All())));
        api.MapPut("/notes/{**unit}", http => ChangeAsync(http, context, shelf));
    }

    /// <summary>Where a unit's note is changed, with or without a script: its own address below this one.</summary>
    public static string Action(PageAddress unit) => "/notes" + Links.OnServer().To(unit);

    private static Task PageAsync(HttpContext http, ExplorerContext context) =>
        PageAddress.Parse(RequestPath.Of(http.Request)["/notes".Length..]) is { } unit && context.Run.Contents.Unit(unit) is not null
            ? context.PageAsync<NotePage>(http, PageAddress.Served(["notes", .. unit.Segments]), (nameof(NotePage.Unit), unit))
            : context.MessageAsync(http, StatusCodes.Status404NotFound, "That is no unit of this run.");

    private static async Task ChangeAsync(HttpContext http, ExplorerContext context, NoteShelf shelf)
    {
        if (await UnitAsync(http, context, "/api/notes") is not { } unit) return;
        Limit(http, MostOfNote);
        NoteChange change = await RequestBody.JsonAsync<NoteChange>(
            http, "A note is a JSON object with revision, name, tags, rating, hidden, text.");
        NoteSave saved = Save(shelf, change.Of(unit), http.RequestAborted);
        await Answers.JsonAsync(http, new NoteAnswer(saved.Kept, saved.Saved ? null : Newer),
            saved.Saved ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
    }

    /// <summary>The form without a script: back to the unit, or to both notes where a newer one stayed.</summary>
    private static async Task FormAsync(HttpContext http, ExplorerContext context, NoteShelf shelf)
    {
        if (await UnitAsync(http, context, "/notes") is not { } unit) return;
        Limit(http, MostOfNote);
        IFormCollection form = await RequestBody.FormAsync(http, MostOfNote);
        UnitNote note = new NoteChange
        {
            Revision = Number(form["revision"]) ?? 0,
            Name = form["name"],
            Tags = form["tags"].ToString().Split(';'),
            Rating = Number(form["rating"]),
            Hidden = form["hidden"] == "on",
            Text = form["text"],
            Author = form["author"],
            Written = form["written"],
        }.Of(unit);
        NoteSave saved = Save(shelf, note, http.RequestAborted);
        if (saved.Saved)
        {
            http.Response.StatusCode = StatusCodes.Status303SeeOther;
            http.Response.Headers.Location = Links.OnServer().To(unit, NotePanel.Anchor);
            return;
        }
        await context.PageAsync<NoteConflictPage>(http, PageAddress.Served("notes", "conflict"),
            (nameof(NoteConflictPage.Unit), unit), (nameof(NoteConflictPage.Kept), saved.Kept), (nameof(NoteConflictPage.Own), note.Tidy()));
    }

    private static async Task ImportAsync(HttpContext http, ExplorerContext context, NoteShelf shelf)
    {
        if (!await MayWriteAsync(http, context)) return;
        Limit(http, MostOfTable);
        if (await RequestBody.FormAsync(http, MostOfTable) is not { Files: [{ } file] } form)
        {
            await context.MessageAsync(http, StatusCodes.Status400BadRequest, "Choose one file of notes, CSV or JSON.");
            return;
        }
        using var text = new MemoryStream();
        await file.CopyToAsync(text, http.RequestAborted);
        IReadOnlyList<UnitNote> notes = NoteTable.Parse(text.ToArray(), "the file");
        NoteImport done = shelf.Notes.Import(notes, form["replace"] == "on", http.RequestAborted);
        shelf.Renew();
        await context.PageAsync<NotesPage>(http, NotesPage.Address, (nameof(NotesPage.Imported), done));
    }

    private static NoteSave Save(NoteShelf shelf, UnitNote note, CancellationToken ct)
    {
        NoteSave saved = shelf.Notes.Save(note, ct);
        shelf.Renew();
        return saved;
    }

    /// <summary>The unit whose address stands below a beginning; else the request has been answered.</summary>
    private static async Task<PageAddress?> UnitAsync(HttpContext http, ExplorerContext context, string beginning)
    {
        if (!await MayWriteAsync(http, context)) return null;
        if (PageAddress.Parse(RequestPath.Of(http.Request)[beginning.Length..]) is { Kind: PageKind.Feature } unit) return unit;
        await context.MessageAsync(http, StatusCodes.Status404NotFound, "That is no unit of this run.");
        return null;
    }

    private static async Task<bool> MayWriteAsync(HttpContext http, ExplorerContext context)
    {
        if (!context.ReadOnly) return true;
        await context.MessageAsync(http, StatusCodes.Status403Forbidden, "This explorer was started with --read-only: notes cannot be changed.");
        return false;
    }

    private static void Limit(HttpContext http, long bytes)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = bytes;
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static Task FileAsync(HttpContext http, string type, string text)
    {
        http.Response.ContentType = type;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{Path.GetFileName(http.Request.Path)}\"";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
