using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Numerics;

/// <summary>Who works out libtorch's convolutions on the CPU.</summary>
public enum ConvolutionLibrary
{
    /// <summary>oneDNN: kernels that are written for the processor while the program runs.</summary>
    OneDnn,

    /// <summary>libtorch's own loops over MKL's matrix product: slower, where oneDNN's kernels were found wrong.</summary>
    Plain,
}

/// <summary>
/// Whether libtorch's convolutions give the right numbers on this processor. The oneDNN of libtorch 2.10 writes its kernels by the sizes of
/// the caches, which a virtual machine may hide (CPUID leaves 4 and 8000001Dh all zero, seen on AMD Zen 5): then many shapes come out wrong
/// by a third of their size, 1 × 1 with more than 256 outputs among them, without any word. PyTorch 2.14 with oneDNN 3.12 is right on the
/// same machine. So a few small convolutions are compared with double precision, which oneDNN leaves to libtorch, before the first
/// network runs; where they differ, oneDNN is switched off for this process.
/// </summary>
public static partial class ConvolutionKernels
{
    private const double Tolerance = 1e-4;

    /// <summary>Shapes of the kinds that were found wrong: images, channels, side, outputs, window, step, channels last.</summary>
    private static readonly (int N, int C, int Side, int Outputs, int Window, int Step, bool Last)[] Shapes =
    [
        (3, 32, 2, 272, 1, 2, true), (3, 32, 2, 320, 1, 1, true), (1, 256, 8, 512, 1, 2, true), (3, 17, 2, 40, 1, 1, true),
        (1, 32, 1, 272, 5, 1, true), (1, 32, 5, 272, 5, 2, true), (3, 24, 2, 96, 3, 1, false), (3, 24, 5, 96, 3, 2, false),
        (1, 17, 2, 40, 5, 1, false), (1, 17, 5, 40, 5, 1, false), (3, 64, 6, 64, 3, 1, true), (3, 272, 5, 32, 3, 2, false),
    ];

    private static readonly Lazy<ConvolutionLibrary> Found = new(Choose);

    /// <summary>Who works them out; at the first call it is tried (some ten milliseconds).</summary>
    /// <exception cref="FoveaException">Numerical: they are wrong, and oneDNN cannot be switched off here, or that does not help.</exception>
    public static ConvolutionLibrary Library => Found.Value;

    /// <summary>Whether oneDNN is switched on; null where libtorch does not say.</summary>
    internal static bool? IsOneDnnOn
    {
        get
        {
            try
            {
                return UserEnabledMkldnn(GlobalContext()) != 0;
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
            {
                return null;
            }
        }
    }

    /// <summary>The largest deviation of all shapes, outputs and derivatives, as a share of the largest value; NaN: not a number.</summary>
    internal static double LargestDeviation()
    {
        double largest = 0;
        foreach (var shape in Shapes)
        {
            double found = Deviation(shape);
            if (!(found <= largest)) largest = found;
        }
        return largest;
    }

    /// <summary>Switches oneDNN, and NNPACK that would stand in for it, on or off. False: libtorch's functions were not found.</summary>
    internal static bool Switch(bool oneDnn, bool nnPack)
    {
        try
        {
            nint context = GlobalContext();
            SetUserEnabledNnpack(context, nnPack ? (byte)1 : (byte)0);
            SetUserEnabledMkldnn(context, oneDnn ? (byte)1 : (byte)0);
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static ConvolutionLibrary Choose()
    {
        // NNPACK has its say where oneDNN leaves a shape alone, and prints a warning where the processor hides its caches: not in the trial.
        bool switches = Switch(oneDnn: true, nnPack: false);
        double before = LargestDeviation();
        if (IsRight(before))
        {
            if (switches) Switch(oneDnn: true, nnPack: true);
            return ConvolutionLibrary.OneDnn;
        }
        if (Switch(oneDnn: false, nnPack: false) && IsRight(LargestDeviation()))
        {
            // The plain loops lay out all windows of an image first: such buffers, asked of the system each time, take six times as long.
            NativeHeap.KeepFreedMemory();
            return ConvolutionLibrary.Plain;
        }
        throw new FoveaException(FailureKind.Numerical,
            FormattableString.Invariant($"libtorch's convolutions give wrong numbers on this processor ({before:0.##} of the largest value), ")
                + "and switching its oneDNN off was not possible or did not help. On a virtual machine, let it show the sizes of the processor's "
                + "caches; or use another machine.");
    }

    private static bool IsRight(double deviation) => deviation <= Tolerance;

    private static double Deviation((int N, int C, int Side, int Outputs, int Window, int Step, bool Last) shape)
    {
        using var scope = NewDisposeScope();
        using var recorded = enable_grad();
        Tensor images = Numbers(shape.N, shape.C, shape.Side, shape.Side), weight = Numbers(shape.Outputs, shape.C, shape.Window, shape.Window);
        Tensor x = Laid(images).requires_grad_(), w = Laid(weight), exact = images.to(float64).requires_grad_();
        Tensor y = Convolve(x, w), wanted = Convolve(exact, weight.to(float64));
        Tensor gradient = Numbers(y.shape);
        double forward = Share(y, wanted);
        double backward = Share(Gradients.Pull(y, x, Laid(gradient)), Gradients.Pull(wanted, exact, gradient.to(float64)));
        return forward >= backward || double.IsNaN(forward) ? forward : backward;

        Tensor Laid(Tensor one) => (shape.Last ? one.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : one).detach();
        Tensor Convolve(Tensor input, Tensor by) => nn.functional.conv2d(
            input, by, null, [shape.Step, shape.Step], [shape.Window / 2, shape.Window / 2]);
        static double Share(Tensor found, Tensor wanted) =>
            (found.detach().to(float64) - wanted.detach()).abs().max().item<double>() / wanted.detach().abs().max().item<double>();
    }

    /// <summary>Numbers without a pattern that leave the generators as they are.</summary>
    private static Tensor Numbers(params long[] shape) =>
        arange(shape.Aggregate(1L, (product, size) => product * size), float32).add(1).square().mul(0.37).sin().reshape(shape);

    // at::globalContext, and at::Context's setUserEnabledMkldnn(bool), userEnabledMkldnn() and setUserEnabledNNPACK(bool): the switches of
    // torch.backends.mkldnn and torch.backends.nnpack, which TorchSharp does not have.
    [LibraryImport("torch_cpu", EntryPoint = "_ZN2at13globalContextEv")]
    private static partial nint GlobalContext();

    [LibraryImport("torch_cpu", EntryPoint = "_ZN2at7Context20setUserEnabledMkldnnEb")]
    private static partial void SetUserEnabledMkldnn(nint context, byte on);

    [LibraryImport("torch_cpu", EntryPoint = "_ZNK2at7Context17userEnabledMkldnnEv")]
    private static partial byte UserEnabledMkldnn(nint context);

    [LibraryImport("torch_cpu", EntryPoint = "_ZN2at7Context20setUserEnabledNNPACKEb")]
    private static partial void SetUserEnabledNnpack(nint context, byte on);
}
