using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>Rectified projections on random directions of length 1: max(0, d·(x − x̄)).</summary>
internal sealed class RandomCodes : IDisposable
{
    private readonly Tensor _directions, _offset;

    private RandomCodes(Tensor directions, Tensor offset) => (_directions, _offset) = (directions, offset);

    /// <summary>Directions drawn one by one from the seed: the first are the same for any number.</summary>
    /// <param name="mean">x̄.</param>
    /// <param name="count">Number of directions.</param>
    /// <param name="seed">The run's seed.</param>
    public static RandomCodes Draw(double[] mean, int count, ulong seed)
    {
        var values = new float[checked(count * mean.Length)];
        var offset = new float[count];
        var one = new double[mean.Length];
        for (int unit = 0; unit < count; unit++)
        {
            var random = new CounterRandom(seed, "scores/directions", unit);
            for (int c = 0; c < one.Length; c++) one[c] = random.NextGaussian();
            double length = Math.Sqrt(one.Sum(value => value * value)), projection = 0;
            for (int c = 0; c < one.Length; c++)
            {
                values[unit * mean.Length + c] = (float)(one[c] / length);
                projection += one[c] / length * mean[c];
            }
            offset[unit] = (float)-projection;
        }
        return new RandomCodes(tensor(values, [count, mean.Length]).DetachFromDisposeScope(), tensor(offset).DetachFromDisposeScope());
    }

    /// <summary><c>[rows, channels]</c> → <c>[rows, directions]</c>.</summary>
    public Tensor Values(Tensor vectors)
    {
        using var scope = NewDisposeScope();
        return _offset.addmm(vectors, _directions.t(), 1, 1).relu().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _directions.Dispose();
        _offset.Dispose();
    }
}
