using System.Globalization;
using System.Runtime.InteropServices;

namespace Fovea.Numerics;

/// <summary>
/// The C library's heap, which holds libtorch's tensors. glibc asks the system for every tensor above 32 MB and gives it back at once: a
/// forward pass of MobileNetV2 on eight images of 224 px makes 39,000 page faults, a third of its time. Kept, the memory is there for the
/// next batch. Elsewhere (musl, macOS, Windows) nothing is changed.
/// </summary>
/// <remarks>
/// glibc before 2.38 leaves gaps between aligned blocks that it does not use again: where tensors of many sizes come and go for minutes,
/// twenty gigabytes were seen for a few megabytes of live tensors. So what is free is looked at once a second, and given back where it is
/// more than what is used and more than <see cref="FreeAllowed"/>.
/// </remarks>
public static partial class NativeHeap
{
    private const int TrimThreshold = -1, MmapThreshold = -3, ArenaMax = -8;
    private static readonly Lock Gate = new();
    private static Timer? Watch;
    private static bool Absent = !OperatingSystem.IsLinux();

    /// <summary>Bytes that may be free inside the heap, however little of it is used.</summary>
    public static long FreeAllowed => 512L << 20;

    /// <summary>Whether <see cref="KeepFreedMemory"/> was asked for and this C library can do it.</summary>
    public static bool Keeps { get; private set; }

    /// <summary>What the heap does with freed memory, and why, in words.</summary>
    public static string InWords => Keeps
        ? string.Create(CultureInfo.InvariantCulture, $"freed memory is kept for the next batch, up to {FreeAllowed >> 20} MB more than is used: tools that list processes show it as theirs. FOVEA_ALLOCATOR=system gives it back at once, slower")
        : ToldBy() is { } variable ? $"left as it is: the environment says what it does ({variable})"
        : Absent ? "the system's own, which is left as it is (freed memory is kept on Linux with glibc alone)" : "left as it is";

    /// <summary>
    /// Keeps freed tensors' memory for the next ones, in this whole process, from now on: call it before the first tensor. Makes reading
    /// networks with large maps up to twice as fast, where the tensors are made on the process's first thread (glibc drops the memory of
    /// others' as soon as it is empty). Does nothing where the environment already tells glibc what to do (variables
    /// MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_ or GLIBC_TUNABLES), or where FOVEA_ALLOCATOR is <c>system</c>.
    /// </summary>
    /// <returns>Whether freed memory is kept.</returns>
    public static bool KeepFreedMemory()
    {
        lock (Gate)
        {
            if (Keeps || Absent || IsToldOtherwise()) return Keeps;
            try
            {
                Keeps = MallOpt(MmapThreshold, 1 << 30) == 1 & MallOpt(TrimThreshold, int.MaxValue) == 1;
                if (Keeps) Watch = new Timer(_ => GiveBackExcess(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
            }
            catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
            {
                Absent = true;
            }
            return Keeps;
        }
    }

    /// <summary>
    /// Keeps the memory of a process even that answers from many threads for hours, from now on: its threads share the arenas that there are,
    /// two at least (glibc makes up to eight a processor), and each keeps 2 MB of freed memory at its end (after
    /// <see cref="KeepFreedMemory"/> all that it ever needed, so that the process grows for as long as it runs). Call it before there are many
    /// threads. Does nothing where the environment already tells glibc what to do (as for <see cref="KeepFreedMemory"/>, and
    /// MALLOC_ARENA_MAX).
    /// </summary>
    /// <returns>Whether it is so.</returns>
    public static bool KeepLittle()
    {
        lock (Gate)
        {
            if (Absent || IsToldOtherwise() || Environment.GetEnvironmentVariable("MALLOC_ARENA_MAX") is not null) return false;
            try
            {
                return MallOpt(ArenaMax, 2) == 1 & MallOpt(TrimThreshold, 2 << 20) == 1;
            }
            catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
            {
                Absent = true;
                return false;
            }
        }
    }

    /// <summary>Gives the free pages inside the heap back to the system. Does nothing where the C library is not glibc.</summary>
    public static void Trim()
    {
        if (Absent) return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            Absent = true;
        }
    }

    /// <summary>Bytes of the heap that are used, and that are free inside it; null where the C library does not say.</summary>
    internal static (long Used, long Free)? Usage()
    {
        if (Absent) return null;
        try
        {
            var info = MallInfo2();
            return ((long)(info.Used + info.Mapped), (long)info.Free);
        }
        // mallinfo2 came with glibc 2.33.
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }
    }

    internal static void GiveBackExcess()
    {
        if (Usage() is not var (used, _) || ResidentAnonymous() is not { } resident) Watch?.Dispose();
        // Free chunks count as free also after their pages were given back, so what is resident is what is asked.
        else if (resident - used - GC.GetGCMemoryInfo().TotalCommittedBytes > Math.Max(used, FreeAllowed)) Trim();
    }

    /// <summary>
    /// Bytes of this process's own memory that are in RAM (files that are mapped left out); null where the system does not say.
    /// </summary>
    internal static long? ResidentAnonymous()
    {
        const string key = "RssAnon:";
        string? line = File.Exists("/proc/self/status")
            ? File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) : null;
        return line is null
            ? null : 1024 * long.Parse(line[key.Length..^2], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture);
    }

    private static bool IsToldOtherwise() => ToldBy() is not null;

    /// <summary>The variable of the environment that says what the heap does; null where none does.</summary>
    private static string? ToldBy() =>
        Environment.GetEnvironmentVariable("FOVEA_ALLOCATOR") == "system" ? "FOVEA_ALLOCATOR"
        : ((string[])["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"]).FirstOrDefault(name => Environment.GetEnvironmentVariable(name) is not null)
            ?? (Environment.GetEnvironmentVariable("GLIBC_TUNABLES")?.Contains("glibc.malloc", StringComparison.Ordinal) == true ? "GLIBC_TUNABLES" : null);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial HeapInfo MallInfo2();

    /// <summary>glibc's <c>struct mallinfo2</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct HeapInfo
    {
        private readonly nuint _arena, _freeChunks, _fastChunks, _mappings;
        public readonly nuint Mapped;
        private readonly nuint _unused, _fastBytes;
        public readonly nuint Used, Free;
        private readonly nuint _top;
    }
}
