using System.Diagnostics;

namespace Fovea.Package.Tests;

/// <summary>What a command ended with.</summary>
internal sealed record Finished(int Code, string Output);

/// <summary>Runs commands as a user at a terminal would.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command to its end, at most so long.</summary>
    public static Finished Run(string folder, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            program, arguments)
        { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        // The test runner's own settings are not a user's.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(10)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end in 10 minutes");
        }
        return new Finished(process.ExitCode, output.Result + errors.Result);
    }
}
