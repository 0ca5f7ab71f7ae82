using Fovea.Numerics;

namespace Fovea.Interpretation.Shortcuts;

/// <summary>
/// Accuracies of groups, the least of them and their mean, with 95 % intervals by image: groups are drawn again with replacement, each of
/// its own size (stratified bootstrap, Efron 1979), the same draws for everything that is compared, so that differences are paired. The
/// least of several noisy numbers is lower than the least of the true ones: it is compared with that of the same groups alone. Groups of
/// fewer than <see cref="FewestImages"/> images have an accuracy, but are left out of the least and the mean.
/// </summary>
internal sealed class GroupResampling
{
    /// <summary>Of fewer images a group's accuracy says nothing.</summary>
    public const int FewestImages = 5;

    private readonly int[][] _groups;
    private readonly int[] _judged;
    private readonly int[][][] _draws;

    /// <summary>Draws.</summary>
    /// <param name="groups">The group of each image, 0 … <paramref name="count"/> − 1.</param>
    /// <param name="count">Number of groups.</param>
    /// <param name="seed">Decides the draws.</param>
    /// <param name="draws">How many.</param>
    /// <exception cref="FoveaException">Data: no group has images enough.</exception>
    public GroupResampling(IReadOnlyList<int> groups, int count, ulong seed, int draws = 1000)
    {
        _groups = [.. Enumerable.Range(0, count).Select(g => Enumerable.Range(0, groups.Count).Where(i => groups[i] == g).ToArray())];
        _judged = [.. Enumerable.Range(0, count).Where(g => _groups[g].Length >= FewestImages)];
        if (_judged.Length == 0)
            throw FoveaException.BadData($"No group of images has {FewestImages} or more: there is nothing to judge by.");
        _draws = [.. Enumerable.Range(0, draws).Select(draw =>
        {
            var random = new CounterRandom(seed, "shortcut/bootstrap", draw);
            return _judged.Select(g => _groups[g].Select(_ => _groups[g][random.NextInt(_groups[g].Length)]).ToArray()).ToArray();
        })];
    }

    /// <summary>A group's images and how many of them are right.</summary>
    public (int Images, int Right) Count(int group, bool[] right) => (_groups[group].Length, _groups[group].Count(i => right[i]));

    /// <summary>The mean accuracy of the groups, as it was measured.</summary>
    public double Mean(bool[] right) => Accuracies(Own, right).Average();

    /// <summary>The least accuracy of the groups.</summary>
    public IntervalEstimate Worst(bool[] right) => Of(accuracies => accuracies.Min(), right);

    /// <summary>The mean accuracy of the groups.</summary>
    public IntervalEstimate Balanced(bool[] right) => Of(accuracies => accuracies.Average(), right);

    /// <summary>The least accuracy of one network less that of another.</summary>
    public IntervalEstimate WorstGain(bool[] after, bool[] before) => Between(accuracies => accuracies.Min(), after, before);

    /// <summary>The mean accuracy of one network less that of another.</summary>
    public IntervalEstimate BalancedGain(bool[] after, bool[] before) => Between(accuracies => accuracies.Average(), after, before);

    /// <summary>(after − before) / (reference − before) of the least accuracy; null where the interval of the loss holds 0.</summary>
    public IntervalEstimate? WorstWonBack(bool[] after, bool[] before, bool[] reference) =>
        WonBack(accuracies => accuracies.Min(), after, before, reference);

    /// <summary>The same of the mean accuracy.</summary>
    public IntervalEstimate? BalancedWonBack(bool[] after, bool[] before, bool[] reference) =>
        WonBack(accuracies => accuracies.Average(), after, before, reference);

    private IntervalEstimate Of(Func<double[], double> measure, bool[] right) =>
        Intervals.Percentile(measure(Accuracies(Own, right)), [.. _draws.Select(draw => measure(Accuracies(draw, right)))]);

    private IntervalEstimate Between(Func<double[], double> measure, bool[] after, bool[] before)
    {
        double Gain(int[][] draw) => measure(Accuracies(draw, after)) - measure(Accuracies(draw, before));
        return Intervals.Percentile(Gain(Own), [.. _draws.Select(Gain)]);
    }

    private IntervalEstimate? WonBack(Func<double[], double> measure, bool[] after, bool[] before, bool[] reference)
    {
        if (Between(measure, reference, before).Lower <= 0) return null;
        double Share(int[][] draw)
        {
            double low = measure(Accuracies(draw, before)), lost = measure(Accuracies(draw, reference)) - low;
            // Of a draw in which nothing was lost no share can be told.
            return lost > 0 ? (measure(Accuracies(draw, after)) - low) / lost : double.NaN;
        }
        return Intervals.Percentile(Share(Own), [.. _draws.Select(Share).Where(double.IsFinite)]);
    }

    private int[][] Own => [.. _judged.Select(g => _groups[g])];

    private static double[] Accuracies(int[][] draw, bool[] right) =>
        [.. draw.Select(images => (double)images.Count(i => right[i]) / images.Length)];
}
