using System.Text;
using Fovea.Explorer.RunFiles;

namespace Fovea.Explorer;

/// <summary>
/// Makes the static report of a run folder: pages, style and copies of the pictures they show, in <c>RUN/report</c>. It opens from
/// <c>file://</c>, asks nothing of a network and can be moved as one folder. The same run folder gives the same bytes.
/// </summary>
public static class ReportBuilder
{
    /// <summary>Builds the report; one that is there is replaced only when the new one is whole.</summary>
    /// <param name="runFolder">The run folder; parts that are absent are left out.</param>
    /// <param name="cancellationToken">Stops the work; the old report, if any, stays.</param>
    /// <returns>The path of the report's first page, <c>RUN/report/index.html</c>.</returns>
    /// <exception cref="FoveaException">The folder does not exist (data), or the report cannot be written (resource).</exception>
    public static async Task<string> BuildAsync(string runFolder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runFolder);
        string run = Path.GetFullPath(runFolder), report = Path.Combine(run, "report"), making = report + ".partial";
        RunContents contents = await RunContents.ReadAsync(run, cancellationToken);
        try
        {
            if (Directory.Exists(making)) Directory.Delete(making, recursive: true);
            await WriteAsync(contents, making, cancellationToken);
            if (Directory.Exists(report)) Directory.Delete(report, recursive: true);
            Directory.Move(making, report);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.OutOfResource($"Cannot write the report in {report}: {e.Message} Free some disk space or close programs that hold its files.", e);
        }
        return Path.Combine(report, "index.html");
    }

    private static async Task WriteAsync(RunContents contents, string folder, CancellationToken ct)
    {
        var media = new SortedSet<string>(StringComparer.Ordinal);
        await using (var renderer = new PageRenderer(contents))
        {
            foreach (PageAddress page in renderer.Pages)
            {
                ct.ThrowIfCancellationRequested();
                var links = Links.InFiles(page);
                string html = await renderer.RenderAsync(page, links) ?? throw new InvalidOperationException($"No page for {Links.FileOf(page)}.");
                await WriteTextAsync(Path.Combine(folder, Links.FileOf(page)), html, ct);
                media.UnionWith(links.Media);
            }
        }
        foreach (string name in Resources.Assets) await WriteTextAsync(Path.Combine(folder, "assets", name), Resources.Text(name), ct);
        foreach (string picture in media)
        {
            ct.ThrowIfCancellationRequested();
            string target = Path.Combine(folder, "media", picture);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(contents.Folder, picture), target, overwrite: true);
        }
    }

    private static Task WriteTextAsync(string path, string text, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.WriteAllBytesAsync(path, Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")), ct);
    }
}
