using System.Globalization;
using Fovea.Runs;

namespace Fovea.Cli.Workflows;

/// <summary>The run folder's <c>log.txt</c>: what was said, each line with its time (UTC); invocations follow each other.</summary>
internal sealed class RunLog(RunFolder run, TimeProvider clock)
{
    /// <summary>Appends a line. The log is a convenience: what goes wrong with it stops no run.</summary>
    public void Write(string line)
    {
        string stamp = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        try { File.AppendAllText(run.Log, $"{stamp} {line.ReplaceLineEndings("\n  ")}\n"); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}
