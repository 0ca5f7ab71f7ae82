using System.Runtime.InteropServices;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// k-means++ (Arthur and Vassilvitskii 2007): the first centre is a random vector, each next one is drawn with probability proportional to
/// its squared distance to the nearest centre so far. Of 2 + ⌊ln n⌋ draws the one that leaves the least sum of squares is taken, as the
/// authors advise.
/// </summary>
internal static class KMeansSeeds
{
    /// <param name="sample">Vectors <c>[s, d]</c>, float32.</param>
    /// <param name="count">n ≤ s.</param>
    /// <param name="seed">The run's seed; centre i is drawn from (seed, "baseline/kmeans++", i).</param>
    /// <param name="told">Gets how many there are so far; null: nobody asks.</param>
    /// <param name="cancellation">Stops between two centres.</param>
    /// <returns>Rows of the sample, <c>[n, d]</c>.</returns>
    public static Tensor Choose(Tensor sample, int count, ulong seed, Action<int>? told, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        long rows = sample.shape[0];
        var lengths = sample.square().sum([1L]);
        var chosen = new long[count];
        chosen[0] = new CounterRandom(seed, "baseline/kmeans++", 0).NextInt((int)rows);
        var nearest = Distances(sample, lengths, [chosen[0]]).squeeze(0);
        var cumulative = new double[rows];
        var candidates = new long[2 + (int)Math.Log(count)];
        for (int centre = 1; centre < count; centre++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var values = MemoryMarshal.Cast<byte, float>(nearest.bytes);
            double sum = 0;
            for (int i = 0; i < values.Length; i++) cumulative[i] = sum += values[i];
            var random = new CounterRandom(seed, "baseline/kmeans++", centre);
            for (int i = 0; i < candidates.Length; i++) candidates[i] = Draw(cumulative, sum, random);
            var distances = minimum(Distances(sample, lengths, candidates), nearest.unsqueeze(0));
            long best = distances.sum([1L], type: ScalarType.Float64).argmin().item<long>();
            chosen[centre] = candidates[best];
            LoopTensor.Replace(ref nearest, distances[best].clone());
            told?.Invoke(centre + 1);
        }
        return sample.index_select(0, tensor(chosen)).MoveToOuterDisposeScope();
    }

    private static long Draw(double[] cumulative, double sum, CounterRandom random)
    {
        double at = random.NextDouble();
        // Every vector is a centre already (duplicates): any will do.
        if (sum <= 0) return (long)(at * cumulative.Length);
        int index = Array.BinarySearch(cumulative, at * sum);
        index = index >= 0 ? index + 1 : ~index;
        return Math.Min(index, cumulative.Length - 1);
    }

    /// <summary>Squared distances <c>[centres, s]</c>, not below 0.</summary>
    private static Tensor Distances(Tensor sample, Tensor lengths, long[] centres)
    {
        using var scope = NewDisposeScope();
        var at = tensor(centres);
        var distances = lengths.unsqueeze(0) + lengths.index_select(0, at).unsqueeze(1) - 2 * sample.index_select(0, at).matmul(sample.t());
        return distances.scatter_(1, at.unsqueeze(1), zeros_like(distances)).clamp_min_(0).MoveToOuterDisposeScope();
    }
}
