using Fovea.Imaging;
using Fovea.Numerics;

namespace Fovea.Training;

/// <summary>Settings of <see cref="FineTuner"/>; the defaults are the paper's (section 6.3: ImageNet, 10 epochs).</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training images.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Images a step; the last step of an epoch may have fewer.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Adam's rate at the first step.</summary>
    public double LearningRate { get; init; } = 4e-5;

    /// <summary>The rate that the cosine approaches at the last step.</summary>
    public double MinimumLearningRate { get; init; }

    /// <summary>Moments of Adam; the paper names none, so PyTorch's defaults, no weight decay.</summary>
    public AdamOptions Adam { get; init; } = new();

    /// <summary>Random changes of the training images; null: preprocessing alone.</summary>
    public AugmentationOptions? Augmentation { get; init; } = new();

    /// <summary>
    /// Training images on which <see cref="BatchStatistics"/> measures batch normalisation before each validation; 0, as in the paper,
    /// keeps the running averages of augmented batches.
    /// </summary>
    public int StatisticsImages { get; init; }

    /// <summary>The order of images, augmentation and dropout are drawn from it.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Steps between checkpoints; one is also written after each epoch and on cancellation. Does not change the result.</summary>
    public int CheckpointEverySteps { get; init; } = 250;

    /// <summary>Images a forward pass when validating.</summary>
    public int EvaluationBatchSize { get; init; } = 32;

    /// <summary>Throws unless all values can be used.</summary>
    /// <exception cref="FoveaException">One cannot; the message names it.</exception>
    public void Validate()
    {
        if (Epochs < 1 || BatchSize < 1 || CheckpointEverySteps < 1 || EvaluationBatchSize < 1 || StatisticsImages < 0)
        {
            throw FoveaException.BadConfiguration(
                $"Training needs at least 1 epoch, image a batch and step between checkpoints: epochs {Epochs}, "
                + $"batch size {BatchSize}, evaluation batch size {EvaluationBatchSize}, checkpoint every "
                    + $"{CheckpointEverySteps} steps, images for statistics {StatisticsImages}.");
        }
        if (!(LearningRate > 0 && double.IsFinite(LearningRate) && MinimumLearningRate >= 0 && MinimumLearningRate <= LearningRate))
            throw FoveaException.BadConfiguration(
                $"The learning rate must be positive and its minimum between 0 and it: {LearningRate}, {MinimumLearningRate}.");
        Adam.Validate();
        Augmentation?.Validate();
    }
}
