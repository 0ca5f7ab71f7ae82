using System.Runtime.InteropServices;

namespace Fovea.Cli.Terminal;

/// <summary>
/// Ends the process in this instant. <see cref="Environment.Exit"/> first takes down native libraries, while other threads still compute in
/// them: those then fail in ways that look like faults of the program.
/// </summary>
internal static partial class ProcessEnd
{
    /// <summary>Ends the process; nothing after this call runs, on no thread.</summary>
    /// <param name="exitCode">What the caller of the process gets.</param>
    public static void Now(int exitCode)
    {
        if (OperatingSystem.IsWindows()) TerminateProcess(GetCurrentProcess(), (uint)exitCode);
        else ExitNow(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int exitCode);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool TerminateProcess(nint process, uint exitCode);

    [LibraryImport("kernel32")]
    private static partial nint GetCurrentProcess();
}
