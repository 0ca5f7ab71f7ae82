using System.Globalization;

namespace Fovea.IO;

/// <summary>A process, told from every other one that ever had its number: by machine, by the machine's start, by its own start.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="Process">The process's number.</param>
/// <param name="Started">When it started, as the operating system counts; exact, so that equal words mean the same process.</param>
public sealed record ProcessIdentity(string Host, int Process, string Started)
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Current { get; } = Of(Environment.ProcessId) ?? new(Environment.MachineName, Environment.ProcessId, "");

    /// <summary>Whether the process has certainly ended. Of another machine that cannot be known: false.</summary>
    public bool HasEnded => Host == Environment.MachineName && StartOf(Process) != Started;

    /// <summary>The process of this machine that has a number now; null where there is none.</summary>
    public static ProcessIdentity? Of(int process) =>
        StartOf(process) is { } started ? new ProcessIdentity(Environment.MachineName, process, started) : null;

    /// <summary>When the process of a number started; null where there is none.</summary>
    private static string? StartOf(int process)
    {
        try
        {
            if (OperatingSystem.IsLinux()) return StartOnLinux(process);
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return found.HasExited ? null : found.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>
    /// Ticks since the machine started, and which start that was: <see cref="System.Diagnostics.Process.StartTime"/> is computed from the
    /// clock there, and changes when that is set.
    /// </summary>
    private static string? StartOnLinux(int process)
    {
        string line = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        // The second field is the program's name in brackets, which may hold anything; state is the third field, the start the
        // twenty-second.
        string[] fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : $"{fields[19]} {File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}";
    }
}
