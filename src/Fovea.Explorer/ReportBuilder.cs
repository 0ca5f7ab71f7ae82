using Fovea.Explorer.Components;
using Fovea.Explorer.Contents;
using Fovea.Runs;
using Microsoft.AspNetCore.Components;

namespace Fovea.Explorer;

/// <summary>
/// Makes the static report of a run: pages, style and copies of the pictures they show, in one folder. It opens from <c>file://</c>, asks
/// nothing of a network and can be moved as one folder. The same run gives the same bytes, wherever it is read from.
/// </summary>
public static class ReportBuilder
{
    /// <summary>The folder of the report in a run folder.</summary>
    public const string FolderName = "report";

    /// <summary>
    /// Builds the report of a run folder in <c>RUN/report</c>; one that is there is replaced only when the new one is whole.
    /// </summary>
    /// <param name="runFolder">The run folder; parts that are absent are left out.</param>
    /// <param name="cancellationToken">Stops the work; the old report, if any, stays.</param>
    /// <param name="unreadable">Gets the sentences of the first page about parts that cannot be read.</param>
    /// <returns>The path of the report's first page, <c>RUN/report/index.html</c>.</returns>
    /// <exception cref="FoveaException">The folder does not exist (data), or the report cannot be written (resource).</exception>
    public static Task<string> BuildAsync(
        string runFolder, CancellationToken cancellationToken = default, Action<string>? unreadable = null)
    {
        ArgumentNullException.ThrowIfNull(runFolder);
        string run = Path.GetFullPath(runFolder);
        return BuildAsync(new RunFolderReader(run), Path.Combine(run, FolderName), null, cancellationToken, unreadable);
    }

    /// <summary>Builds the report of any run.</summary>
    /// <param name="run">The run; parts that are absent are left out, parts that cannot be read are told of on the first page.</param>
    /// <param name="folder">The report's folder; one that is there is replaced only when the new one is whole.</param>
    /// <param name="sections">The kinds of stages that have sections, in their order; null: those of Fovea. Stages of other kinds that the
    /// run has follow them.</param>
    /// <param name="cancellationToken">Stops the work; the old report, if any, stays.</param>
    /// <param name="unreadable">Gets the sentences of the first page about parts that cannot be read.</param>
    /// <returns>The path of the report's first page.</returns>
    /// <exception cref="FoveaException">Resource: the report cannot be written.</exception>
    public static async Task<string> BuildAsync(
        IRunReader run, string folder, IReadOnlyList<StageSection>? sections = null, CancellationToken cancellationToken = default,
        Action<string>? unreadable = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(folder);
        var contents = RunContents.Read(run, sections ?? StageSection.All, cancellationToken);
        foreach (string problem in contents.Problems) unreadable?.Invoke(problem);
        return await ReportFolder.ReplaceAsync(folder, report => WriteAsync(contents, report, cancellationToken));
    }

    private static async Task WriteAsync(RunContents contents, ReportFolder report, CancellationToken ct)
    {
        var media = new SortedSet<string>(StringComparer.Ordinal);
        await using (var renderer = new PageRenderer())
        {
            var pages = new RunPages(contents);
            foreach (PageAddress page in pages.OfReport)
            {
                ct.ThrowIfCancellationRequested();
                var links = Links.OfFile(page);
                RenderFragment content = pages.Find(page) ?? throw new InvalidOperationException($"No page for {Links.FileOf(page)}.");
                await report.WriteTextAsync(Links.FileOf(page), await renderer.RenderAsync(new PageContext(contents, page, links), content), ct);
                media.UnionWith(links.Media);
            }
        }
        foreach (string name in Resources.OfReport) await report.WriteTextAsync($"assets/{name}", Resources.Text(name), ct);
        foreach (string picture in media)
        {
            using Stream? source = contents.Reader.Picture(picture);
            if (source is not null) await report.CopyAsync($"media/{picture}", source, ct);
        }
    }
}
