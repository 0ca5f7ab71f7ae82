using System.Runtime.InteropServices;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Signals to other processes by the system's own call: not every machine has the program <c>kill</c>.</summary>
internal static partial class ProcessSignal
{
    /// <summary>Sends a signal to a process, which must be there.</summary>
    /// <param name="process">Its number.</param>
    /// <param name="name">KILL, INT, TERM, USR1, STOP or CONT.</param>
    public static void Send(int process, string name)
    {
        Assert.True(Kill(process, Number(name)) == 0, $"no signal {name} to {process}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Sends a signal to a process that may have ended.</summary>
    /// <returns>Whether it was there.</returns>
    public static bool TrySend(int process, int signal) => Kill(process, signal) == 0;

    private static int Number(string name)
    {
        bool linux = OperatingSystem.IsLinux();
        return name switch
        {
            "INT" => 2,
            "KILL" => 9,
            "TERM" => 15,
            "USR1" => linux ? 10 : 30,
            "CONT" => linux ? 18 : 19,
            "STOP" => linux ? 19 : 17,
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "an unknown signal"),
        };
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
