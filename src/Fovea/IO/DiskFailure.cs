namespace Fovea.IO;

/// <summary>
/// Says in a sentence why a disk did not do what it was asked for, and what helps: a full disk wants room, a disk that is mounted read-only
/// does not, and no right and no room make a name shorter.
/// </summary>
public static class DiskFailure
{
    // Numbers of Linux and, where they differ, of macOS; then of Windows.
    private static readonly int[] Full = [28, unchecked((int)0x80070070), unchecked((int)0x80070027)];
    private static readonly int[] Quota = OperatingSystem.IsMacOS() ? [69] : [122];
    private static readonly int[] ReadOnly = [30, unchecked((int)0x80070013)];
    private static readonly int[] NoRight = [1, 13, unchecked((int)0x80070005)];
    private static readonly int[] InUse = [OperatingSystem.IsMacOS() ? 35 : 11, unchecked((int)0x80070020), unchecked((int)0x80070021)];

    /// <summary>Whether there was no room left, or no more of it that the user may have.</summary>
    /// <param name="exception">What was thrown.</param>
    public static bool IsFull(Exception exception) => exception is IOException
        && (Full.Contains(exception.HResult) || Quota.Contains(exception.HResult)
            || exception.Message.Contains("No space left", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the disk takes no changes at all.</summary>
    /// <param name="exception">What was thrown.</param>
    public static bool IsReadOnly(Exception exception) => exception is IOException
        && (ReadOnly.Contains(exception.HResult) || exception.Message.Contains("Read-only file system", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether another process holds the file.</summary>
    /// <param name="exception">What was thrown.</param>
    public static bool IsInUse(Exception exception) => exception is IOException && InUse.Contains(exception.HResult);

    /// <summary>The error to throw.</summary>
    /// <param name="what">What could not be done: <c>Cannot write FILE</c>.</param>
    /// <param name="exception">What the platform says, an <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</param>
    /// <returns>Of kind resource; where the name is too long, which more room does not change, of kind configuration.</returns>
    public static FoveaException Of(string what, Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        string why = exception.Message.TrimEnd();
        if (!why.EndsWith('.')) why += ".";
        return exception switch
        {
            PathTooLongException => FoveaException.BadConfiguration($"{what}: the name, or the path with all its folders, is too long for this disk. Choose a shorter one.", exception),
            _ when exception is UnauthorizedAccessException || NoRight.Contains(exception.HResult) => FoveaException.OutOfResource($"{what}: {why} Choose another folder, or have the right to write there.", exception),
            _ when IsFull(exception) => FoveaException.OutOfResource(
                $"{what}: the disk is full ({(Quota.Contains(exception.HResult) ? "Disk quota exceeded" : "No space left on device")}). Free some space or choose another folder.", exception),
            _ when IsReadOnly(exception) => FoveaException.OutOfResource(
                $"{what}: the disk can only be read (Read-only file system). Have it mounted for writing, or choose another folder.", exception),
            _ => FoveaException.OutOfResource($"{what}: {why} Look after the disk, or choose another folder.", exception),
        };
    }
}
