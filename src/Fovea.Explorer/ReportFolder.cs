using System.Text;
using Fovea.IO;

namespace Fovea.Explorer;

/// <summary>Writes the files of a report; the only place of the pages that touches files, and it reads none.</summary>
internal sealed class ReportFolder
{
    private readonly string _folder;

    private ReportFolder(string folder) => _folder = folder;

    /// <summary>Makes a folder anew beside the old one, which is replaced when the new one is whole.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="write">Writes the files.</param>
    /// <returns>The path of the first page.</returns>
    /// <exception cref="FoveaException">Resource: it cannot be written.</exception>
    public static async Task<string> ReplaceAsync(string folder, Func<ReportFolder, Task> write)
    {
        string making = folder + ".partial", before = folder + ".before.partial";
        try
        {
            if (Directory.Exists(making)) Directory.Delete(making, recursive: true);
            await write(new ReportFolder(making));
            // Deleting may fail in the middle: the old one stands aside whole until the new one is in its place.
            Remove(before);
            if (Directory.Exists(folder)) Directory.Move(folder, before);
            Directory.Move(making, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is begun takes room that is wanted for the rest, and is made anew in any case.
            Remove(making);
            if (!Directory.Exists(folder) && Directory.Exists(before)) Directory.Move(before, folder);
            throw DiskFailure.Of($"Cannot write the report in {folder}", e);
        }
        Remove(before);
        return Path.Combine(folder, "index.html");
    }

    /// <summary>What cannot be deleted stays, under a name that says what it is.</summary>
    private static void Remove(string folder)
    {
        try { if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    /// <summary>Writes a text.</summary>
    /// <param name="file">The file, relative to the report, with forward slashes.</param>
    /// <param name="text">The text; lines end alike on every system.</param>
    /// <param name="ct">Stops the work.</param>
    public Task WriteTextAsync(string file, string text, CancellationToken ct) =>
        File.WriteAllBytesAsync(Place(file), Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")), ct);

    /// <summary>Copies a stream into a file.</summary>
    public async Task CopyAsync(string file, Stream source, CancellationToken ct)
    {
        await using FileStream target = File.Create(Place(file));
        await source.CopyToAsync(target, ct);
    }

    /// <summary>A run may be anybody's, and names of its layers are folders here: what is no name leads nowhere.</summary>
    private string Place(string file)
    {
        string path = SafeName.Combine(_folder, file.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
