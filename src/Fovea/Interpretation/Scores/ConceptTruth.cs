using Fovea.Datasets;
using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>
/// What is true at each position of a layer's grid over some images: for every concept, the positions that show it. Kept as a list of
/// concepts a position, since most concepts are absent from most positions.
/// </summary>
public sealed class ConceptTruth
{
    /// <summary>
    /// A position shows a concept where at least this share of its cell does: enough for thin things, an outline or a tip, to count on
    /// coarse grids.
    /// </summary>
    public const double DefaultShare = 0.1;

    private readonly Dictionary<int, int> _place = [];
    private readonly int[] _starts;
    private readonly short[] _concepts;

    /// <summary>A truth from anywhere.</summary>
    /// <param name="concepts">Names of the concepts.</param>
    /// <param name="images">The images' indices, each once.</param>
    /// <param name="height">Rows of the grid.</param>
    /// <param name="width">Columns of the grid.</param>
    /// <param name="shown">The concepts that each position shows: image after image, positions in reading order.</param>
    /// <exception cref="FoveaException">The number of positions is wrong, an image stands twice, or there is no such concept.</exception>
    public ConceptTruth(
        IReadOnlyList<string> concepts, IReadOnlyList<int> images, int height, int width, IReadOnlyList<IReadOnlyList<int>> shown)
        : this(concepts, images, height, width, Flatten(shown, concepts?.Count ?? 0))
    {
    }

    private ConceptTruth(
        IReadOnlyList<string> concepts, IReadOnlyList<int> images, int height, int width, (int[] Starts, short[] Concepts) lists)
    {
        ArgumentNullException.ThrowIfNull(images);
        (Concepts, Images, Height, Width, _starts, _concepts) = (concepts, images, height, width, lists.Starts, lists.Concepts);
        if (Positions != (long)images.Count * height * width)
            throw FoveaException.BadData($"A truth of {Positions} positions is none of {images.Count} images of {height}×{width}.");
        for (int i = 0; i < images.Count; i++)
        {
            if (!_place.TryAdd(images[i], i)) throw FoveaException.BadData($"Image {images[i]} has two truths.");
        }
        Positives = new int[concepts.Count];
        foreach (short concept in _concepts) Positives[concept]++;
    }

    /// <summary>Names of the concepts.</summary>
    public IReadOnlyList<string> Concepts { get; }

    /// <summary>The images.</summary>
    public IReadOnlyList<int> Images { get; }

    /// <summary>Rows of the grid.</summary>
    public int Height { get; }

    /// <summary>Columns of the grid.</summary>
    public int Width { get; }

    /// <summary>Positions of all images: N.</summary>
    public int Positions => _starts.Length - 1;

    /// <summary>Positions that show each concept: P.</summary>
    internal int[] Positives { get; }

    /// <summary>Share of the positions that show a concept: p = P / N.</summary>
    public double Prevalence(int concept) => (double)Positives[concept] / Positions;

    /// <summary>
    /// F1 of saying yes everywhere, 2p / (1 + p): the least that a best F1 can be. NaN for a concept that is never shown.
    /// </summary>
    public double FloorF1(int concept) =>
        Positives[concept] == 0 ? double.NaN : 2.0 * Positives[concept] / (Positions + Positives[concept]);

    /// <summary>The truth of ShapesWorld: a position shows a concept where at least a share of its cell of the image does.</summary>
    /// <param name="source">The images.</param>
    /// <param name="images">Indices of the images.</param>
    /// <param name="height">Rows of the grid, laid over the whole image.</param>
    /// <param name="width">Columns of the grid.</param>
    /// <param name="share">That share, above 0.</param>
    /// <param name="concepts">Concepts; every one of <see cref="ShapesWorldConcept.All"/> when null.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    public static ConceptTruth Of(ShapesWorldSource source, IReadOnlyList<int> images, int height, int width, double share = DefaultShare,
        IReadOnlyList<ShapesWorldConcept>? concepts = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        concepts ??= ShapesWorldConcept.All;
        int positions = height * width;
        var shown = new List<int>[images.Count * positions];
        ParallelLoop.For(images.Count, i =>
        {
            ShapesWorldTruth truth = source.Truth(images[i]);
            for (int p = 0; p < positions; p++) shown[i * positions + p] = [];
            for (int c = 0; c < concepts.Count; c++)
            {
                if (!concepts[c].Holds(truth)) continue;
                float[] cells = ShapesWorldConcept.ToGrid(concepts[c].Mask(truth), height, width);
                for (int p = 0; p < positions; p++)
                {
                    if (cells[p] >= share) shown[i * positions + p].Add(c);
                }
            }
        }, cancellationToken);
        return new ConceptTruth([.. concepts.Select(concept => concept.Name)], images, height, width, shown);
    }

    /// <summary>
    /// The baseline: each image has the truth of another, drawn without repetition. How often a concept is shown stays as it is.
    /// </summary>
    public ConceptTruth Shuffled(ulong seed = 1)
    {
        int[] order = new CounterRandom(seed, "scores/concepts", 0).Permutation(Images.Count);
        return new ConceptTruth(Concepts, [.. order.Select(place => Images[place])], Height, Width, (_starts, _concepts));
    }

    /// <summary>The row of an image's first position.</summary>
    internal int FirstRow(int image) => _place.TryGetValue(image, out int place)
        ? place * Height * Width
        : throw FoveaException.BadData($"Nothing is known to be true of image {image}: give the truth of every image of the pass.");

    /// <summary>The concepts that a position shows.</summary>
    internal ReadOnlySpan<short> At(int row) => _concepts.AsSpan(_starts[row], _starts[row + 1] - _starts[row]);

    private static (int[] Starts, short[] Concepts) Flatten(IReadOnlyList<IReadOnlyList<int>> shown, int concepts)
    {
        ArgumentNullException.ThrowIfNull(shown);
        var starts = new int[shown.Count + 1];
        for (int row = 0; row < shown.Count; row++) starts[row + 1] = checked(starts[row] + shown[row].Count);
        var all = new short[starts[^1]];
        for (int row = 0; row < shown.Count; row++)
        {
            for (int i = 0; i < shown[row].Count; i++)
            {
                if (shown[row][i] < 0 || shown[row][i] >= concepts)
                    throw FoveaException.BadData($"Position {row} shows concept {shown[row][i]} of {concepts}.");
                all[starts[row] + i] = checked((short)shown[row][i]);
            }
        }
        return (starts, all);
    }
}
