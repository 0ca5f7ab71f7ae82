using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// How many pictures were optimised together where that was chosen from memory: <c>batch.json</c>. It is kept with the pictures: another
/// number would change their last bits when a set is continued.
/// </summary>
/// <param name="Sizes">By what the pictures are of.</param>
public sealed record PictureBatches(IReadOnlyDictionary<string, int> Sizes) : ICheckedDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "batch.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;
    /// <inheritdoc/>
    public string? Inconsistency() => Sizes.Values.Any(size => size < 1) ? "sizes holds a number below 1" : null;

    /// <summary>The size that a file keeps, chosen and written where it has none yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">What the pictures are of.</param>
    /// <param name="choose">Measures the memory.</param>
    /// <exception cref="FoveaException">The file is damaged, or cannot be written.</exception>
    public static int Keep(string path, string key, Func<int> choose)
    {
        ArgumentNullException.ThrowIfNull(choose);
        IReadOnlyDictionary<string, int> known = DocumentFile.Find<PictureBatches>(path)?.Sizes ?? new Dictionary<string, int>();
        if (known.TryGetValue(key, out int size)) return size;
        size = choose();
        DocumentFile.Write(
            path, new PictureBatches(new SortedDictionary<string, int>(known.ToDictionary(), StringComparer.Ordinal) { [key] = size }));
        return size;
    }
}
