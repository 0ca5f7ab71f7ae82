using Fovea.Activations;

namespace Fovea.Dictionaries;

/// <summary>A source whose vectors are multiplied by one number.</summary>
internal sealed class ScaledVectors(IVectorSource source, double scale) : IVectorSource
{
    /// <inheritdoc/>
    public int Dimension => source.Dimension;

    /// <inheritdoc/>
    public long Count => source.Count;

    /// <inheritdoc/>
    public string? Layer => source.Layer;

    /// <inheritdoc/>
    public bool IsOnDisk => source.IsOnDisk;

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<long> rows, Span<float> destination)
    {
        source.Read(rows, destination);
        float factor = (float)scale;
        foreach (ref float value in destination[..(rows.Length * Dimension)]) value *= factor;
    }

    /// <inheritdoc/>
    public void Release() => source.Release();

    /// <inheritdoc/>
    public void Expect(ReadOnlySpan<long> rows) => source.Expect(rows);
}
