using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Numerics;

namespace Fovea.Cli.Commands;

/// <summary>A sparse autoencoder on one line, and on a second and third what more is known of it.</summary>
internal static class DictionaryLine
{
    public static string Of(DictionaryOutcome dictionary) =>
        $"{dictionary.Layer}/{dictionary.Name} ({dictionary.Architecture}, {dictionary.DIn} → {dictionary.DSae}): L0 {Humane.Number(dictionary.L0)}, "
        + $"FVU {Humane.Number(dictionary.Fvu)}, dead {Humane.Percent(dictionary.DeadFraction)}, loss {Humane.Number(dictionary.Loss)}";

    public static string Details(double dense, double units, double? drop, ShrinkageScores shrinkage, DirectionCoherence coherence) =>
        $"  dense {Humane.Percent(dense)}, active units {Humane.Number(units)}{(drop is { } times ? $" ({Humane.Number(times)} times L0)" : "")}, "
        + $"length {Humane.Percent(shrinkage.LengthRatio)} of the vectors', coherence {Humane.Number(coherence.Maximum)}";

    public static string Of(FaithfulnessDocument one)
    {
        (string Over, AnswerScores? Scores)[] ablations = [("zeros", one.ZeroAblated), ("the mean", one.MeanAblated)];
        string beside = string.Join("; ", ablations.Where(other => other.Scores is not null).Select(other =>
            $"{other.Over} {Humane.Number(other.Scores!.Cosine.Mean)}, {Humane.Percent(other.Scores.RelativeError.Mean)}"));
        return $"  spliced in: answers keep a cosine of {Humane.Number(one.Spliced.Cosine.Mean)} and a relative error of "
            + $"{Humane.Percent(one.Spliced.RelativeError.Mean)} ({beside}) on {Humane.Count(one.Images)} images";
    }

    public static string Of(SpliceDocument splice)
    {
        PairedDifference lost = splice.Top1Lost;
        (string Over, double? Share)[] shares = [("zeros", splice.LossRecoveredZero), ("the mean", splice.LossRecoveredMean)];
        string recovered = string.Join(
            ", ", shares.Where(one => one.Share is not null).Select(one => $"{Humane.Percent(one.Share!.Value)} over {one.Over}"));
        return $"  spliced in: top-1 {Humane.Percent(splice.Spliced.Top1)} instead of {Humane.Percent(splice.Original.Top1)} "
            + $"(lost {Humane.Percent(lost.Mean)}, 95 %: {Humane.Percent(lost.Lower)} to {Humane.Percent(lost.Upper)}), "
            + $"top-5 {Humane.Percent(splice.Spliced.Top5)} instead of {Humane.Percent(splice.Original.Top5)}, "
            + $"loss {Humane.Number(splice.Spliced.Loss)} instead of {Humane.Number(splice.Original.Loss)}, KL {Humane.Number(splice.Kl)}"
            + $"{(recovered.Length > 0 ? $", loss recovered {recovered}" : "")} on {Humane.Count(splice.Images)} images";
    }
}
