namespace Fovea.Interpretation;

/// <summary>How alike the images are that a unit reacts to, beside what the same activations would score on shuffled images.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Score">MS, in [−1, 1]; NaN where the unit's activation is the same for every image, or above its least for one image
/// only.</param>
/// <param name="Shuffled">The mean of MS over all permutations of the images: the mean similarity of two images, the same for every
/// unit.</param>
/// <param name="Deviation">The standard deviation of MS over all permutations: larger for units that few images activate. NaN below four
/// images.</param>
public sealed record MonosemanticityScore(int Unit, double Score, double Shuffled, double Deviation)
{
    /// <summary>
    /// How many of those deviations the score lies above the shuffled mean: comparable between units of different firing rates, as the
    /// score itself is not.
    /// </summary>
    public double Excess => (Score - Shuffled) / Deviation;
}
