namespace Fovea.Activations;

/// <summary>Vectors by row number: an activation store, or an array in memory.</summary>
public interface IVectorSource
{
    /// <summary>Length of a vector (channels of the layer).</summary>
    int Dimension { get; }

    /// <summary>Number of rows.</summary>
    long Count { get; }

    /// <summary>Copies the given rows into <paramref name="destination"/>, <c>[rows, Dimension]</c>. Thread-safe.</summary>
    void Read(ReadOnlySpan<long> rows, Span<float> destination);
}
