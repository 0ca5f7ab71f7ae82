using System.Globalization;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>How many pictures a batch may hold.</summary>
internal static class BatchBudget
{
    /// <summary>More views in one pass no longer make a step of a picture faster, on the machines measured.</summary>
    private const int Most = 32;

    /// <summary>A layer's output, what of it is kept for the backward pass, and its gradient.</summary>
    private const int Copies = 3;

    private const long Least = 64L << 20, Enough = 2L << 30;

    /// <summary>A quarter of the free memory, within bounds; bytes.</summary>
    public static long Free() => Math.Clamp(Available() / 4, Least, Enough);

    /// <summary>
    /// Memory that can be had now, bytes: what Linux says, within the bound of a container; elsewhere what the runtime saw at its last
    /// collection, all before the first.
    /// </summary>
    private static long Available()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo(GCKind.Any);
        long seen = memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes;
        return SystemAvailable() is { } system ? Math.Min(system, seen) : seen;
    }

    private static long? SystemAvailable()
    {
        const string Info = "/proc/meminfo", Name = "MemAvailable:";
        if (!File.Exists(Info)) return null;
        string? line = File.ReadLines(Info).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return line is not null
            && long.TryParse(
                line[Name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out long kilobytes)
                    ? kilobytes << 10 : null;
    }

    /// <summary>
    /// The largest power of two of pictures whose <paramref name="views"/> are 32 at most and have activations up to the layers that fit
    /// <paramref name="bytes"/>; at least 1.
    /// </summary>
    public static int Pictures(ImageModel network, IReadOnlyList<string> layers, int side, long bytes, int views = 1)
    {
        long one = Copies * sizeof(float) * Values(network, layers, side) * views;
        int fit = 1;
        while (2 * fit * views <= Most && 2 * fit * one <= bytes) fit *= 2;
        return fit;
    }

    /// <summary>Numbers that the innermost modules up to the deepest of the layers put out for one picture.</summary>
    private static long Values(ImageModel network, IReadOnlyList<string> layers, int side)
    {
        using var frozen = new FrozenNetwork(network);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (string layer in layers) network.Layer(layer);
        // Layers are listed as they finish: a module comes after its parts.
        string[] names = [.. network.LayerNames.TakeWhile((_, i) => i == 0 || !layers.All(network.LayerNames.Take(i).Contains))];
        string[] inner = [.. names.Where(name => !names.Any(other => other.StartsWith(name + ".", StringComparison.Ordinal)))];
        var taps = new Probe(inner);
        (int height, int width) = network.Preprocessing.SizeAt(side);
        ProbeResult result = network.Forward(zeros([1, 3, height, width], device: network.Device), taps);
        return inner.Sum(name => result[name].numel());
    }
}
