using System.Buffers;
using Fovea.Activations;
using Fovea.Dictionaries.Sparse;

namespace Fovea.Dictionaries.Training;

/// <summary>A source whose vectors are each brought to a scale of their own, as an autoencoder will do it once it is trained.</summary>
internal sealed class NormalizedVectors(IVectorSource source, InputNormalization normalization) : IVectorSource
{
    /// <inheritdoc/>
    public int Dimension => source.Dimension;

    /// <inheritdoc/>
    public long Count => source.Count;

    /// <inheritdoc/>
    public string? Layer => source.Layer;

    /// <inheritdoc/>
    public string? Network => source.Network;

    /// <inheritdoc/>
    public string? Identity => source.Identity is { } identity ? $"{identity} normalised by {normalization}" : null;

    /// <summary>The source itself where nothing is done to its vectors.</summary>
    public static IVectorSource Of(IVectorSource source, InputNormalization normalization) =>
        normalization == InputNormalization.None ? source : new NormalizedVectors(source, normalization);

    /// <inheritdoc/>
    public bool IsOnDisk => source.IsOnDisk;

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<long> rows, Span<float> destination)
    {
        source.Read(rows, destination);
        var vectors = destination[..(rows.Length * Dimension)];
        double[] frames = ArrayPool<double>.Shared.Rent(2 * rows.Length);
        try
        {
            // Each number is read for the last time where it is written.
            VectorFrames.Of(vectors, Dimension, normalization, vectors, frames);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(frames);
        }
    }

    /// <inheritdoc/>
    public void Release() => source.Release();

    /// <inheritdoc/>
    public void Expect(ReadOnlySpan<long> rows) => source.Expect(rows);
}
