using Fovea.IO;

namespace Fovea.Runs.Graph;

/// <summary>
/// A claim on a piece of work: a file that names its owner. One of many that ask gets it, be they threads, processes or machines with one
/// file system; a claim whose owner has ended is taken over. Disposing a claim gives it back.
/// </summary>
internal sealed class ClaimFile : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly HashSet<string> OfThisProcess = new(StringComparer.Ordinal);

    private readonly string _path;

    private ClaimFile(string path) => _path = path;

    /// <summary>Takes the claim where it is free or its owner has ended.</summary>
    /// <param name="path">The claim's file; its folder is created.</param>
    /// <param name="owner">Who has it, where it could not be taken.</param>
    /// <returns>The claim, or null.</returns>
    /// <exception cref="FoveaException">Resource: the file cannot be written, or is another version's.</exception>
    public static ClaimFile? TryTake(string path, out ProcessIdentity? owner)
    {
        path = Path.GetFullPath(path);
        using (Serialised(path))
        {
            owner = OwnerOf(path);
            if (owner is not null) return null;
            DocumentFile.Write(path, new ClaimRecord(ProcessIdentity.Current));
            lock (OfThisProcess) OfThisProcess.Add(path);
            return new ClaimFile(path);
        }
    }

    /// <summary>Gives the claim back.</summary>
    public void Dispose()
    {
        lock (OfThisProcess)
        {
            if (!OfThisProcess.Remove(_path)) return;
        }
        Removal.Of(_path);
    }

    /// <summary>Who has a claim now; null: nobody who still lives.</summary>
    private static ProcessIdentity? OwnerOf(string path)
    {
        if (!File.Exists(path)) return null;
        ProcessIdentity owner;
        try
        {
            owner = DocumentFile.Read<ClaimRecord>(path).Owner;
        }
        catch (FoveaException e) when (DocumentFile.IsOfAnotherSchema<ClaimRecord>(path))
        {
            // Of another version, which may still be at it: it is not ours to say that it is not.
            throw FoveaException.OutOfResource(
                $"Another version of Fovea holds a claim: {e.Message} Where it has ended, delete the file.", e);
        }
        catch (FoveaException)
        {
            return null; // claims are renamed into place whole: this one was damaged
        }
        // A claim of this process that it does not know of was left by a copy of the folder, or by a file system that brought back what was
        // deleted.
        if (owner == ProcessIdentity.Current)
        {
            lock (OfThisProcess) return OfThisProcess.Contains(path) ? owner : null;
        }
        return owner.HasEnded ? null : owner;
    }

    /// <summary>Looking at a claim and taking it is one step: two that see the same dead owner must not both take over.</summary>
    private static FileStream Serialised(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                Directory.CreateDirectory(folder);
                return new FileStream(
                    Path.Combine(folder, ".claims"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.None);
            }
            catch (IOException) when (Environment.TickCount64 - start < Patience.TotalMilliseconds)
            {
                Thread.Sleep(5);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw FoveaException.OutOfResource($"Cannot take {path}: {e.Message}", e);
            }
        }
    }
}
