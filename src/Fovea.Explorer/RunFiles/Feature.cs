namespace Fovea.Explorer.RunFiles;

/// <summary>A neuron or latent: its statistics, its pictures by optimisation, its examples.</summary>
public sealed record Feature
{
    public required int Unit { get; init; }
    public double? Density { get; init; }
    public double? Mean { get; init; }
    public double? Max { get; init; }
    public FeatureScores Scores { get; init; } = new();

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

    /// <summary>Whether there is something to look at.</summary>
    public bool HasPage => Main is not null || Examples.Any(example => example.Crop is not null);

    /// <summary>How many times the 99.9th percentile of real activations a picture reaches.</summary>
    public double? Ratio(FeaturePicture? picture) => Scores.P999 is > 0 and { } real && picture?.Reached is { } reached ? reached / real : null;
}
