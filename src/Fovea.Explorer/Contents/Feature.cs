namespace Fovea.Explorer.Contents;

/// <summary>A neuron or latent: its statistics, its pictures by optimisation, its examples.</summary>
public sealed record Feature
{
    /// <summary>Channel or latent.</summary>
    public required int Unit { get; init; }

    /// <summary>
    /// Its statistics and scores: any row of its, since all say the same of the unit. Null where only examples are there.
    /// </summary>
    public FeatureRow? Row { get; init; }

    /// <summary>Its pictures, side by side from naive to the newest.</summary>
    public IReadOnlyList<FeaturePicture> Pictures { get; init; } = [];

    /// <summary>The picture that stands for it: the run's first preset, the naive one only for want of another.</summary>
    public FeaturePicture? Main { get; init; }

    /// <summary>All its examples, read when asked for: the top ones first, then the bands, random ones and near misses.</summary>
    public IReadOnlyList<FeatureExample> Examples => ExamplesOf?.Of(Unit) ?? [];

    /// <summary>Reads the examples of units; null where there are none of any.</summary>
    internal UnitExamples? ExamplesOf { get; init; }

    /// <summary>Whether some example has a picture.</summary>
    public bool HasExamplePictures { get; init; }

    /// <summary>Where <see cref="Main"/> is.</summary>
    public StoredPicture? Picture => Main?.Place;

    /// <summary>What stands for it in a list: its picture, else the crop of its strongest example; null where it has neither.</summary>
    public StoredPicture? Face => Picture ?? ExamplesOf?.Crop(Unit);

    /// <summary>The images in which it fires most strongly.</summary>
    public IEnumerable<FeatureExample> Top => Examples.Where(example => example.Row.Kind == ExampleKinds.Top);

    /// <summary>Whether it is active so seldom that pictures are measured by the percentile of the positions at which it is.</summary>
    public bool IsRare => Row is not { P999: > 0 } && Row?.P999Active is > 0;

    /// <summary>
    /// The 99.9th percentile of real activations, which pictures are measured by; null for a unit that is never active, or only below 0.
    /// </summary>
    public double? Reference => IsRare ? Row?.P999Active : Row?.P999 is > 0 ? Row.P999 : null;

    /// <summary>Whether there is anything to say of how much it means one thing.</summary>
    public bool IsScored =>
        (Row?.Selectivity ?? Row?.Monosemanticity ?? Row?.Purity ?? Row?.Uniqueness ?? Row?.BestF1 ?? Row?.BestAuroc) is not null;

    /// <summary>Whether there is something to look at.</summary>
    public bool HasPage => Main is not null || HasExamplePictures;

    /// <summary>How many times the 99.9th percentile of real activations a picture reaches (<see cref="Reference"/>).</summary>
    public double? Ratio(FeaturePicture? picture) => Reference is { } real && picture?.Reached is { } reached ? reached / real : null;
}
