using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// Sums over the similarities cᵢⱼ = pᵢ·pⱼ, i ≠ j, of n embeddings, without ever writing down the n² of them:
/// <code>
/// Σᵢ≠ⱼ cᵢⱼ = ‖Σp‖² − Σ‖p‖²,   Σᵢ≠ⱼ cᵢⱼ² = ‖PᵀP‖² − Σ‖p‖⁴,   Σⱼ≠ᵢ cᵢⱼ = pᵢ·Σp − ‖pᵢ‖²
/// </code>
/// What is kept is centred on the mean similarity, so that no difference of large numbers is taken later.
/// </summary>
internal sealed class SimilarityMoments
{
    /// <summary>Images a product of matrices.</summary>
    private const int Block = 1024;

    /// <summary>Moments of some rows, each once.</summary>
    public SimilarityMoments(ImageEmbeddings embeddings, IReadOnlyList<int> rows)
    {
        int d = embeddings.Dimension, n = rows.Count;
        (Sum, Count) = (new double[d], n);
        var squares = new double[n];
        using var scope = NewDisposeScope();
        Tensor gram = zeros(d, d, dtype: float64);
        for (int start = 0; start < n; start += Block)
        {
            int count = Math.Min(Block, n - start);
            var block = new double[checked(count * d)];
            for (int i = 0; i < count; i++)
            {
                for (int k = 0; k < d; k++)
                {
                    double value = embeddings.Units[(long)rows[start + i] * d + k];
                    block[i * d + k] = value;
                    Sum[k] += value;
                    squares[start + i] += value * value;
                }
            }
            using var inner = NewDisposeScope();
            Tensor p = tensor(block, [count, d]);
            gram.addmm_(p.t(), p, 1, 1);
        }
        Squares = squares.Sum();
        double pairs = (double)n * (n - 1), total = Sum.Sum(value => value * value) - Squares;
        Mean = total / pairs;
        Spread = (gram * gram).sum().item<double>() - squares.Sum(square => square * square) - pairs * Mean * Mean;
        for (int i = 0; i < n; i++)
        {
            double row = -squares[i] - (n - 1) * Mean;
            for (int k = 0; k < d; k++) row += embeddings.Units[(long)rows[i] * d + k] * Sum[k];
            RowSpread += row * row;
        }
    }

    /// <summary>n.</summary>
    public int Count { get; }

    /// <summary>Σᵢ pᵢ, <c>[dimension]</c>.</summary>
    public double[] Sum { get; }

    /// <summary>Σᵢ ‖pᵢ‖²: n, but for vectors of zeros and the rounding of float32.</summary>
    public double Squares { get; }

    /// <summary>c̄, the mean of cᵢⱼ over i ≠ j.</summary>
    public double Mean { get; }

    /// <summary>Σᵢ≠ⱼ (cᵢⱼ − c̄)².</summary>
    public double Spread { get; }

    /// <summary>Σᵢ (Σⱼ≠ᵢ (cᵢⱼ − c̄))².</summary>
    public double RowSpread { get; }
}
