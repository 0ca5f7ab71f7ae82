using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fovea.Tests.Shared;

/// <summary>
/// Test programs leave each other the cores. libtorch computes on one thread, unless a test says otherwise: where its convolutions are cut
/// into many small products (of a depthwise one into one for each channel), several threads meet so often that two of them take six times
/// as long as one. Threads that wait for each other sleep, where by default (libgomp) they look again and again for about a millisecond.
/// Programs that the tests start are not translated twice with what was seen of their calls: most end before that pays.
/// </summary>
internal static partial class QuietThreads
{
    private static readonly (string Name, string Value)[] Settings =
        [("OMP_NUM_THREADS", "1"), ("OMP_WAIT_POLICY", "passive"), ("DOTNET_TieredPGO", "0")];

    // Read once, when libgomp is loaded with libtorch.
    [ModuleInitializer]
    internal static void Set()
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var (name, value) in Settings)
        {
            if (Environment.GetEnvironmentVariable(name) is not null) continue;
            // For programs that the tests start; the runtime keeps a copy of the environment that native code does not see.
            Environment.SetEnvironmentVariable(name, value);
            _ = SetNative(name, value, 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
