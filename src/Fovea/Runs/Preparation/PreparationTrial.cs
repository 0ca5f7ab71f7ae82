using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Import;
using Fovea.Runs.Stages;
using Fovea.Training;

namespace Fovea.Runs.Preparation;

/// <summary>A way in which images may have been prepared when a network was trained, and what the network makes of images prepared so.</summary>
/// <param name="Colours">What is done to samples, in words.</param>
/// <param name="Preprocessing">The numbers.</param>
/// <param name="Top1">Share of the images that the network names rightly.</param>
/// <param name="Loss">Mean cross-entropy in nats.</param>
/// <param name="IsChance">Whether so many are what guessing gives (<see cref="EvaluationResult.IsChance"/>).</param>
public sealed record TriedPreparation(string Colours, Preprocessing Preprocessing, double Top1, double Loss, bool IsChance);

/// <summary>
/// What a network expects of its images, where no file says it: the usual ways are tried on labelled images, and the one with which the
/// network is right most often is taken for it. Wrong numbers show in no error, but in accuracy they do.
/// </summary>
public static class PreparationTrial
{
    /// <summary>Images that are enough to tell the ways apart.</summary>
    public const int EnoughImages = 128;

    /// <summary>Pixels of the short side before a crop of 224, as torchvision has it; others in proportion.</summary>
    private const double Margin = 256.0 / 224;

    private static readonly (string Words, float[] Mean, float[] Std)[] Colours =
    [
        ("ImageNet's mean and deviation", [0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]),
        ("samples from -1 to 1", [0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f]),
        ("samples from 0 to 1", [0, 0, 0], [1, 1, 1]),
        ("samples from 0 to 255", [0, 0, 0], [1 / 255f, 1 / 255f, 1 / 255f]),
    ];

    /// <summary>The usual ways: four kinds of samples, each with and without a margin that is cut off.</summary>
    /// <param name="source">The images; of the network's own size they are not resized.</param>
    /// <param name="height">Of what the network takes, pixels.</param>
    /// <param name="width">Of what the network takes, pixels.</param>
    /// <param name="wholeNumbers">Whether it takes whole numbers from 0 to 255, so that nothing is done to them.</param>
    public static IReadOnlyList<(string Colours, Preprocessing Preprocessing)> Usual(
        IImageSource source, int height, int width, bool wholeNumbers = false)
    {
        ArgumentNullException.ThrowIfNull(source);
        Preprocessing kept = WholeImages.Preprocess(height);
        (string Words, float[] Mean, float[] Std)[] colours = wholeNumbers ? [("whole numbers as they are", kept.Mean, kept.Std)] : Colours;
        // What is no square is squeezed into its shape: which part would be cut off is nobody's to say.
        return width != height
            ? [.. colours.Select(one => (one.Words, new Preprocessing(height, height, one.Mean, one.Std, squash: true, width: width)))]
            : [.. Sides(source, height).SelectMany(side => colours.Select(one => (one.Words, new Preprocessing(side, height, one.Mean, one.Std))))];
    }

    /// <summary>Tries ways.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="source">Labelled images whose classes are the network's.</param>
    /// <param name="ways">What is tried.</param>
    /// <param name="progress">Told the images done and those to be done, over all ways.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>All ways, the best first: by top-1, then by loss.</returns>
    /// <exception cref="FoveaException">As <see cref="Evaluator.Evaluate(ImageModel, IImageSource, int, IProgress{EvaluationProgress}?,
    /// CancellationToken)"/>.</exception>
    public static IReadOnlyList<TriedPreparation> Of(
        ImageModel model, IImageSource source, IReadOnlyList<(string Colours, Preprocessing Preprocessing)> ways,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(ways);
        List<TriedPreparation> tried = [];
        foreach (var (words, preprocessing) in ways)
        {
            int done = tried.Count * source.Count, all = ways.Count * source.Count;
            EvaluationResult result = Evaluator.Evaluate(
                model.With(preprocessing), source, progress: progress is null ? null
                    : new Reporter<EvaluationProgress>(value => progress.Report(new EvaluationProgress(done + value.Images, all))),
                cancellationToken: cancellation);
            tried.Add(new TriedPreparation(words, preprocessing, result.Top1, result.Loss, result.IsChance(model.Outputs)));
        }
        return [.. tried.OrderByDescending(one => one.Top1).ThenBy(one => one.Loss)];
    }

    /// <summary>The short side before the crop: with a margin, without; images of the network's own size stay as they are.</summary>
    private static int?[] Sides(IImageSource source, int height)
    {
        for (int i = 0; i < source.Count; i++)
        {
            RgbImage image = source.Read(i);
            if (image.Width != height || image.Height != height) return [(int)Math.Round(height * Margin), height];
        }
        return [null];
    }
}
