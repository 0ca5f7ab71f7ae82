using Fovea.Interpretation;

namespace Fovea.Explorer.RunFiles;

/// <summary>A neuron or latent: its statistics, its pictures by optimisation, its examples.</summary>
public sealed record Feature
{
    public required int Unit { get; init; }
    public double? Density { get; init; }
    public double? Mean { get; init; }
    public double? Max { get; init; }

    /// <summary>Its activations on real images.</summary>
    public RealActivations Real { get; init; } = new();

    /// <summary>How much it means one thing.</summary>
    public UnitScores Scores { get; init; } = new();

    /// <summary>Its pictures, side by side from naive to the newest.</summary>
    public IReadOnlyList<FeaturePicture> Pictures { get; init; } = [];

    /// <summary>The picture that stands for it: the run's first preset, the naive one only for want of another.</summary>
    public FeaturePicture? Main { get; init; }

    /// <summary>All its examples: the top ones first, then the bands, random ones and near misses.</summary>
    public IReadOnlyList<FeatureExample> Examples { get; init; } = [];

    /// <summary>The file of <see cref="Main"/>.</summary>
    public string? Picture => Main?.Path;

    /// <summary>The images in which it fires most strongly.</summary>
    public IEnumerable<FeatureExample> Top => Examples.Where(example => example.Kind == FeatureExample.Top);

    /// <summary>Whether there is anything to say of how much it means one thing.</summary>
    public bool IsScored => (Real.Selectivity ?? Scores.Monosemanticity ?? Scores.Purity ?? Scores.Uniqueness ?? Scores.BestF1 ?? Scores.BestAuroc) is not null;

    /// <summary>Whether there is something to look at.</summary>
    public bool HasPage => Main is not null || Examples.Any(example => example.Crop is not null);

    /// <summary>How many times the 99.9th percentile of real activations a picture reaches (<see cref="RealActivations.Reference"/>).</summary>
    public double? Ratio(FeaturePicture? picture) => Real.Reference is { } real && picture?.Reached is { } reached ? reached / real : null;
}
