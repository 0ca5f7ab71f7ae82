using System.Globalization;
using System.Text.RegularExpressions;

namespace Fovea.IO;

/// <summary>Names of files being written: <c>NAME.MACHINE-PROCESS-THREAD.partial</c>.</summary>
internal static partial class TemporaryName
{
    /// <summary>How long a file of another machine is let alone: longer than any block takes to be written.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private static readonly string Machine = new([.. Environment.MachineName.Where(letter => char.IsAsciiLetterOrDigit(letter)).Take(40)]);

    /// <summary>The name for this thread.</summary>
    public static string Of(string path) => string.Create(
        CultureInfo.InvariantCulture,
        $"{path}.{Machine}-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}{AtomicFile.TemporarySuffix}");

    /// <summary>
    /// Whether another process may still be writing the file: one of this machine that lives, or one of another machine not long ago. What
    /// this process itself has left is nobody's.
    /// </summary>
    public static bool MayBeInUse(string path)
    {
        Match match = Parts().Match(path);
        if (!match.Success) return false;
        int process = int.Parse(match.Groups["process"].Value, CultureInfo.InvariantCulture);
        if (match.Groups["machine"].Value == Machine) return process != Environment.ProcessId && ProcessIdentity.Of(process) is not null;
        return DateTime.UtcNow - File.GetLastWriteTimeUtc(path) < Patience;
    }

    [GeneratedRegex(@"\.(?<machine>[A-Za-z0-9]*)-(?<process>[0-9]{1,9})-[0-9]+\.partial$")]
    private static partial Regex Parts();
}
