using System.Runtime.InteropServices;

namespace Fovea.IO;

/// <summary>
/// Asks, before anything is computed for a file or a folder, whether it can be written: its names, the rights, a disk that can only be
/// read. Nothing is written for it.
/// </summary>
public static class WritablePlace
{
    /// <summary>Room that is left in the path of a run folder for what lies in it: layers, names, members of sweeps, their temporary
    /// names.</summary>
    private const int WithinFolder = 600;

    /// <summary>Refuses a folder that could not be made or written into.</summary>
    /// <param name="folder">It need not exist yet.</param>
    /// <param name="what">What names it, for the message: <c>--out</c>.</param>
    /// <exception cref="FoveaException">Configuration: a name is too long, or a file is in a folder's place; resource: no right to write there, or a disk that can only be
    /// read.</exception>
    public static void RequireFolder(string folder, string what)
    {
        PathLength.Require(folder, what, WithinFolder);
        RequireRight(Path.GetFullPath(folder), folder);
    }

    /// <summary>Refuses a file that could not be written.</summary>
    /// <param name="file">It need not exist yet, nor its folder.</param>
    /// <param name="what">What names it, for the message: <c>--csv</c>.</param>
    /// <exception cref="FoveaException">As <see cref="RequireFolder"/>.</exception>
    public static void RequireFile(string file, string what)
    {
        PathLength.Require(file, what);
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) RequireRight(folder, file);
    }

    /// <summary>The rights in the folder, or in the nearest one above it that is there.</summary>
    private static void RequireRight(string folder, string place)
    {
        string? there = folder;
        while (there is not null && !Directory.Exists(there))
        {
            if (File.Exists(there)) throw FoveaException.BadConfiguration($"Cannot write {place}: {there} is a file, no folder.");
            there = Path.GetDirectoryName(there);
        }
        int error = there is null ? 0 : AccessRights.Problem(there, AccessRights.Write | AccessRights.Search);
        if (error == 0) return;
        throw DiskFailure.Of($"Cannot write {place}", error switch
        {
            13 or 1 => new UnauthorizedAccessException($"Access to the path '{there}' is denied."),
            _ => new IOException(Marshal.GetPInvokeErrorMessage(error), error),
        });
    }
}
