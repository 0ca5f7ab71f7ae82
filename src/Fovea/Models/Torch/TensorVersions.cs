using System.Diagnostics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Models.Torch;

/// <summary>
/// How often libtorch wrote to a tensor's memory: the counter by which it knows whether a derivative's values are still what they were.
/// TorchSharp does not hand it on, so it is asked of the library that TorchSharp loaded.
/// </summary>
internal static unsafe class TensorVersions
{
    private static readonly delegate* unmanaged<nint, long> Version;
    private static readonly delegate* unmanaged<nint, byte> OfInference;

    static TensorVersions()
    {
        // The very file that is loaded: another copy of libtorch beside it would share nothing with it.
        string? path = Loaded();
        if (path is null || !NativeLibrary.TryLoad(path, out nint library)) return;
        // As C++ compilers on Linux and macOS name at::TensorBase::_version() const and at::native::is_inference(const at::Tensor&).
        if (!NativeLibrary.TryGetExport(library, "_ZNK2at10TensorBase8_versionEv", out nint version)
            || !NativeLibrary.TryGetExport(library, "_ZN2at6native12is_inferenceERKNS_6TensorE", out nint inference)) return;
        Version = (delegate* unmanaged<nint, long>)version;
        OfInference = (delegate* unmanaged<nint, byte>)inference;
    }

    /// <summary>
    /// The counter of a tensor; null where there is none: for tensors made in inference mode, and with libraries that name it otherwise.
    /// </summary>
    public static long? Of(Tensor tensor)
    {
        if (Version is null || OfInference is null) return null;
        nint handle = tensor.Handle;
        // One that is not counted would throw where nothing catches it.
        long? version = OfInference(handle) != 0 ? null : Version(handle);
        GC.KeepAlive(tensor);
        return version;
    }

    /// <summary>Counts a write that libtorch knows nothing of, by a kernel of our own.</summary>
    public static void Written(Tensor tensor)
    {
        using var quiet = no_grad();
        // A view has its tensor's counter: a write to no numbers at all is counted too.
        using Tensor flat = tensor.view(-1), none = flat.narrow(0, 0, 0);
        none.zero_();
    }

    private static string? Loaded()
    {
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            using (module)
            {
                if (module.ModuleName.StartsWith("libtorch_cpu", StringComparison.Ordinal)
                    || module.ModuleName.StartsWith("torch_cpu", StringComparison.Ordinal)) return module.FileName;
            }
        }
        return null;
    }
}
