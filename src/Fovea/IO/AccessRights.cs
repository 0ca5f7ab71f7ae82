using System.Runtime.InteropServices;

namespace Fovea.IO;

/// <summary>Asks the system whether this user may do something with a file or folder; nothing is opened or written for it.</summary>
internal static partial class AccessRights
{
    /// <summary>Of a folder: to reach what is in it.</summary>
    public const int Search = 1;

    /// <summary>To change it.</summary>
    public const int Write = 2;

    /// <summary>To read it; of a folder: to list it.</summary>
    public const int Read = 4;

    /// <summary>The system's number of the error (EACCES is 13); 0: it may be done, or rights are not to be had by asking (Windows).</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="rights">Some of the above, together.</param>
    public static int Problem(string path, int rights) =>
        OperatingSystem.IsWindows() || Ask(path, rights) == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Ask(string path, int rights);
}
