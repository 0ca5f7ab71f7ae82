namespace Fovea.Runs.TensorBoard;

/// <summary>The curves of a training: every measure of its lines, by split.</summary>
internal static class HistoryScalars
{
    /// <summary>The numbers of a line in one split: the step (the epoch where lines have no step) and the numbers by name.</summary>
    public sealed record Point(string Split, long Step, IReadOnlyList<(string Tag, float Value)> Values);

    /// <summary>Of a network's training; the learning rate stands with the training's numbers.</summary>
    public static IEnumerable<Point> Of(IEnumerable<TrainingEpoch> history) => history.SelectMany(epoch => new[]
    {
        new Point("train", epoch.Epoch, [("learningRate", (float)epoch.LearningRate), .. Values(epoch.Train)]),
        new Point("validation", epoch.Epoch, Values(epoch.Validation)),
    });

    /// <summary>Of an autoencoder's training.</summary>
    public static IEnumerable<Point> Of(IEnumerable<AutoencoderHistoryLine> history) =>
        history.Select(line => new Point(line.Split, line.Step,
    [
        ("loss", (float)line.Loss), ("reconstruction", (float)line.Reconstruction), ("sparsity", (float)line.Sparsity),
        ("fvu", (float)line.Fvu), ("l0", (float)line.L0), ("deadFraction", (float)line.DeadFraction),
    ]));

    private static (string Tag, float Value)[] Values(SplitScores scores) =>
        [("loss", (float)scores.Loss), ("top1", (float)scores.Top1), ("top5", (float)scores.Top5)];
}
