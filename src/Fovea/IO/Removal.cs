namespace Fovea.IO;

/// <summary>Deletes files and folders; what cannot be deleted is a lack of rights or a busy disk, never a fault of the program.</summary>
internal static class Removal
{
    /// <summary>Deletes a file, or a folder with all that is in it; nothing where there is none.</summary>
    /// <exception cref="FoveaException">Resource: it cannot be deleted.</exception>
    public static void Of(string path)
    {
        try
        {
            DiskEvents.Raise(path);
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFailure.Of($"Cannot delete {path}", e);
        }
    }
}
