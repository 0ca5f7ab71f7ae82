namespace Fovea.IO;

/// <summary>
/// Tells when the disk is about to change by one step that is made wholly or not at all: a file renamed into place, a folder deleted. Tests count these moments
/// and look at, or stop at, a chosen one; nobody else listens.
/// </summary>
internal static class DiskEvents
{
    /// <summary>Gets the path that is about to change, on the thread that changes it.</summary>
    public static event Action<string>? Changing;

    /// <summary>To be called right before the change.</summary>
    public static void Raise(string path) => Changing?.Invoke(path);
}
