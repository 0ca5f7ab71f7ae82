namespace Fovea.Fuzz;

/// <summary>What reading one input may take.</summary>
internal static class Limits
{
    /// <summary>Longest time. A machine that is busy makes longer ones: an input that took longer is read again, and has to have taken half
    /// of it of the processor's time too.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    /// <summary>Longest time for a reader that hardly uses the processor.</summary>
    public static readonly TimeSpan Waiting = TimeSpan.FromSeconds(10);

    /// <summary>Where a reader has not come back after so much of the processor's time, its process is ended.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Longest sentence of a refusal.</summary>
    public const int Sentence = 4000;

    /// <summary>Longest input that is made.</summary>
    public const int Input = 1 << 18;

    private const int OfInput = 64;
    private const long Least = 16 << 20;

    /// <summary>Most bytes of memory for an input.</summary>
    /// <param name="length">Its length.</param>
    /// <param name="output">Bytes of what is made of it, where that is what it is for.</param>
    public static long Memory(long length, long output) => Math.Max(OfInput * length, Least) + output;
}
