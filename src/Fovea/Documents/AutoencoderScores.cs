namespace Fovea.Documents;

/// <summary>What an autoencoder does to a set of vectors; definitions in docs/reference/metrics.md.</summary>
public sealed record AutoencoderScores
{
    /// <summary>
    /// A latent is dense where it is active in more than this share of the vectors (Rajamanoharan et al. 2024, arXiv 2407.14435).
    /// </summary>
    public const double DenseAbove = 0.1;

    /// <summary>
    /// A component of a raw vector, a neuron, is active where it is larger than this in absolute value (the ε of the paper's section 7.2).
    /// </summary>
    public const double UnitThreshold = 0.1;

    /// <summary>Number of vectors looked at.</summary>
    public long Vectors { get; init; }

    /// <summary>The training objective per vector, on scaled vectors: <see cref="Reconstruction"/> + <see cref="Sparsity"/>.</summary>
    public double Loss { get; init; }

    /// <summary>E‖x − x̂‖² per vector, on scaled vectors.</summary>
    public double Reconstruction { get; init; }

    /// <summary>The variant's penalty per vector.</summary>
    public double Sparsity { get; init; }

    /// <summary>Fraction of variance unexplained: E‖x − x̂‖² / E‖x − x̄‖². 0 is perfect, 1 no better than the mean vector.</summary>
    public double Fvu { get; init; }

    /// <summary>1 − FVU.</summary>
    public double ExplainedVariance { get; init; }

    /// <summary>Active latents per vector.</summary>
    public double L0 { get; init; }

    /// <summary>Share of the latents that were active for none of the vectors.</summary>
    public double DeadFraction { get; init; }

    /// <summary>Share of the latents that were active in more than <see cref="DenseAbove"/> of the vectors; null in training.</summary>
    public double? DenseFraction { get; init; }

    /// <summary>Mean number of components of a raw vector with |xᵢ| > <see cref="UnitThreshold"/>; null in training.</summary>
    public double? ActiveUnits { get; init; }

    /// <summary>
    /// The drop in active units: <see cref="ActiveUnits"/> / <see cref="L0"/>. Null in training, and where no latent is active.
    /// </summary>
    public double? ActiveUnitsDrop { get; init; }

    /// <summary>Whether reconstructions are too short; null in training.</summary>
    public ShrinkageScores? Shrinkage { get; init; }
}

/// <summary>
/// Whether reconstructions are shorter than the vectors; definitions in docs/reference/metrics.md. Without shrinkage all three are 1.
/// </summary>
/// <param name="L2Ratio">E(‖x̂‖ / ‖x‖), the mean of each vector's own ratio: the published <c>l2_ratio</c>.</param>
/// <param name="LengthRatio">E‖x̂‖ / E‖x‖, the ratio of the mean lengths.</param>
/// <param name="RelativeReconstructionBias">
/// γ = E‖x̂‖² / E[x·x̂] (Rajamanoharan et al. 2024, arXiv 2404.16014, eq. 10): x̂/γ has the least squared error; below 1 is shrinkage. NaN
/// where E[x·x̂] is 0.
/// </param>
public sealed record ShrinkageScores(double L2Ratio, double LengthRatio, double RelativeReconstructionBias);
