namespace Fovea.Training;

/// <summary>Sums over the images seen so far, in a form that a checkpoint stores exactly.</summary>
internal sealed record RunningScores(long Images, double Loss, long Top1, long Top5)
{
    public static RunningScores Empty { get; } = new(0, 0, 0, 0);

    public RunningScores Add(ReadOnlySpan<LogitScore> scores)
    {
        var (images, loss, top1, top5) = this;
        foreach (var score in scores)
        {
            images++;
            loss += score.Loss;
            if (score.Rank < 1) top1++;
            if (score.Rank < 5) top5++;
        }
        return new RunningScores(images, loss, top1, top5);
    }

    public SplitScores Mean() => new(Loss / Images, (double)Top1 / Images, (double)Top5 / Images);
}
