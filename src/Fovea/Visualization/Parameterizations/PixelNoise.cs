using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Visualization.Parameterizations;

/// <summary>Normal noise, a stream a picture.</summary>
internal static class PixelNoise
{
    /// <summary>Noise <c>[N, …shape]</c> of the given standard deviation; picture i from <c>streams[i]</c> alone.</summary>
    public static Tensor Draw(IReadOnlyList<CounterRandom> streams, long[] shape, double deviation)
    {
        ArgumentNullException.ThrowIfNull(streams);
        int size = (int)shape.Aggregate(1L, (product, side) => product * side);
        var values = new float[streams.Count * size];
        ParallelLoop.For(streams.Count, i =>
        {
            var own = values.AsSpan(i * size, size);
            for (int k = 0; k < size; k++) own[k] = (float)(deviation * streams[i].NextGaussian());
        });
        return tensor(values, [streams.Count, .. shape]);
    }
}
