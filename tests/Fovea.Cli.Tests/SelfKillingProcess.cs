using System.Diagnostics;
using System.Globalization;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.IO;

namespace Fovea.Cli.Tests;

/// <summary>
/// The command <c>fovea</c> in a process of its own that kills itself (-9) right before the n-th change of its disk: what the operating
/// system leaves then is left, and no clock says when. The program of the tests is started again for it, with a word before the command
/// line.
/// </summary>
internal static class SelfKillingProcess
{
    /// <summary>The word.</summary>
    public const string Word = "fovea-until-change";

    /// <summary>What a process that was killed (-9) ends with.</summary>
    public const int Killed = 128 + 9;

    /// <summary>Runs the command.</summary>
    /// <param name="arguments">Of <c>fovea</c>.</param>
    /// <param name="change">Kill it before this change, from 1; 0: let it end.</param>
    /// <returns>Exit code, changes counted (0 where it was killed), what stderr got.</returns>
    public static (int ExitCode, int Changes, string Error) Run(IEnumerable<string> arguments, int change)
    {
        string count = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (string argument in (string[])[Word, change.ToString(CultureInfo.InvariantCulture), count, .. arguments])
                start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            string changes = File.ReadAllText(count);
            return (process.ExitCode, changes.Length == 0 ? 0 : int.Parse(changes, CultureInfo.InvariantCulture), error);
        }
        finally
        {
            File.Delete(count);
        }
    }

    /// <summary>What the started process does.</summary>
    public static int Work(string[] args)
    {
        int at = int.Parse(args[0], CultureInfo.InvariantCulture), changes = 0;
        DiskEvents.Changing += _ =>
        {
            if (Interlocked.Increment(ref changes) != at) return;
            Process.GetCurrentProcess().Kill();
            Thread.Sleep(Timeout.Infinite);
        };
        string[] command = args[2..];
        var console = CommandConsole.OfProcess();
        using var interruption = Interruption.OfProcess(console.Error);
        int code = new FoveaApplication(
            new AppEnvironment(
                console, new WorkflowRunner(interruption), interruption, ShellLine.Of(["fovea", .. command]), TimeProvider.System)).Run(
                    command);
        File.WriteAllText(args[1], changes.ToString(CultureInfo.InvariantCulture));
        return code;
    }
}
