using Fovea.Models;

namespace Fovea.Training;

/// <summary>What a network says to one image.</summary>
/// <param name="Index">The image's index in its source.</param>
/// <param name="Label">Its true class.</param>
/// <param name="Predicted">The class with the largest logit.</param>
/// <param name="Rank">Classes with larger logits than the true one: 0 is a top-1 hit, below 5 a top-5 hit.</param>
/// <param name="Loss">Cross-entropy in nats.</param>
/// <param name="Confidence">Softmax of the predicted class.</param>
public sealed record ImagePrediction(int Index, int Label, int Predicted, int Rank, double Loss, double Confidence);

/// <summary>How well a network does on a source.</summary>
/// <param name="Images">Images evaluated; damaged ones are left out.</param>
/// <param name="Top1">Share of images whose largest logit is the true class.</param>
/// <param name="Top5">Share of images whose five largest logits hold it.</param>
/// <param name="Loss">Mean cross-entropy in nats.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="Predictions">By image, in the order of the source.</param>
/// <param name="Damaged">Images left out.</param>
public sealed record EvaluationResult(
    int Images, double Top1, double Top5, double Loss, double Seconds, IReadOnlyList<ImagePrediction> Predictions,
        IReadOnlyList<DamagedImage> Damaged)
{
    /// <summary>What gave the answers.</summary>
    public ReadingEngine? Engine { get; init; }

    /// <summary>
    /// Whether so many right answers are what guessing among classes gives: within two standard deviations of 1 / classes, and no more than
    /// twice it.
    /// </summary>
    /// <param name="classes">Among how many.</param>
    public bool IsChance(int classes)
    {
        double chance = 1.0 / classes;
        return Images > 0 && Top1 <= Math.Min(2 * chance, chance + 2 * Math.Sqrt(chance * (1 - chance) / Images));
    }

    /// <summary>The row of table 2 for this result.</summary>
    public EvaluationRow Row(string name) => new(name, Top1, Top5, Loss, Images);
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Images">Images done.</param>
/// <param name="Total">Images in all.</param>
public sealed record EvaluationProgress(int Images, int Total);
