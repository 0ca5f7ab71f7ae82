using System.Globalization;
using System.Runtime.InteropServices;

namespace Fovea.Cli.Terminal;

/// <summary>
/// The addresses that are left to this process where whoever started it limits them (<c>ulimit -v</c>, <c>h_vmem</c> of batch systems).
/// libtorch and the runtime answer a lack of memory with an exception only where much is asked for at once; where the last few megabytes
/// are gone they abort, or end by a fault, without a sentence. So the command looks before it begins and while it works, and keeps some
/// addresses back for saying what went wrong. Linux alone has such limits in use; elsewhere nothing is done.
/// </summary>
internal static partial class AddressSpace
{
    /// <summary>What loading libtorch and a first small batch take, with as much again.</summary>
    public const long ToBegin = 1L << 30;

    /// <summary>Less than this is not enough to go on: single small requests are not looked at.</summary>
    public const long ToGoOn = 192L << 20;

    private const long Kept = 64L << 20;
    private const int NoAccess = 0, PrivateAnonymous = 0x22;

    private static long? Limit;
    private static nint Reserve;

    /// <summary>Looks for a limit, refuses to begin where it leaves too little, and keeps some addresses back.</summary>
    /// <exception cref="FoveaException">Resource: too few addresses are left.</exception>
    public static void RequireEnoughToBegin()
    {
        if (!OperatingSystem.IsLinux()) return;
        Limit ??= LimitIn(File.ReadAllText("/proc/self/limits"));
        if (Limit is null) return;
        Require(ToBegin, "to begin");
        if (Reserve != 0) return;
        nint kept = Map(0, (nuint)Kept, NoAccess, PrivateAnonymous, -1, 0);
        if (kept == -1) return;
        Reserve = kept;
        // Before anything is unwound: that takes addresses already.
        AppDomain.CurrentDomain.FirstChanceException += (_, thrown) =>
        {
            if (thrown.Exception is OutOfMemoryException or ExternalException) Release();
        };
    }

    /// <summary>To be called now and then while the command works.</summary>
    /// <exception cref="FoveaException">Resource: too few addresses are left.</exception>
    public static void RequireEnoughToGoOn()
    {
        if (Limit is not null) Require(ToGoOn, "to go on");
    }

    /// <summary>The limit in bytes that a text in the form of <c>/proc/self/limits</c> says; null where there is none.</summary>
    public static long? LimitIn(string limits)
    {
        const string name = "Max address space";
        string? line = limits.Split('\n').FirstOrDefault(one => one.StartsWith(name, StringComparison.Ordinal));
        return line is not null && long.TryParse(
            line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            ? bytes : null;
    }

    private static void Require(long needed, string what)
    {
        string statistics = File.ReadAllText("/proc/self/statm");
        long used = long.Parse(statistics.AsSpan(0, statistics.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        if (Limit!.Value - used >= needed) return;
        Release();
        throw FoveaException.OutOfResource(
            $"The addresses of this process are limited to {Humane.Bytes(Limit.Value)} (ulimit -v), {Humane.Bytes(used)} of which it has, and it needs "
                + $"{Humane.Bytes(needed)} more {what}. Raise the limit or take it away, and give the same command again; where it must stay, "
                + "DOTNET_GCHeapHardLimit=0x10000000 has the runtime take fewer addresses, and smaller batches take less.");
    }

    private static void Release()
    {
        nint kept = Interlocked.Exchange(ref Reserve, 0);
        if (kept != 0) _ = Unmap(kept, (nuint)Kept);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint at, nuint bytes, int access, int kind, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint at, nuint bytes);
}
