namespace Fovea.IO;

/// <summary>
/// Tells when the disk is about to change by one step that is made wholly or not at all (a file renamed into place, a folder deleted), and
/// when a block is about to be written to a file. Tests count these moments and look at, stop at, or fail at a chosen one; nobody else
/// listens.
/// </summary>
internal static class DiskEvents
{
    /// <summary>Gets the path that is about to change, on the thread that changes it.</summary>
    public static event Action<string>? Changing;

    /// <summary>Gets the path of a file that a block is about to be written to, on the thread that writes it.</summary>
    public static event Action<string>? Writing;

    /// <summary>To be called right before the change.</summary>
    public static void Raise(string path) => Changing?.Invoke(path);

    /// <summary>To be called right before a block is written.</summary>
    public static void RaiseWriting(string path) => Writing?.Invoke(path);

    /// <summary>A stream whose writes are told; the stream itself where nobody listens.</summary>
    public static Stream Watched(string path, Stream stream) => Writing is null ? stream : new WatchedStream(path, stream);
}
