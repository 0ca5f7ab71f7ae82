using System.Diagnostics;

namespace Fovea.Cli.Tests.Kills;

/// <summary>
/// The program <c>fovea</c> as a process of its own that is sent a signal at a moment of its own processor time: others who use the machine
/// make a run longer by the clock and hardly by this.
/// </summary>
internal static class InterruptedProgram
{
    // A program that was asked to end has two minutes for its checkpoint (Terminal.Interruption); a whole run takes seconds, but for a busy machine.
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(10), LongestRun = TimeSpan.FromHours(2);

    /// <summary>How a process ended.</summary>
    /// <param name="Code">Its exit code, 128 more than the signal where one ended it.</param>
    /// <param name="Error">What stderr got.</param>
    /// <param name="Computed">Its processor time, as far as it was seen.</param>
    /// <param name="Answer">From the signal to the end; zero where none was sent.</param>
    public sealed record Ending(int Code, string Error, TimeSpan Computed, TimeSpan Answer);

    /// <summary>What a process that this signal ended, or that heard it and ended, ends with.</summary>
    public static int CodeOf(EndSignal signal) => 128 + (int)signal;

    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">Of <c>fovea</c>.</param>
    /// <param name="look">Called every few milliseconds with the processor time that it has taken.</param>
    public static Ending Run(IEnumerable<string> arguments, Action<TimeSpan>? look = null) => Run(arguments, look, null, default);

    /// <summary>Sends it a signal, once.</summary>
    /// <param name="arguments">Of <c>fovea</c>.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="moment">After so much processor time; it may have ended before.</param>
    public static Ending Run(IEnumerable<string> arguments, EndSignal signal, TimeSpan moment) => Run(arguments, null, signal, moment);

    private static Ending Run(IEnumerable<string> arguments, Action<TimeSpan>? look, EndSignal? signal, TimeSpan moment)
    {
        using Process process = SharedRuns.Start(arguments);
        Task<string> error = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
        var clock = Stopwatch.StartNew();
        TimeSpan computed = default, sent = default;
        bool waits = signal is not null;
        while (!process.WaitForExit(2))
        {
            if (clock.Elapsed - sent > (sent == default ? LongestRun : LongestAnswer))
            {
                process.Kill();
                throw new InvalidOperationException($"fovea {string.Join(' ', arguments)} did not end.");
            }
            computed = TimeOf(process) ?? computed;
            look?.Invoke(computed);
            if (!waits || computed < moment) continue;
            waits = false;
            sent = clock.Elapsed;
            _ = ProcessSignal.TrySend(process.Id, (int)signal!);
        }
        process.WaitForExit();
        _ = output.GetAwaiter().GetResult();
        return new Ending(process.ExitCode, error.GetAwaiter().GetResult(), computed, waits || sent == default ? default : clock.Elapsed - sent);
    }

    private static TimeSpan? TimeOf(Process process)
    {
        try
        {
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null; // it has just ended
        }
    }
}
