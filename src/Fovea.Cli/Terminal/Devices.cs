using TorchSharp;

namespace Fovea.Cli.Terminal;

/// <summary>Names of devices.</summary>
internal static class Devices
{
    /// <summary>The device of a name; <c>auto</c> takes CUDA where there is one, else the CPU.</summary>
    /// <exception cref="FoveaException">This machine or build has none such.</exception>
    public static torch.Device Open(string name) => name switch
    {
        "cpu" => torch.CPU,
        "auto" => torch.cuda_is_available() ? torch.CUDA : torch.CPU,
        "cuda" => torch.cuda_is_available() ? torch.CUDA : throw FoveaException.OutOfResource(
            "There is no CUDA device that this build can use. See `fovea doctor`, or take --device cpu."),
        "mps" => torch.mps_is_available() ? torch.MPS : throw FoveaException.OutOfResource(
            "There is no Metal device that this build can use. Take --device cpu."),
        _ => throw FoveaException.BadConfiguration($"No device '{name}': it must be auto, cpu, cuda or mps."),
    };
}
