using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Checkpoints;

/// <summary>
/// Advice to the system about a mapped file. Pages once touched count as this process' memory until something else needs it; for a file
/// read in pieces that would be the whole file. And pages that are read for the first time one after the other, at places all over a file,
/// are waited for one after the other, with neighbours that nobody wants.
/// </summary>
internal static partial class MappedPages
{
    /// <summary>The same numbers on Linux and macOS.</summary>
    private const int WillNeed = 3, DontNeed = 4;

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

    /// <summary>Has the system begin to read bytes of a mapped file, without waiting for them.</summary>
    /// <param name="first">The first byte.</param>
    /// <param name="length">How many.</param>
    public static unsafe void Expect(byte* first, long length)
    {
        if (length <= 0 || (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())) return;
        // Advice is for whole pages, and the view begins with one.
        nuint start = (nuint)first & ~(nuint)(Environment.SystemPageSize - 1);
        _ = Advise((byte*)start, (nuint)first + (nuint)length - start, WillNeed);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static unsafe partial int Advise(byte* address, nuint length, int advice);
}
