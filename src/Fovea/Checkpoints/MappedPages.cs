using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Checkpoints;

/// <summary>
/// Advice to the system about a mapped file. Pages once touched count as this process' memory until something else needs it; for a file
/// read in pieces that would be the whole file.
/// </summary>
internal static partial class MappedPages
{
    /// <summary>The same number on Linux and macOS.</summary>
    private const int DontNeed = 4;

    /// <summary>Gives back every page of a view that is only read.</summary>
    public static unsafe void Release(SafeMemoryMappedViewHandle view)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return;
        byte* start = null;
        view.AcquirePointer(ref start);
        try
        {
            // Advice may be refused without harm: nothing is done about its result.
            _ = Advise(start, (nuint)view.ByteLength, DontNeed);
        }
        finally
        {
            view.ReleasePointer();
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static unsafe partial int Advise(byte* address, nuint length, int advice);
}
