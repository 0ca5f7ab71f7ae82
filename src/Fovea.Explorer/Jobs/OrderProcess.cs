using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Fovea.Explorer.Jobs;

/// <summary>
/// A command of <c>fovea</c> in a process of its own at the lowest priority, so that pages stay quick while it works and a crash there
/// is none here. Commands write their files whole or not at all and keep a lock of the run folder; what is finished stays. It ends
/// when its input does, which is closed with this process, however that ends.
/// </summary>
internal static partial class OrderProcess
{
    /// <summary>The variable that tells the command to end with its input.</summary>
    public const string EndWithInput = "FOVEA_END_WITH_INPUT";

    private const int Nicest = 19;

    /// <summary>Most letters that are kept of what a command prints.</summary>
    private const int MostOutput = 8 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Runs the command to its end.</summary>
    /// <param name="program">The program with its first arguments.</param>
    /// <param name="arguments">The others.</param>
    /// <param name="progress">Gets steps made and steps in all.</param>
    /// <param name="cancellation">Ends the process, and waits until it has ended.</param>
    /// <returns>What went wrong, as a sentence, null: nothing; and what it printed.</returns>
    public static async Task<(string? Wrong, string Output)> RunAsync(
        IReadOnlyList<string> program, IReadOnlyList<string> arguments, Action<long, long> progress, CancellationToken cancellation)
    {
        using var process = new Process { StartInfo = Start(program, arguments) };
        string last = "";
        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not null && output.Length + line.Data.Length < MostOutput) output.AppendLine(line.Data);
        };
        process.ErrorDataReceived += (_, line) =>
        {
            if (string.IsNullOrWhiteSpace(line.Data)) return;
            if (Steps().Match(line.Data) is { Success: true } steps) progress(Number(steps.Groups[1]), Number(steps.Groups[2]));
            else last = line.Data.StartsWith("error: ", StringComparison.Ordinal) ? line.Data["error: ".Length..] : line.Data;
        };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return ($"The program that does this cannot be started: {e.Message}", "");
        }
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        if (OperatingSystem.IsWindows()) TryLower(process);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process);
            throw;
        }
        if (process.ExitCode == 0) return (null, output.ToString());
        return (last.Length > 0 ? last : string.Create(CultureInfo.InvariantCulture, $"The program that does this ended with {process.ExitCode}."), "");
    }

    private static ProcessStartInfo Start(IReadOnlyList<string> program, IReadOnlyList<string> arguments)
    {
        // Set from outside, a priority would miss threads that the program has made by then.
        string[] whole = OperatingSystem.IsWindows() ? [.. program, .. arguments]
            : ["nice", "-n", Nicest.ToString(CultureInfo.InvariantCulture), .. program, .. arguments];
        var start = new ProcessStartInfo(whole[0], whole[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment[EndWithInput] = "1";
        return start;
    }

    private static void TryLower(Process process)
    {
        try
        {
            process.PriorityClass = ProcessPriorityClass.Idle;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended already.
        }
    }

    /// <summary>Asks first, so that what is being written is written; who does not hear is killed.</summary>
    private static async Task EndAsync(Process process)
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static long Number(Group group) => long.Parse(group.Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    /// <summary>A line of progress: <c>visualize: 64 of 512 steps (12 %), 9 steps/s</c>, <c>steer: 64 of 1,200 images (5 %)</c>.</summary>
    [GeneratedRegex(@"^(?:visualize|steer): ([0-9,]+) of ([0-9,]+) (?:steps|images) ")]
    private static partial Regex Steps();
}
