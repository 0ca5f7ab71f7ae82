using System.Diagnostics;

namespace Fovea.Fuzz;

/// <summary>What came of one input.</summary>
/// <param name="Kind"><c>read</c>, <c>refused</c>, or what is wrong: <c>time</c>, <c>memory</c>, <c>native memory</c>, <c>sentence</c>, the name of an exception.</param>
/// <param name="Where">For findings that are alike: the first of Fovea's methods, or nothing.</param>
/// <param name="Says">More about it.</param>
/// <param name="Time">How long it took.</param>
/// <param name="Memory">Bytes of managed memory.</param>
internal sealed record Outcome(string Kind, string Where, string Says, TimeSpan Time, long Memory)
{
    /// <summary>Whether it must not be so.</summary>
    public bool IsFinding => Kind is not ("read" or "refused");

    /// <summary>Whether another reading of the input may come out better: the machine was busy, or memory grew for another reason.</summary>
    public bool MayBeChance => Kind is "time" or "native memory";

    /// <summary>Reads an input and judges.</summary>
    public static Outcome Of(FuzzReader reader, byte[] input, NativePeak peak)
    {
        long native = reader.Native ? peak.Begin() : 0, before = Allocated(reader), limit = Limits.Memory(input.Length, reader.Output(input));
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        (string kind, string where, string says) = Read(reader, input);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        long memory = Allocated(reader) - before;
        if (kind is "read" or "refused")
        {
            if (memory > limit) (kind, where, says) = ("memory", says, $"{memory} bytes for {input.Length}");
            else if (time > Limits.Time && (time > Limits.Waiting || Environment.CpuUsage.TotalTime - processor > Limits.Time / 2)) (kind, where, says) = ("time", says, $"{time.TotalSeconds:0.00} s");
            else if (reader.Native && peak.Value() - native > limit)
                (kind, where, says) = ("native memory", says, $"{peak.Value() - native} bytes for {input.Length}");
        }
        return new Outcome(kind, where, says, time, memory);
    }

    private static (string Kind, string Where, string Says) Read(FuzzReader reader, byte[] input)
    {
        try
        {
            reader.Read(input);
            return ("read", "", "");
        }
        catch (FoveaException e)
        {
            // Its shape: two of one shape are one outcome.
            string shape = Shape(e.Message.Replace(reader.Folder + "/", "", StringComparison.Ordinal));
            return string.IsNullOrWhiteSpace(e.Message) || e.Message.Length > Limits.Sentence || e.Message.Contains("\n   at ", StringComparison.Ordinal)
                ? ("sentence", shape, $"{e.Message.Length} characters: {e.Message[..Math.Min(300, e.Message.Length)]}") : ("refused", "", shape);
        }
        catch (Exception e)
        {
            return (e.GetType().Name, First(e), e.ToString());
        }
    }

    private static string Shape(string message)
    {
        Span<char> shape = stackalloc char[48];
        int length = 0;
        foreach (char letter in message)
        {
            if (!char.IsAsciiLetter(letter) && (length == 0 || shape[length - 1] == ' ')) continue;
            shape[length++] = char.IsAsciiLetter(letter) ? letter : ' ';
            if (length == shape.Length) break;
        }
        return new string(shape[..length]);
    }

    private static string First(Exception e) =>
        (e.StackTrace ?? "").Split('\n').FirstOrDefault(line => line.Contains("Fovea.", StringComparison.Ordinal)
            && !line.Contains("Fovea.Fuzz", StringComparison.Ordinal))?.Trim().Split('(')[0] ?? "";

    private static long Allocated(FuzzReader reader) => reader.Threads ? GC.GetTotalAllocatedBytes() : GC.GetAllocatedBytesForCurrentThread();
}
