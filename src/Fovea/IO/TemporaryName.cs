using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Fovea.IO;

/// <summary>
/// Names of files being written: <c>NAME.MACHINE-PROCESS-THREAD.partial</c>. Of a long name its beginning and a hash stand there, so that
/// every name that the disk takes can be written.
/// </summary>
internal static partial class TemporaryName
{
    /// <summary>How long a file of another machine is let alone: longer than any block takes to be written.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private const int HashDigits = 16, KeptCharacters = 40;

    private static readonly string Machine = new([.. Environment.MachineName.Where(letter => char.IsAsciiLetterOrDigit(letter)).Take(40)]);

    /// <summary>The name for this thread.</summary>
    public static string Of(string path)
    {
        string end = string.Create(
            CultureInfo.InvariantCulture, $".{Machine}-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}{AtomicFile.TemporarySuffix}");
        string name = Path.GetFileName(path);
        // A name that is too long as it is stays so: the disk is to say it.
        int bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes + end.Length <= PathLength.LongestName || bytes > PathLength.LongestName) return path + end;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashDigits];
        string kept = new([.. name.Where(char.IsAscii).Take(KeptCharacters)]);
        return path[..^name.Length] + kept + "-" + hash + end;
    }

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
        // A time to come was given by a clock that was wrong, or has been set back since: as far away, it is as old.
        return (DateTime.UtcNow - File.GetLastWriteTimeUtc(path)).Duration() < Patience;
    }

    [GeneratedRegex(@"\.(?<machine>[A-Za-z0-9]*)-(?<process>[0-9]{1,9})-[0-9]+\.partial$")]
    private static partial Regex Parts();
}
