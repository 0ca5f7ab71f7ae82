using Fovea.Interpretation.Shortcuts;
using Xunit;

namespace Fovea.Tests.Interpretation.Shortcuts;

/// <summary>The least and the mean accuracy of groups, and their intervals against those that are known.</summary>
public sealed class GroupResamplingTests
{
    // Three groups of 100, 100 and 50 images; a fourth of 3, too few to judge by.
    private static readonly int[] Groups =
        [.. Enumerable.Range(0, 253).Select(i => i < 100 ? 0 : i < 200 ? 1 : i < 250 ? 2 : 3)];

    private static readonly GroupResampling Resampling = new(Groups, 4, seed: 1, draws: 2000);

    [Fact]
    public void Accuracies_are_those_of_the_groups()
    {
        bool[] right = Right(90, 40, 40);
        Assert.Equal((100, 40), Resampling.Count(1, right));
        Assert.Equal((0.9 + 0.4 + 0.8) / 3, Resampling.Mean(right), 1e-12);
        Assert.Equal(0.4, Resampling.Worst(right).Value);
        Assert.Equal((0.9 + 0.4 + 0.8) / 3, Resampling.Balanced(right).Value, 1e-12);
    }

    [Fact]
    public void Intervals_are_those_of_independent_shares()
    {
        bool[] right = Right(90, 40, 40);
        // One group is always the least: its own binomial interval. The mean's variance is a ninth of the sum.
        IntervalEstimate worst = Resampling.Worst(right), balanced = Resampling.Balanced(right);
        Assert.Equal(1.96 * Math.Sqrt(0.4 * 0.6 / 100), (worst.Upper - worst.Lower) / 2, 0.012);
        double variance = (0.9 * 0.1 / 100 + 0.4 * 0.6 / 100 + 0.8 * 0.2 / 50) / 9;
        Assert.Equal(1.96 * Math.Sqrt(variance), (balanced.Upper - balanced.Lower) / 2, 0.006);
    }

    [Fact]
    public void Differences_are_paired()
    {
        bool[] before = Right(90, 40, 40), after = [.. before];
        for (int i = 140; i < 150; i++) after[i] = true;
        IntervalEstimate gain = Resampling.WorstGain(after, before);
        Assert.Equal(0.1, gain.Value, 1e-12);
        // Ten of a hundred images changed: √(0.1 · 0.9 / 100), far less than two unpaired shares would have.
        Assert.Equal(1.96 * Math.Sqrt(0.09 / 100), (gain.Upper - gain.Lower) / 2, 0.01);
        Assert.Equal(new IntervalEstimate(0, 0, 0), Resampling.WorstGain(before, before));
        Assert.Equal(new IntervalEstimate(0, 0, 0), Resampling.BalancedGain(before, before));
    }

    [Fact]
    public void Winning_all_back_is_1_and_nothing_is_0()
    {
        bool[] before = Right(90, 20, 40), reference = Right(90, 80, 40), half = Right(90, 50, 40);
        Assert.Equal(new IntervalEstimate(1, 1, 1), Resampling.WorstWonBack(reference, before, reference));
        Assert.Equal(new IntervalEstimate(0, 0, 0), Resampling.BalancedWonBack(before, before, reference));
        IntervalEstimate won = Resampling.WorstWonBack(half, before, reference)!;
        Assert.Equal(0.5, won.Value, 1e-12);
        Assert.True(won.Lower is > 0.3 and < 0.5 && won.Upper is > 0.5 and < 0.7);
        // Where nothing was lost, nothing can be won back.
        Assert.Null(Resampling.WorstWonBack(half, reference, reference));
        Assert.Null(Resampling.BalancedWonBack(half, Right(90, 80, 40), Right(90, 81, 40)));
    }

    [Fact]
    public void The_same_seed_gives_the_same_draws()
    {
        bool[] right = Right(90, 40, 40);
        Assert.Equal(Resampling.Worst(right), new GroupResampling(Groups, 4, 1, 2000).Worst(right));
        Assert.NotEqual(Resampling.Worst(right), new GroupResampling(Groups, 4, 2, 2000).Worst(right));
    }

    [Fact]
    public void Without_images_enough_there_is_nothing_to_judge_by()
    {
        var error = Assert.Throws<FoveaException>(() => new GroupResampling([0, 1, 1, 2], 4, 1));
        Assert.Equal(FailureKind.Data, error.Kind);
    }

    /// <summary>How many of each of the first three groups are right, anywhere in it; none of the fourth.</summary>
    private static bool[] Right(params int[] counts)
    {
        var right = new bool[Groups.Length];
        int[] starts = [0, 100, 200];
        for (int g = 0; g < 3; g++)
        {
            for (int i = 0; i < counts[g]; i++) right[starts[g] + i] = true;
        }
        return right;
    }
}
