using System.Runtime.InteropServices;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Numerics;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea doctor</c>: versions, device, threads, and what is missing.</summary>
internal sealed class DoctorCommand : FoveaCommand
{
    public DoctorCommand(AppEnvironment app)
        : base(app, "doctor",
            "Versions, device and threads; why no other device computes; what is missing, and the one command that brings it. Exit 6 where something is.")
    {
        Add(SharedOptions.Threads);
        Examples = ["fovea doctor", "fovea doctor --json"];
    }

    protected override int Execute(CommandContext context)
    {
        DoctorCheck[] checks = [.. DoctorChecks.Run()];
        bool torch = checks[0].Ok;
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var report = new DoctorResult(
            Versions.All(),
            $"{RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}".ToLowerInvariant(),
            Device: torch ? Devices.Open("auto").ToString() : "none",
            Cuda: torch && TorchSharp.torch.cuda_is_available(),
            Threads: torch ? TorchSharp.torch.get_num_threads() : 0,
            Cores: Environment.ProcessorCount,
            MemoryBytes: memory,
            KeepsFreedMemory: NativeHeap.Keeps,
            Checks: checks,
            Ok: checks.All(check => check.Ok));
        context.Result(report, text =>
        {
            foreach ((string name, string version) in report.Versions) text.WriteLine($"{name,-11} {version}");
            text.WriteLine($"{"system",-11} {report.System}");
            text.WriteLine($"{"device",-11} {report.Device}");
            text.WriteLine($"{"threads",-11} {report.Threads} of {report.Cores} cores");
            text.WriteLine($"{"memory",-11} {Humane.Bytes(memory)}");
            foreach (DoctorCheck check in checks)
            {
                text.WriteLine($"{(check.Ok ? "ok" : "MISSING"),-11} {check.Name}: {check.Detail}");
                if (check.Fix is not null) text.WriteLine($"{"",-11} {check.Fix}");
            }
        });
        return report.Ok ? ExitCode.Done : ExitCode.Check;
    }
}
