namespace Fovea.Runs;

/// <summary>Admits one writer to a run folder. The operating system releases the lock when its holder ends, however it ends.</summary>
public sealed class RunLock : IDisposable
{
    private readonly FileStream _stream;

    private RunLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock of a run folder, creating the folder.</summary>
    /// <exception cref="FoveaException">Another process works in the folder, or it cannot be written.</exception>
    public static RunLock Take(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        string path = Path.Combine(run.Root, ".lock");
        try
        {
            Directory.CreateDirectory(run.Root);
            return new RunLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw FoveaException.OutOfResource($"Another process is working in {run.Root}. Wait for it, or choose another --out.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.OutOfResource($"Cannot write in {run.Root}: {e.Message}", e);
        }
    }

    /// <summary>The lock for whoever writes into <paramref name="folder"/>: taken where that lies in the run; null elsewhere, where the run is only read.</summary>
    /// <exception cref="FoveaException">As <see cref="Take"/>.</exception>
    public static RunLock? For(RunFolder run, string folder)
    {
        ArgumentNullException.ThrowIfNull(run);
        string path = Path.GetRelativePath(Path.GetFullPath(run.Root), Path.GetFullPath(folder));
        return path.Split('/', '\\')[0] == ".." || Path.IsPathRooted(path) ? null : Take(run);
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _stream.Dispose();
}
