using Fovea.Activations;
using Fovea.Numerics;

namespace Fovea.Runs.Speed;

/// <summary>
/// Vectors that no network has given, to time dictionaries on: rectified normal numbers, a few thousand rows over and over.
/// </summary>
internal sealed class SampleVectors : IVectorSource
{
    private const int Distinct = 2048;

    private readonly float[] _values;

    /// <summary>Vectors of a layer.</summary>
    /// <param name="dimension">d.</param>
    /// <param name="count">Rows.</param>
    public SampleVectors(int dimension, long count)
    {
        (Dimension, Count) = (dimension, count);
        _values = new float[Math.Min(Distinct, count) * dimension];
        var random = new CounterRandom(1, "speed/vectors", dimension);
        for (int i = 0; i < _values.Length; i++) _values[i] = (float)Math.Max(0, random.NextGaussian());
    }

    public int Dimension { get; }

    public long Count { get; }

    public string? Identity => "speed";

    public void Read(ReadOnlySpan<long> rows, Span<float> destination)
    {
        int distinct = _values.Length / Dimension;
        for (int i = 0; i < rows.Length; i++)
            _values.AsSpan((int)(rows[i] % distinct) * Dimension, Dimension).CopyTo(destination[(i * Dimension)..]);
    }
}
