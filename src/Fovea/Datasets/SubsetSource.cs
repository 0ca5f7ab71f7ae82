using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>Some images of another source, in the order given; the classes are the other's. Disposing it disposes the other.</summary>
public sealed class SubsetSource : IImageSource
{
    private readonly IImageSource _source;
    private readonly int[] _indices;
    private readonly Lazy<string> _fingerprint;

    /// <summary>A subset.</summary>
    /// <param name="source">The source the images are taken from; owned from now on.</param>
    /// <param name="indices">Which images (not copied).</param>
    /// <param name="description">For people; null: the source's, and how many.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is not one of the source's.</exception>
    public SubsetSource(IImageSource source, int[] indices, string? description = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(indices);
        foreach (int index in indices)
        {
            if ((uint)index >= (uint)source.Count)
                throw new ArgumentOutOfRangeException(nameof(indices), $"Image {index} of a source of {source.Count}.");
        }
        (_source, _indices) = (source, indices);
        Description = description ?? $"{source.Description}, {indices.Length} of {source.Count} images";
        _fingerprint = new Lazy<string>(Hash);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public DataDescription? Data => _source.Data;

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => _source.Notes;

    /// <inheritdoc/>
    public ClassList Classes => _source.Classes;

    /// <inheritdoc/>
    public int Count => _indices.Length;

    /// <inheritdoc/>
    public string Fingerprint => _fingerprint.Value;

    /// <inheritdoc/>
    public string Id(int index) => _source.Id(_indices[index]);

    /// <inheritdoc/>
    public int Label(int index) => _source.Label(_indices[index]);

    /// <summary>The image's index in the source it was taken from.</summary>
    public int OriginalIndex(int index) => _indices[index];

    /// <inheritdoc/>
    public long? Size(int index) => _source.Size(_indices[index]);

    /// <inheritdoc/>
    public byte[]? Stored(int index) => _source.Stored(_indices[index]);

    /// <inheritdoc/>
    public RgbImage Read(int index) => _source.Read(_indices[index]);

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private string Hash()
    {
        // Of stored images those that were taken say it all; the others need not be read.
        if (Count > 0 && Size(0) is not null) return SourceFingerprint.Of(this);
        byte[] bytes = new byte[_indices.Length * sizeof(int)];
        for (int i = 0; i < _indices.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), _indices[i]);
        return Convert.ToHexStringLower(SHA256.HashData([.. Encoding.ASCII.GetBytes(_source.Fingerprint), .. bytes]));
    }
}
