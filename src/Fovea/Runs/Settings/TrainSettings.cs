namespace Fovea.Runs.Settings;

/// <summary>Table <c>[train]</c>: stage 1. Defaults as section 6.3 of the paper.</summary>
public sealed record TrainSettings
{
    /// <summary>Passes over the training images.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Images a step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Learning rate at the start of the cosine.</summary>
    public double LearningRate { get; init; } = 4e-5;

    /// <summary>Learning rate at its end.</summary>
    public double MinimumLearningRate { get; init; }

    /// <summary>A checkpoint that a killed run continues from is written after this many steps, and after each epoch.</summary>
    public int CheckpointEverySteps { get; init; } = 250;

    /// <summary>Random resized crop, flip, colour jitter and erasing; false: preprocessing alone.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Smallest area of the random resized crop, as a share of the image.</summary>
    public double CropScale { get; init; } = 0.08;

    /// <summary>Probability of a horizontal flip.</summary>
    public double Flip { get; init; } = 0.5;

    /// <summary>Colour jitter: brightness, contrast and saturation are scaled by 1 ± this.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>Colour jitter: the hue turns by up to ± this share of the circle.</summary>
    public double Hue { get; init; } = 0.05;

    /// <summary>Probability of random erasing.</summary>
    public double Erase { get; init; } = 0.25;

    /// <summary>
    /// Training images on which the statistics of batch normalisation are measured anew before each validation, as evaluation sees them;
    /// absent, as in the paper: running averages over augmented batches.
    /// </summary>
    public int? StatisticsImages { get; init; }

    /// <summary>Other trainings on the same data, for a figure like the paper's fourth (<c>[[train.compare]]</c>).</summary>
    public IReadOnlyList<CompareSettings> Compare { get; init; } = [];
}

/// <summary>Table <c>[[train.compare]]</c>: one more curve beside the run's own training.</summary>
public sealed record CompareSettings
{
    /// <summary>The curve's name in the figure.</summary>
    public required string Name { get; init; }

    /// <summary>The network.</summary>
    public required ModelSettings Model { get; init; }

    /// <summary>With the run's augmentation, or without any.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Learning rate at the start; absent: the run's.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Epochs; absent: the run's.</summary>
    public int? Epochs { get; init; }
}
