using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Cli.Tests;

/// <summary>
/// A process of its own that makes and frees large tensors on its first thread, as the command does, and says what the system had to give:
/// the setting holds for a whole process, and the tests beside it are not to notice.
/// </summary>
internal static class HeapProcess
{
    /// <summary>The word before the command line.</summary>
    public const string Word = "large-tensors";

    /// <summary>
    /// How many tensors are made one after the other: where they are kept as many as glibc before 2.38 needs before it uses blocks again.
    /// </summary>
    public const int Kept = 20, GivenBack = 6;

    /// <summary>What the process found.</summary>
    /// <param name="Keeps">Whether freed memory is kept.</param>
    /// <param name="Faults">Page faults of <see cref="Kept"/> or <see cref="GivenBack"/> tensors of 64 MB, one after the other.</param>
    /// <param name="Used">Bytes more in use for one more tensor of 256 MB.</param>
    /// <param name="Full">Bytes resident with twenty such tensors; 0 where nothing is kept.</param>
    /// <param name="After">Bytes resident after they were freed and the excess was looked for; 0 where nothing is kept.</param>
    public sealed record Findings(bool Keeps, long Faults, long Used, long Full, long After);

    /// <summary>Starts the process and reads what it found.</summary>
    public static Findings Run(string? allocator)
    {
        using var process = Process.Start(Start(allocator))!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        long[] numbers = [.. output.Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
        return new Findings(numbers[0] == 1, numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    /// <summary>Arenas of a process whose threads all ask for memory at once.</summary>
    /// <param name="shares">Whether they share two.</param>
    /// <param name="allocator">What <c>FOVEA_ALLOCATOR</c> says.</param>
    public static int Arenas(bool shares, string? allocator)
    {
        ProcessStartInfo start = Start(allocator);
        start.ArgumentList.Add(shares ? "shared" : "many");
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return int.Parse(output, CultureInfo.InvariantCulture);
    }

    /// <summary>What the started process does.</summary>
    public static int Work(string[] words)
    {
        if (words.Length > 0) return WithThreads(words[0] == "shared");
        bool keeps = NativeHeap.KeepFreedMemory();
        long faults = Faults();
        for (int i = 0; i < (keeps ? Kept : GivenBack); i++) Touched(64L << 20).Dispose();
        faults = Faults() - faults;
        long used = NativeHeap.Usage()!.Value.Used;
        using (Touched(256L << 20)) used = NativeHeap.Usage()!.Value.Used - used;
        long full = 0, after = 0;
        if (keeps)
        {
            var blocks = Enumerable.Range(0, Kept).Select(_ => Touched(64L << 20)).ToList();
            full = NativeHeap.ResidentAnonymous()!.Value;
            blocks.ForEach(block => block.Dispose());
            NativeHeap.GiveBackExcess();
            after = NativeHeap.ResidentAnonymous()!.Value;
        }
        Console.Out.Write(FormattableString.Invariant($"{(keeps ? 1 : 0)} {faults} {used} {full} {after}"));
        return 0;
    }

    private static ProcessStartInfo Start(string? allocator)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, ArgumentList = { Word } };
        foreach (string name in (string[])["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
            start.Environment.Remove(name);
        start.Environment["FOVEA_ALLOCATOR"] = allocator;
        return start;
    }

    private static int WithThreads(bool share)
    {
        if (share) NativeHeap.KeepLittle();
        const int Threads = 24;
        using var together = new Barrier(Threads + 1);
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            nint block = Marshal.AllocHGlobal(1000);
            together.SignalAndWait();
            together.SignalAndWait();
            Marshal.FreeHGlobal(block);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        together.SignalAndWait();
        Console.Out.Write(FormattableString.Invariant($"{CountArenas()}"));
        together.SignalAndWait();
        threads.ForEach(thread => thread.Join());
        return 0;
    }

    /// <summary>Pieces of 64 MB at multiples of it, the first part in use and the rest set aside: what glibc makes arenas of.</summary>
    private static int CountArenas()
    {
        const long Size = 64L << 20;
        (long From, long To, string Rights)[] maps = [.. File.ReadLines("/proc/self/maps").Select(line =>
        {
            string[] words = line.Split(' '), ends = words[0].Split('-');
            return (Convert.ToInt64(ends[0], 16), Convert.ToInt64(ends[1], 16), words[1]);
        })];
        return maps.Zip(maps.Skip(1)).Count(pair => pair.First.From % Size == 0 && pair.First.Rights == "rw-p"
            && pair.Second.From == pair.First.To && pair.Second.Rights == "---p" && pair.Second.To == pair.First.From + Size);
    }

    private static Tensor Touched(long bytes)
    {
        var block = empty(bytes, uint8);
        block.bytes.Fill(1);
        return block;
    }

    /// <summary>Minor faults of this thread, as Linux counts them: the eighth field after the name in its stat file.</summary>
    private static long Faults()
    {
        string stat = File.ReadAllText("/proc/thread-self/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[7], CultureInfo.InvariantCulture);
    }
}
