namespace Fovea.Datasets;

/// <summary>
/// How validation images are found where the data have none of their own: a part of the training images is held out, drawn class by class
/// from a seed. Without it, a source without splits gives all its images to whoever asks.
/// </summary>
public sealed record HoldOut
{
    /// <summary>The split that training reads.</summary>
    public string TrainSplit { get; init; } = "train";

    /// <summary>The split that evaluation reads.</summary>
    public string ValidationSplit { get; init; } = "val";

    /// <summary>Share of each class that is held out, in (0, 1); of a class of two or more at least one image, and never all.</summary>
    public double Fraction { get; init; } = 0.1;

    /// <summary>The seed of the draw.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Whether the images held out are wanted; else those that are left.</summary>
    public bool Validation { get; init; }
}
