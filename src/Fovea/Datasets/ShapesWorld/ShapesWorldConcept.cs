namespace Fovea.Datasets;

/// <summary>
/// One true thing that a unit could stand for, with the pixels that show it: what a unit's activations are scored against, position by
/// position.
/// </summary>
public sealed class ShapesWorldConcept
{
    private const int Size = ShapesWorld.ImageSize;

    private readonly Func<ShapesWorldTruth, bool>? _holds;
    private readonly Func<ShapesWorldTruth, int, byte> _mask;

    /// <param name="factor">The factor.</param>
    /// <param name="value">Its value.</param>
    /// <param name="mask">Share of a pixel that shows it, where it holds.</param>
    /// <param name="holds">Whether it is true of the image; of every image when null.</param>
    internal ShapesWorldConcept(
        string factor, string value, Func<ShapesWorldTruth, int, byte> mask, Func<ShapesWorldTruth, bool>? holds = null) =>
        (Factor, Value, _mask, _holds) = (factor, value, mask, holds);

    /// <summary>
    /// Every concept: parts of things, then every factor of <see cref="ShapesWorldTruth.Names"/> and
    /// <see cref="ShapesWorldTruth.Numbers"/>, value by value.
    /// </summary>
    public static IReadOnlyList<ShapesWorldConcept> All { get; } = [.. PartConcepts.All(), .. ObjectConcepts.All(), .. SceneConcepts.All()];

    /// <summary>The factor, e.g. <c>texture</c>.</summary>
    public string Factor { get; }

    /// <summary>Its value, e.g. <c>dots</c>.</summary>
    public string Value { get; }

    /// <summary><c>factor=value</c>.</summary>
    public string Name => $"{Factor}={Value}";

    /// <summary>Whether some pixel may show the concept: false says that <see cref="Mask"/> is 0 everywhere.</summary>
    public bool Holds(ShapesWorldTruth truth)
    {
        ArgumentNullException.ThrowIfNull(truth);
        return _holds is null || _holds(truth);
    }

    /// <summary>Share of each pixel that shows the concept, 0 … 255, <c>[64, 64]</c>.</summary>
    public byte[] Mask(ShapesWorldTruth truth)
    {
        var mask = new byte[Size * Size];
        if (!Holds(truth)) return mask;
        for (int at = 0; at < mask.Length; at++) mask[at] = _mask(truth, at);
        return mask;
    }

    /// <summary>
    /// Mean share, 0 … 1, of each cell of a grid laid over the image, <c>[height, width]</c>: the truth at a layer's positions.
    /// </summary>
    /// <exception cref="ArgumentException">The grid is finer than the image.</exception>
    public static float[] ToGrid(ReadOnlySpan<byte> mask, int height, int width)
    {
        if (mask.Length != Size * Size) throw new ArgumentException($"{mask.Length} values for a mask of {Size}×{Size}.", nameof(mask));
        if (height is < 1 or > Size || width is < 1 or > Size)
            throw new ArgumentException($"A grid of {height}×{width} over {Size}×{Size} pixels.");
        var grid = new float[height * width];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                int top = row * Size / height, bottom = (row + 1) * Size / height, left = column * Size / width, right =
                    (column + 1) * Size / width;
                long sum = 0;
                for (int y = top; y < bottom; y++)
                {
                    for (int x = left; x < right; x++) sum += mask[y * Size + x];
                }
                grid[row * width + column] = sum / (255f * (bottom - top) * (right - left));
            }
        }
        return grid;
    }
}
