using System.Runtime.CompilerServices;

namespace Fovea.Browser.Tests;

/// <summary>
/// Programs that make pictures for the explorer get their turn beside other test programs here. At the lowest priority, as a reader has
/// them (<c>PictureOrderTests</c> holds that), they stand still for as long as two others compute: a test would wait for that and not for
/// the picture. So <c>nice</c> is, for this test program and what it starts, one that starts a program as it is.
/// </summary>
internal static class UsualPriority
{
    [ModuleInitializer]
    internal static void Set()
    {
        if (OperatingSystem.IsWindows()) return;
        string folder = Directory.CreateTempSubdirectory("fovea-usual-priority-").FullName, script = Path.Combine(folder, "nice");
        // Called as `nice -n 19 PROGRAM …`.
        File.WriteAllText(script, "#!/bin/sh\nshift 2\nexec \"$@\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable("PATH", folder + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
