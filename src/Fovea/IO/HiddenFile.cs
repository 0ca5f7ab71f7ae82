namespace Fovea.IO;

/// <summary>
/// Tells what is not there from what may not be seen. The platform says of every file in a folder without rights that it does not exist;
/// whoever believes it makes anew what is finished, or sends its user to make it.
/// </summary>
public static class HiddenFile
{
    private const int Denied = 13;

    /// <summary>To be asked of a file that does not seem to be there.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FoveaException">Data: its folder, or one above that, may not be looked into.</exception>
    public static void Refuse(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && IsDenied(folder, AccessRights.Search)) throw NoRight(folder);
    }

    /// <summary>To be asked of a folder before what is in it is judged.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FoveaException">Data: it may not be looked into.</exception>
    public static void RefuseFolder(string folder)
    {
        if (IsDenied(folder, AccessRights.Search | AccessRights.Read)) throw NoRight(folder);
    }

    private static FoveaException NoRight(string folder) => FoveaException.BadData(
        $"Cannot look into the folder {folder}: access is denied. The user who runs the command needs the right to read it.",
        new UnauthorizedAccessException($"Access to the path '{folder}' is denied."));

    private static bool IsDenied(string folder, int rights) => AccessRights.Problem(folder, rights) == Denied;
}
