using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Interpretation;

public sealed class ConceptScoresTests
{
    private const int Images = 40, Height = 2, Width = 3, Positions = Images * Height * Width, Concepts = 5;

    [Fact]
    public void Best_F1_and_AUROC_equal_a_loop_over_thresholds_and_pairs()
    {
        const int units = 70;
        var random = new CounterRandom(3, "concepts", 0);
        ConceptTruth truth = Truth(out bool[,] shown);
        var values = new float[Positions * units];
        // Few different values, negative ones, many zeros, and single ones too: ties and every sign.
        for (int i = 0; i < values.Length; i++)
            values[i] = (i % units % 4) switch
            {
                0 => Math.Max(0, random.NextInt(9) - 5),
                1 => random.NextInt(5) - 2,
                2 => (float)random.NextGaussian(),
                _ => -random.NextInt(3) - 1
            };
        var scores = ConceptScores.Of(Columns(values, units, shuffled: true), truth);
        for (int unit = 0; unit < units; unit++)
        {
            float[] own = [.. Enumerable.Range(0, Positions).Select(row => values[row * units + unit])];
            for (int concept = 0; concept < Concepts - 1; concept++)
            {
                bool[] yes = [.. Enumerable.Range(0, Positions).Select(row => shown[row, concept])];
                double best = own.Distinct()
                    .Max(t => 2.0 * own.Zip(yes)
                        .Count(pair => pair.First >= t && pair.Second) / (own.Count(value => value >= t) + yes.Count(one => one)));
                Assert.Equal(best, scores.F1(unit, concept), 1e-6);
                double wins = 0, pairs = 0;
                foreach (var (a, _) in own.Zip(yes).Where(pair => pair.Second))
                {
                    foreach (var (b, _) in own.Zip(yes).Where(pair => !pair.Second)) (wins, pairs) =
                        (wins + (a > b ? 1 : a == b ? 0.5 : 0), pairs + 1);
                }
                Assert.Equal(wins / pairs, scores.Auroc(unit, concept), 1e-6);
            }
        }
    }

    [Fact]
    public void A_planted_unit_scores_1_a_constant_one_the_floor_and_what_is_never_shown_nothing()
    {
        ConceptTruth truth = Truth(out bool[,] shown);
        var values = new float[Positions * 4];
        for (int row = 0; row < Positions; row++)
        {
            values[row * 4] = shown[row, 1] ? 2.5f : 0;
            values[row * 4 + 1] = 0.3f;
            values[row * 4 + 2] = shown[row, 1] ? -1 : 0; // the opposite
        }
        var scores = ConceptScores.Of(Columns(values, 4, shuffled: false), truth);
        Assert.Equal((1.0, 1.0, 1.0), (scores.F1(0, 1), scores.Auroc(0, 1), scores.Skill(0, 1)));
        double p = truth.Prevalence(1);
        foreach (int flat in new[] { 1, 3 })
        {
            Assert.Equal(2 * p / (1 + p), scores.F1(flat, 1), 1e-6);
            Assert.Equal((0.5, 0.0), (scores.Auroc(flat, 1), scores.Skill(flat, 1)));
        }
        Assert.Equal((0.0, 0.0), (scores.Auroc(2, 1), scores.Skill(2, 1)));
        Assert.True(double.IsNaN(scores.F1(0, Concepts - 1)) && double.IsNaN(scores.Auroc(0, Concepts - 1))
            && double.IsNaN(scores.Skill(0, Concepts - 1)));

        var summary = ConceptSummary.Of(
            "planted", "layer", scores, ConceptScores.Of(Columns(values, 4, shuffled: false), truth.Shuffled(2)), 5, 0.5);
        Assert.Equal(("c1", 1.0, 1.0), (summary.PerUnit[0].Concept, summary.PerUnit[0].F1, summary.PerUnit[0].Skill));
        Assert.Null(summary.PerUnit[1].Concept);
        Assert.Equal(2, summary.Silent);
        Assert.Equal((4, 3), (summary.Means.BestSkill.Count, summary.Live.BestSkill.Count)); // one is zero everywhere
        Assert.Equal(summary.Means.BestSkill.Mean * 4 / 3, summary.Live.BestSkill.Mean, 1e-12);
        Assert.Equal((0, 1.0, 1.0), (summary.PerConcept[1].Unit, summary.PerConcept[1].F1, summary.PerConcept[1].Auroc));
        Assert.Equal((-1, 0.0), (summary.PerConcept[^1].Unit, summary.PerConcept[^1].Prevalence));
        Assert.True(double.IsNaN(summary.PerConcept[^1].F1));
        Assert.Equal(4, summary.Means.BestF1.Count);
        double[] f1 =
            [.. Enumerable.Range(0, 4)
                .Select(unit => Enumerable.Range(0, Concepts - 1).Where(c => truth.Prevalence(c) <= 0.5).Max(c => scores.F1(unit, c)))];
        Assert.Equal(f1.Average(), summary.Means.BestF1.Mean, 1e-12);
        Assert.Equal(f1.Min(), summary.FloorF1, 1e-6);
        Assert.True(summary.Shuffled.BestSkill.Mean < summary.Means.BestSkill.Mean);
    }

    [Fact]
    public void A_random_unit_scores_about_the_floor_and_a_half()
    {
        const int images = 4000;
        var random = new CounterRandom(6, "random unit", 0);
        var truth = new ConceptTruth(
            ["c"], [.. Enumerable.Range(0, images)], 1, 1,
                [.. Enumerable.Range(0, images).Select(_ => (int[])(random.NextDouble() < 0.3 ? [0] : []))]);
        float[] values = [.. Enumerable.Range(0, images).Select(_ => (float)random.NextGaussian())];
        var columns = new UnitColumns(1);
        columns.Add(values, 1, 1, [.. Enumerable.Range(0, images)]);
        var scores = ConceptScores.Of(columns, truth);
        Assert.InRange(scores.F1(0, 0), truth.FloorF1(0), truth.FloorF1(0) + 0.01);
        Assert.Equal(2 * 0.3 / 1.3, truth.FloorF1(0), 0.02);
        Assert.InRange(scores.Auroc(0, 0), 0.47, 0.53);
    }

    [Fact]
    public void Shuffling_gives_images_other_truths_as_often()
    {
        ConceptTruth truth = Truth(out _), shuffled = truth.Shuffled(3);
        Assert.Equal(truth.Positives, shuffled.Positives);
        Assert.Equal(truth.Images, shuffled.Images.Order());
        string Shown(ConceptTruth one, int image) =>
            string.Join(";", Enumerable.Range(one.FirstRow(image), Height * Width).Select(row => string.Join(",", one.At(row).ToArray())));
        Assert.Equal(
            truth.Images.Select(image => Shown(truth, image)).Order(), shuffled.Images.Select(image => Shown(shuffled, image)).Order());
        Assert.True(truth.Images.Count(image => Shown(truth, image) != Shown(shuffled, image)) > Images / 2);
    }

    [Fact]
    public void The_truth_of_ShapesWorld_is_the_share_of_each_cell()
    {
        using var source = new ShapesWorldSource("test", 24, 5);
        var truth = ConceptTruth.Of(source, [3, 17], 4, 2, 0.25);
        foreach (int image in new[] { 3, 17 })
        {
            ShapesWorldTruth own = source.Truth(image);
            for (int c = 0; c < ShapesWorldConcept.All.Count; c++)
            {
                byte[] mask = ShapesWorldConcept.All[c].Mask(own);
                for (int p = 0; p < 8; p++)
                {
                    double share = Enumerable.Range(0, 16 * 32)
                        .Average(i => mask[(p / 2 * 16 + i / 32) * 64 + p % 2 * 32 + i % 32] / 255.0);
                    Assert.Equal(share >= 0.25, truth.At(truth.FirstRow(image) + p).Contains((short)c));
                }
            }
        }
        Assert.Contains("shape=star", truth.Concepts);
    }

    [Fact]
    public void Values_of_other_images_or_grids_are_refused()
    {
        ConceptTruth truth = Truth(out _);
        var columns = new UnitColumns(1);
        columns.Add(new float[Height * Width], Height, Width, [1]);
        Assert.Throws<FoveaException>(() => columns.Add(new float[Height * Width], Height, Width, [1]));
        Assert.Throws<FoveaException>(() => ConceptScores.Of(columns, truth));
        var turned = new UnitColumns(1);
        turned.Add(new float[Positions], Width, Height, [.. Enumerable.Range(0, Images)]);
        Assert.Throws<FoveaException>(() => ConceptScores.Of(turned, truth));
        Assert.Equal(FailureKind.Numerical, Assert.Throws<FoveaException>(() => new UnitColumns(1).Add([float.NaN], 1, 1, [0])).Kind);
        Assert.Throws<FoveaException>(() => new ConceptTruth(["a"], [1], 1, 1, [[1]]));
    }

    /// <summary>Concepts of 20, 30, 40 and 80 %, and one that is never shown.</summary>
    private static ConceptTruth Truth(out bool[,] shown)
    {
        var random = new CounterRandom(1, "truth", 0);
        double[] shares = [0.2, 0.3, 0.4, 0.8, 0];
        shown = new bool[Positions, Concepts];
        var lists = new List<int>[Positions];
        for (int row = 0; row < Positions; row++)
        {
            lists[row] = [];
            for (int c = 0; c < Concepts; c++)
            {
                if (shown[row, c] = random.NextDouble() < shares[c]) lists[row].Add(c);
            }
        }
        return new ConceptTruth(
            [.. Enumerable.Range(0, Concepts).Select(c => $"c{c}")], [.. Enumerable.Range(0, Images)], Height, Width, lists);
    }

    private static UnitColumns Columns(float[] values, int units, bool shuffled)
    {
        var columns = new UnitColumns(units);
        int size = Height * Width * units;
        int[] order = shuffled ? new CounterRandom(8, "order", 0).Permutation(Images) : [.. Enumerable.Range(0, Images)];
        for (int start = 0; start < Images; start += 7)
        {
            int[] part = order[start..Math.Min(Images, start + 7)];
            columns.Add(part.SelectMany(image => values.AsSpan(image * size, size).ToArray()).ToArray(), Height, Width, part);
        }
        return columns;
    }
}
