using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>Normal noise for the start of an optimisation.</summary>
internal static class PixelNoise
{
    /// <summary>Noise <c>[N, 3, H, W]</c> of the given standard deviation; picture i from <c>streams[i]</c> alone.</summary>
    public static Tensor Draw(IReadOnlyList<CounterRandom> streams, int height, int width, double deviation)
    {
        ArgumentNullException.ThrowIfNull(streams);
        int size = 3 * height * width;
        var values = new float[streams.Count * size];
        Parallel.For(0, streams.Count, i =>
        {
            var own = values.AsSpan(i * size, size);
            for (int k = 0; k < size; k++) own[k] = (float)(deviation * streams[i].NextGaussian());
        });
        return tensor(values, [streams.Count, 3, height, width]);
    }
}
