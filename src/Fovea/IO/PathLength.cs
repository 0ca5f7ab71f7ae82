using System.Text;

namespace Fovea.IO;

/// <summary>
/// How long names and paths may be. A disk says it when the file is made, which of a result is after hours: so it is asked before.
/// </summary>
internal static class PathLength
{
    /// <summary>Most bytes of one name, on the file systems that are common; Windows counts characters.</summary>
    public const int LongestName = 255;

    /// <summary>Most bytes of a path.</summary>
    private static readonly int LongestPath = OperatingSystem.IsWindows() ? 32_000 : OperatingSystem.IsMacOS() ? 1023 : 4095;

    /// <summary>Refuses a path that no disk takes.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="what">What it is, for the message: <c>--out</c>.</param>
    /// <param name="within">Bytes that are left for what is written below it.</param>
    /// <exception cref="FoveaException">Configuration: it, or a name in it, is too long.</exception>
    public static void Require(string path, string what, int within = 0)
    {
        string full = Path.GetFullPath(path);
        foreach (string name in full.Split(Path.DirectorySeparatorChar))
        {
            int bytes = Bytes(name);
            if (bytes > LongestName)
                throw FoveaException.BadConfiguration(
                    $"{what} has a name of {bytes} bytes, '{name[..40]}…': {LongestName} are the most that disks take. Choose a shorter one.");
        }
        int all = Bytes(full);
        if (all + within > LongestPath)
            throw FoveaException.BadConfiguration(
                $"{what} is a path of {all} bytes, '{full[..40]}…': {LongestPath - within} are the most{(within > 0 ? ", with what is written into it" : "")}. Choose a shorter one.");
    }

    private static int Bytes(string text) => OperatingSystem.IsWindows() ? text.Length : Encoding.UTF8.GetByteCount(text);
}
