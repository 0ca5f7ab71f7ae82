using System.Runtime.InteropServices;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// The C library's heap, which holds libtorch's tensors. Where tensors of many sizes come and go for minutes, glibc's aligned allocation
/// leaves gaps that it does not use again: twenty gigabytes were seen for a few megabytes of live tensors.
/// </summary>
internal static partial class NativeHeap
{
    private static bool Absent = !OperatingSystem.IsLinux();

    /// <summary>Gives the free pages inside the heap back to the system. Does nothing where the C library is not glibc.</summary>
    public static void Trim()
    {
        if (Absent) return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            Absent = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
