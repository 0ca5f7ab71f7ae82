using Fovea.Cli.Terminal;
using Fovea.Numerics;
using SkiaSharp;
using TorchSharp;

namespace Fovea.Cli.Commands;

/// <summary>One thing the program needs, tried.</summary>
internal sealed record DoctorCheck(string Name, bool Ok, string Detail, string? Fix = null);

/// <summary>Tries the native parts that an installation may lack, the network library first.</summary>
internal static class DoctorChecks
{
    private const long LeastFree = 5_000_000_000;

    public static IEnumerable<DoctorCheck> Run()
    {
        yield return Try("libtorch", "dotnet build -c Release  (from the sources: it puts the libraries beside the program)", () =>
        {
            using var scope = torch.NewDisposeScope();
            float sum = torch.ones(2, 2).matmul(torch.ones(2, 2)).sum().item<float>();
            return sum == 8 ? "loads and computes" : throw new InvalidOperationException($"2 × 2 products sum to {sum}, not 8");
        });
        yield return Try("convolutions", "let the virtual machine show the sizes of the processor's caches, or use another machine", () =>
            ConvolutionKernels.Library == ConvolutionLibrary.OneDnn
                ? "oneDNN's are right on this processor"
                : "oneDNN's are wrong on this processor and are switched off: libtorch's plain ones run, slower");
        yield return Try("images", "apt-get install libfontconfig1 libfreetype6  (or reinstall the program)", () =>
        {
            using var bitmap = new SKBitmap(8, 8);
            using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            using SKBitmap back = SKBitmap.Decode(png);
            return back.Width == 8
                ? "encodes and decodes" : throw new InvalidOperationException("a picture of 8 pixels came back with another width");
        });
        yield return Disk();
        yield return Gpu();
        yield return new DoctorCheck("allocator", true, NativeHeap.InWords);
    }

    /// <summary>Which device computes, and why no other: nobody has to guess why a GPU is idle.</summary>
    private static DoctorCheck Gpu()
    {
        const string name = "gpu";
        if (CudaWorks())
            return new DoctorCheck(name, true, $"{torch.cuda.device_count()} that CUDA can use: --device auto and cuda take the first (CUDA_VISIBLE_DEVICES says which that is)");
        bool built = Directory.EnumerateFiles(AppContext.BaseDirectory, "*torch_cuda.*").Any();
        if (HasNvidia())
            return built
                ? new DoctorCheck(name, true, "an NVIDIA driver is here and this build has CUDA's libraries, but CUDA finds no device: the driver may be older than these libraries need, or CUDA_VISIBLE_DEVICES hides it",
                    "nvidia-smi  (it says the driver's version)")
                : new DoctorCheck(name, true, "an NVIDIA device is here, this build computes on the CPU", "dotnet build -c Release -p:FoveaTorch=cuda");
        if (MpsWorks()) return new DoctorCheck(name, true, "Apple's, by --device mps; auto takes the CPU");
        return new DoctorCheck(name, true, built
            ? "none: this build has CUDA's libraries, but no NVIDIA driver is loaded (/proc/driver/nvidia); the CPU computes"
            : "none: no NVIDIA driver is loaded, and this build is for the CPU, which computes; nothing is missing");
    }

    private static DoctorCheck Disk()
    {
        long free = new DriveInfo(Path.GetFullPath(".")).AvailableFreeSpace;
        return free >= LeastFree
            ? new DoctorCheck("disk", true, $"{Humane.Bytes(free)} free here")
            : new DoctorCheck(
                "disk", false, $"{Humane.Bytes(free)} free here; real images need about {Humane.Bytes(LeastFree)}",
                    "give --out on another disk");
    }

    private static DoctorCheck Try(string name, string fix, Func<string> check)
    {
        try
        {
            return new DoctorCheck(name, true, check());
        }
        // Whatever goes wrong while loading native code is what this command is there to tell.
        catch (Exception e)
        {
            return new DoctorCheck(name, false, (e.InnerException ?? e).Message.Split('\n')[0], fix);
        }
    }

    private static bool HasNvidia() =>
        File.Exists("/proc/driver/nvidia/version") || File.Exists(Path.Combine(Environment.SystemDirectory, "nvcuda.dll"));

    private static bool CudaWorks() => Works(torch.cuda_is_available);

    private static bool MpsWorks() => Works(torch.mps_is_available);

    private static bool Works(Func<bool> available)
    {
        try { return available(); }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or NotSupportedException) { return false; }
    }
}
