using System.Security.Cryptography;
using System.Text;

namespace Fovea.Numerics;

/// <summary>
/// Random numbers drawn by counter from (seed, stage, item): the n-th number of an item depends on nothing else, so results do not
/// depend on the order of work, the number of threads or where a run was interrupted. The generator is SplitMix64 (Steele et al. 2014)
/// started from a SHA-256 of the three.
/// </summary>
public sealed class CounterRandom
{
    private ulong _state;
    private double _spare = double.NaN;

    /// <summary>The stream of one item of one stage.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stage">A name for the purpose, e.g. <c>"harvest/magnitude"</c>; different names give independent streams.</param>
    /// <param name="item">The image, vector, feature or epoch the numbers are for.</param>
    public CounterRandom(ulong seed, string stage, long item)
    {
        ArgumentNullException.ThrowIfNull(stage);
        Span<byte> digest = stackalloc byte[32];
        int nameBytes = Encoding.UTF8.GetByteCount(stage);
        Span<byte> key = nameBytes <= 240 ? stackalloc byte[16 + nameBytes] : new byte[16 + nameBytes];
        BitConverter.TryWriteBytes(key, seed);
        BitConverter.TryWriteBytes(key[8..], item);
        Encoding.UTF8.GetBytes(stage, key[16..]);
        SHA256.HashData(key, digest);
        _state = BitConverter.ToUInt64(digest);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double NextDouble(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>Uniform integer in [0, <paramref name="exclusiveMax"/>), without modulo bias (Lemire 2019).</summary>
    public int NextInt(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMax);
        return (int)Math.BigMul(NextUInt64(), (ulong)exclusiveMax, out _);
    }

    /// <summary>Normal with mean 0 and standard deviation 1 (Box–Muller).</summary>
    public double NextGaussian()
    {
        if (!double.IsNaN(_spare))
        {
            double spare = _spare;
            _spare = double.NaN;
            return spare;
        }
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble())), angle = 2 * Math.PI * NextDouble();
        _spare = radius * Math.Sin(angle);
        return radius * Math.Cos(angle);
    }

    /// <summary>Puts <paramref name="items"/> in random order (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>A random order of 0 … <paramref name="count"/> − 1.</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        Shuffle<int>(order);
        return order;
    }
}
