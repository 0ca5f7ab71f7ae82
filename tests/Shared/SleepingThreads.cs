using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fovea.Tests.Shared;

/// <summary>
/// Threads of libtorch that wait for each other sleep. By default (libgomp) they look again and again for about a millisecond, for what one of
/// them gains by that where it is alone; where several test programs share the cores they only take the time of the one that is waited for.
/// </summary>
internal static partial class SleepingThreads
{
    private const string Name = "OMP_WAIT_POLICY", Value = "passive";

    // Read once, when libgomp is loaded with libtorch.
    [ModuleInitializer]
    internal static void Set()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(Name) is not null) return;
        // For programs that the tests start; the runtime keeps a copy of the environment that native code does not see.
        Environment.SetEnvironmentVariable(Name, Value);
        _ = SetNative(Name, Value, 1);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
