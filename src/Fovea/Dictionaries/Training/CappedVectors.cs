using Fovea.Activations;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// A source whose vectors longer than <paramref name="maximumLength"/> are shortened to that length, their direction kept.
/// </summary>
internal sealed class CappedVectors(IVectorSource source, double maximumLength) : IVectorSource
{
    /// <inheritdoc/>
    public int Dimension => source.Dimension;

    /// <inheritdoc/>
    public long Count => source.Count;

    /// <inheritdoc/>
    public string? Layer => source.Layer;

    /// <inheritdoc/>
    public string? Identity => source.Identity is { } identity ? $"{identity} capped at {maximumLength:R}" : null;

    /// <inheritdoc/>
    public bool IsOnDisk => source.IsOnDisk;

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<long> rows, Span<float> destination)
    {
        source.Read(rows, destination);
        for (int row = 0; row < rows.Length; row++)
        {
            var vector = destination.Slice(row * Dimension, Dimension);
            double length = 0;
            foreach (float value in vector) length += (double)value * value;
            if (length <= maximumLength * maximumLength) continue;
            float factor = (float)(maximumLength / Math.Sqrt(length));
            foreach (ref float value in vector) value *= factor;
        }
    }

    /// <inheritdoc/>
    public void Release() => source.Release();

    /// <inheritdoc/>
    public void Expect(ReadOnlySpan<long> rows) => source.Expect(rows);
}
