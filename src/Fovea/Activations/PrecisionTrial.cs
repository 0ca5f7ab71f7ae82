using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Activations;

/// <summary>Whether reading in bfloat16 is worth it here: on a processor that has products of it, and faster than what else would read.</summary>
internal static class PrecisionTrial
{
    private const int MostImages = 16, Rounds = 3;

    /// <summary>Whether this processor multiplies in bfloat16; true where that cannot be asked (not an x86): the trial then tells.</summary>
    public static bool IsSupported
    {
        get
        {
            if (!X86Base.IsSupported) return true;
            if (X86Base.CpuId(0, 0).Eax < 7) return false;
            // Leaf 7: AMX-BF16 is bit 22 of EDX; AVX512-BF16 bit 5 of EAX of the first sub-leaf.
            return (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0 || (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;
        }
    }

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="FoveaException">Configuration: the network is elsewhere, of another type, or the processor has no such
    /// products.</exception>
    public static void RequireSupport(ImageModel model)
    {
        if (model.Device.type != TorchSharp.DeviceType.CPU)
            throw Refused($"it is for processors, and the network is on {model.Device}");
        if (model.State.Values.FirstOrDefault(weight => weight.is_floating_point() && weight.dtype != ScalarType.Float32) is { } other)
            throw Refused($"the network calculates in {other.dtype}");
        if (!IsSupported) throw Refused("this processor has no products of it (avx512_bf16 or amx_bf16) and would be slower");
    }

    /// <summary>Runs both in turns on images of noise.</summary>
    /// <param name="half">The pass in bfloat16.</param>
    /// <param name="single">The pass as it would be otherwise.</param>
    /// <param name="images">Images of a batch.</param>
    /// <param name="size">Of an image.</param>
    /// <returns>What it showed, for people.</returns>
    /// <exception cref="FoveaException">Configuration: it was not faster, or the network cannot be run so.</exception>
    public static string Run(EvidencePass half, EvidencePass single, int images, (int Height, int Width) size)
    {
        using var scope = NewDisposeScope();
        images = Math.Min(images, MostImages);
        Tensor input = BatchCheck.Noise(images, size.Height, size.Width);
        try
        {
            Seconds(half, input);
        }
        catch (Exception e) when (e is ExternalException or ArgumentException or FoveaException && !Shortage.Is(e))
        {
            throw Refused($"the network cannot be run in it ({e.Message.Split('\n')[0]})");
        }
        Seconds(single, input);
        var times = new double[2][] { new double[Rounds], new double[Rounds] };
        for (int round = 0; round < Rounds; round++)
            (times[0][round], times[1][round]) = (Seconds(half, input), Seconds(single, input));
        foreach (double[] one in times) Array.Sort(one);
        double own = times[0][Rounds / 2], other = times[1][Rounds / 2];
        string found = string.Create(CultureInfo.InvariantCulture,
            $"{images} images take {1e3 * own:0} ms, in single precision by {single.Engine.Id} {1e3 * other:0} ms");
        return own < other ? found : throw Refused($"on this machine it is not faster: {found}");
    }

    private static double Seconds(EvidencePass pass, Tensor input)
    {
        using var scope = NewDisposeScope();
        var clock = Stopwatch.StartNew();
        pass.Run(input, logits => logits.argmax(1));
        return clock.Elapsed.TotalSeconds;
    }

    private static FoveaException Refused(string why) =>
        FoveaException.BadConfiguration($"precision bf16 is refused: {why}. Leave precision out.");
}
