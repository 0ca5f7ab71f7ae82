using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// The MonoSemanticity score of every unit in one pass (Pach et al. 2025, arXiv 2504.02821): the mean similarity of pairs of images,
/// weighted with the unit's activations,
/// <code>
/// MS = Σᵢ﹤ⱼ ãᵢ ãⱼ pᵢ·pⱼ / Σᵢ﹤ⱼ ãᵢ ãⱼ = (‖Σ ãᵢ pᵢ‖² − Σ ãᵢ² ‖pᵢ‖²) / ((Σ ãᵢ)² − Σ ãᵢ²)
/// </code>
/// aᵢ the unit's largest activation over the positions of image i, ã = (a − min a) / (max a − min a), pᵢ the image's embedding of length 1.
/// The right-hand side needs sums only, and those of ã follow from those of a once min and max are known: memory for units × dimension,
/// whatever the number of images.
/// <para>
/// Shuffling the images leaves the denominator as it is, so mean and variance over all n! permutations have closed forms (Mantel 1967):
/// nothing is drawn.
/// </para>
/// </summary>
public sealed class Monosemanticity : IUnitObserver
{
    /// <summary>Images a product of matrices: fixed, so that nothing depends on how images were batched.</summary>
    private const int Block = 128;

    private readonly int _units;
    private readonly ImageEmbeddings _embeddings;
    private readonly List<int> _rows = [];
    private readonly HashSet<int> _seen = [];
    private readonly double[] _first, _minimum, _maximum, _products;
    private readonly double[][] _powers;
    private readonly double[] _weighted, _weightedSquares;
    private readonly double[] _waiting;

    /// <summary>Nothing seen yet.</summary>
    /// <param name="units">Number of units.</param>
    /// <param name="embeddings">By another network than the units', for every image that will be added.</param>
    public Monosemanticity(int units, ImageEmbeddings embeddings)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        ArgumentNullException.ThrowIfNull(embeddings);
        (_units, _embeddings) = (units, embeddings);
        (_first, _minimum, _maximum) = (new double[units], new double[units], new double[units]);
        (_weighted, _weightedSquares) = (new double[units], new double[units]);
        _powers = [new double[units], new double[units], new double[units], new double[units]];
        _products = new double[checked(units * embeddings.Dimension)];
        _waiting = new double[checked(Block * units)];
    }

    /// <summary>Images seen.</summary>
    public int Images => _rows.Count;

    /// <inheritdoc/>
    /// <exception cref="FoveaException">An image has no embedding or comes twice, or an activation is not finite.</exception>
    public void Add(ReadOnlySpan<float> values, int height, int width, ReadOnlySpan<int> images)
    {
        float[] peaks = ImagePeaks.Of(values, _units, checked(height * width), images);
        for (int i = 0; i < images.Length; i++) Add(peaks.AsSpan(i * _units, _units), images[i]);
    }

    /// <summary>The scores of the images so far, by unit.</summary>
    /// <exception cref="FoveaException">Fewer than two images were added.</exception>
    public IReadOnlyList<MonosemanticityScore> Finish()
    {
        if (Images < 2) throw FoveaException.BadData("A score over pairs of images needs two images.");
        double[] products = [.. _products];
        Multiply(products, Images % Block);
        var moments = new SimilarityMoments(_embeddings, _rows);
        return [.. Enumerable.Range(0, _units).Select(unit => Score(unit, products, moments))];
    }

    private void Add(ReadOnlySpan<float> peaks, int image)
    {
        int row = _embeddings.Row(image);
        if (row < 0) throw FoveaException.BadData($"Image {image} has no embedding: embed the images of the pass.");
        if (!_seen.Add(row)) throw FoveaException.BadData($"Image {image} comes twice.");
        double length = 0;
        foreach (float value in _embeddings.Units.AsSpan(row * _embeddings.Dimension, _embeddings.Dimension))
            length += (double)value * value;
        Span<double> waiting = _waiting.AsSpan(Images % Block * _units, _units);
        for (int u = 0; u < _units; u++)
        {
            // Measured from the unit's first activation: sums of powers of a small range on a large offset would cancel.
            if (Images == 0) _first[u] = peaks[u];
            double a = peaks[u] - _first[u], square = a * a;
            _minimum[u] = Math.Min(_minimum[u], a);
            _maximum[u] = Math.Max(_maximum[u], a);
            _powers[0][u] += a;
            _powers[1][u] += square;
            _powers[2][u] += square * a;
            _powers[3][u] += square * square;
            _weighted[u] += a * length;
            _weightedSquares[u] += square * length;
            waiting[u] = a;
        }
        _rows.Add(row);
        if (Images % Block == 0) Multiply(_products, Block);
    }

    /// <summary>Adds the waiting images to Σ a p.</summary>
    private void Multiply(double[] products, int count)
    {
        if (count == 0) return;
        int d = _embeddings.Dimension, start = (Images - 1) / Block * Block;
        var vectors = new double[checked(count * d)];
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < d; k++) vectors[i * d + k] = _embeddings.Units[(long)_rows[start + i] * d + k];
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor sums = tensor(_waiting.AsMemory(0, count * _units), [count, _units]).t().matmul(tensor(vectors, [count, d])).contiguous();
        ReadOnlySpan<double> add = MemoryMarshal.Cast<byte, double>(sums.bytes);
        for (int i = 0; i < products.Length; i++) products[i] += add[i];
    }

    private MonosemanticityScore Score(int unit, double[] products, SimilarityMoments moments)
    {
        double n = moments.Count, least = _minimum[unit], range = _maximum[unit] - least;
        if (range == 0) return new MonosemanticityScore(unit, double.NaN, moments.Mean, double.NaN);
        double a1 = _powers[0][unit], a2 = _powers[1][unit], a3 = _powers[2][unit], a4 = _powers[3][unit];
        // Sums of powers of ã = (a − least) / range, by the binomial theorem.
        double s1 = (a1 - n * least) / range;
        double s2 = (a2 - 2 * least * a1 + n * least * least) / (range * range);
        double s3 = (a3 - 3 * least * a2 + 3 * least * least * a1 - n * Math.Pow(least, 3)) / Math.Pow(range, 3);
        double s4 = (a4 - 4 * least * a3 + 6 * least * least * a2 - 4 * Math.Pow(least, 3) * a1 + n * Math.Pow(least, 4)) / Math.Pow(
            range, 4);
        double weights = s1 * s1 - s2;
        if (weights <= 1e-12 * s1 * s1) return new MonosemanticityScore(unit, double.NaN, moments.Mean, double.NaN);
        double own = (_weightedSquares[unit] - 2 * least * _weighted[unit] + least * least * moments.Squares) / (range * range), norm = 0;
        for (int k = 0; k < moments.Sum.Length; k++)
        {
            double component = (products[(long)unit * moments.Sum.Length + k] - least * moments.Sum[k]) / range;
            norm += component * component;
        }
        // E Z² of Z = Σᵢ≠ⱼ ãᵢ ãⱼ (c − c̄) over permutations: pairs of pairs that are equal, share an image, or share none.
        double pairs = s2 * s2 - s4, rows = s1 * s1 * s2 - 2 * s1 * s3 + s4;
        double variance = 2 * pairs * moments.Spread / (n * (n - 1))
            + 4 * (rows - pairs) * (moments.RowSpread - moments.Spread) / (n * (n - 1) * (n - 2))
            + (weights * weights + 2 * pairs - 4 * rows) * (2 * moments.Spread - 4 * moments.RowSpread) / (n * (n - 1) * (n - 2) * (n - 3));
        double deviation = n < 4 ? double.NaN : Math.Sqrt(Math.Max(0, variance)) / weights;
        return new MonosemanticityScore(unit, (norm - own) / weights, moments.Mean, deviation);
    }
}
