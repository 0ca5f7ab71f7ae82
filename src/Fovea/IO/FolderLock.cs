namespace Fovea.IO;

/// <summary>
/// Admits one writer to a folder, among the processes of a machine and the threads of a process. The operating system releases the lock
/// when its holder ends, however it ends: nothing has to be cleaned up after a kill.
/// </summary>
public sealed class FolderLock : IDisposable
{
    /// <summary>The file that is locked; it stays in the folder, empty.</summary>
    public const string FileName = ".lock";

    private readonly FileStream _stream;

    private FolderLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock of a folder, creating the folder.</summary>
    /// <exception cref="FoveaException">Resource: another process works in the folder, or it cannot be written; configuration: its name is too
    /// long.</exception>
    public static FolderLock Take(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.Combine(folder, FileName);
        try
        {
            Directory.CreateDirectory(folder);
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (DiskFailure.IsInUse(e))
        {
            throw FoveaException.OutOfResource($"Another process is working in {folder}. Wait for it, or choose another folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFailure.Of($"Cannot write in {folder}", e);
        }
    }

    /// <summary>
    /// The lock of <paramref name="root"/> for whoever writes into <paramref name="folder"/>: taken where that lies in the root; null
    /// elsewhere, where the root is only read.
    /// </summary>
    /// <exception cref="FoveaException">As <see cref="Take"/>.</exception>
    public static FolderLock? TakeFor(string root, string folder) => Covers(root, folder) ? Take(root) : null;

    /// <summary>Whether a folder lies in another, or is it: who writes elsewhere only reads that one, which need not be writable.</summary>
    /// <param name="root">The folder that has the lock.</param>
    /// <param name="folder">Where something is written.</param>
    public static bool Covers(string root, string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.GetRelativePath(Path.GetFullPath(root), Path.GetFullPath(folder));
        return path.Split('/', '\\')[0] != ".." && !Path.IsPathRooted(path);
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _stream.Dispose();
}
