namespace Fovea.Activations;

/// <summary>Vectors by row number: an activation store, or an array in memory.</summary>
public interface IVectorSource
{
    /// <summary>Length of a vector (channels of the layer).</summary>
    int Dimension { get; }

    /// <summary>Number of rows.</summary>
    long Count { get; }

    /// <summary>The layer of a network that the vectors are activations of; null where they are of none, or it is not known.</summary>
    string? Layer => null;

    /// <summary>
    /// The fingerprint of the network that the vectors are activations of; null where they are of none, or it is not known.
    /// </summary>
    string? Network => null;

    /// <summary>
    /// Whether vectors lie on a disk, where neighbours are read much faster than rows from all over: a training then reads what it draws from a
    /// window at a time, and the next window while it learns from this one.
    /// </summary>
    bool IsOnDisk => false;

    /// <summary>Copies the given rows into <paramref name="destination"/>, <c>[rows, Dimension]</c>. Thread-safe.</summary>
    void Read(ReadOnlySpan<long> rows, Span<float> destination);

    /// <summary>
    /// A word that changes when any vector does (a hash), where the source knows one without reading all vectors; null: it does not. A
    /// training that goes on after an interruption insists on it.
    /// </summary>
    string? Identity => null;

    /// <summary>
    /// Says that what was read lately is not needed soon: a source that keeps parts of a file in memory lets go of them. Changes no value;
    /// thread-safe.
    /// </summary>
    void Release()
    {
    }

    /// <summary>
    /// Says that these rows are read soon: a source on a disk has them brought, and does not wait for them. Changes no value; thread-safe.
    /// </summary>
    /// <param name="rows">Neighbours beside each other.</param>
    void Expect(ReadOnlySpan<long> rows)
    {
    }
}
