using Fovea.Interpretation.Shortcuts;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation.Shortcuts;

/// <summary>What erasing leaves: no covariance with the group, no probe better than a constant, everything else as it was.</summary>
[Collection(TensorCounts.Name)]
public sealed class LinearErasureTests
{
    private const int Rows = 400, Size = 12;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_the_closed_form_nothing_linear_is_left(bool weighted)
    {
        using var scope = NewDisposeScope();
        var (x, member) = Vectors(shift: 2);
        double[] weights = Weights(weighted);
        LinearErasure erasure = LinearErasure.ClosedForm(x, member, weights);
        Assert.Equal(1, erasure.Rank);
        Tensor left = erasure.Apply(x);
        Assert.True(Covariance(x, member, weights).Max(Math.Abs) > 0.1);
        Assert.All(Covariance(left, member, weights), value => Assert.Equal(0, value, 1e-6));
        // The best a constant can do is the entropy of the group; the probe of the vectors as they are does far better.
        double share = member.Select((own, i) => own ? weights[i] : 0).Sum();
        double chance = -share * Math.Log(share) - (1 - share) * Math.Log(1 - share);
        Assert.True(GroupProbe.Fit(x, member, weights).Loss < 0.7 * chance);
        Assert.Equal(chance, GroupProbe.Fit(left, member, weights, ridge: 1e-8).Loss, 1e-6);
        // Erased once, there is nothing more to erase.
        LinearErasure again = LinearErasure.ClosedForm(left, member, weights);
        Assert.True((again.Apply(left) - left).abs().max().item<double>() < 1e-6);
    }

    [Fact]
    public void Of_all_ways_to_erase_it_changes_least()
    {
        using var scope = NewDisposeScope();
        var (x, member) = Vectors(shift: 2);
        double[] weights = Weights(false), cross = Covariance(x, member, weights);
        double own = (LinearErasure.ClosedForm(x, member, weights).Apply(x) - x).pow(2).sum().item<double>();
        // Projecting the covariance's own direction away erases too, and moves vectors further.
        double length = Math.Sqrt(cross.Sum(value => value * value));
        double[] unit = [.. cross.Select(value => value / length)];
        var plain = new LinearErasure([.. x.mean([0L]).data<double>()], [unit], [unit]);
        Assert.All(Covariance(plain.Apply(x), member, weights), value => Assert.Equal(0, value, 1e-9));
        Assert.True(own < (plain.Apply(x) - x).pow(2).sum().item<double>());
    }

    [Fact]
    public void Where_there_is_nothing_to_erase_vectors_stay()
    {
        using var scope = NewDisposeScope();
        var (x, member) = Vectors(shift: 0);
        double[] weights = Weights(false);
        // Group by group about the same mean: no covariance at all.
        Tensor own = tensor(member, [Rows, 1]).to(float64), mean = x.mean([0L]);
        Tensor inside = (x * own).sum([0L]) / own.sum(), outside = (x * (1 - own)).sum([0L]) / (1 - own).sum();
        x = x - own * (inside - mean) - (1 - own) * (outside - mean);
        LinearErasure erasure = LinearErasure.ClosedForm(x, member, weights);
        Assert.Equal(0, erasure.Rank);
        Assert.Equal(0, (erasure.Apply(x) - x).abs().max().item<double>());
        Assert.Equal(0, LinearErasure.ClosedForm(x, new bool[Rows], weights).Rank);
    }

    [Fact]
    public void Components_that_never_vary_are_left_alone()
    {
        using var scope = NewDisposeScope();
        var (x, member) = Vectors(shift: 2);
        x = cat([x, full([Rows, 1], 7.0, float64), x.narrow(1, 0, 1) * 2], 1);
        double[] weights = Weights(false);
        LinearErasure erasure = LinearErasure.ClosedForm(x, member, weights);
        Tensor left = erasure.Apply(x);
        Assert.Equal(0, (left.select(1, Size) - 7).abs().max().item<double>(), 1e-9);
        Assert.All(Covariance(left, member, weights), value => Assert.Equal(0, value, 1e-6));
    }

    [Fact]
    public void Each_probe_s_direction_goes_and_they_are_at_right_angles()
    {
        using var scope = NewDisposeScope();
        var (x, member) = Vectors(shift: 2);
        double[] weights = Weights(false);
        LinearErasure erasure = LinearErasure.ByProbes(x, member, weights, 3);
        Assert.Equal(3, erasure.Rank);
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
                Assert.Equal(i == j ? 1 : 0, erasure.Read[i].Zip(erasure.Read[j], (a, b) => a * b).Sum(), 1e-9);
        }
        double[] losses = [.. Enumerable.Range(0, 4).Select(rank => GroupProbe.Fit(erasure.First(rank).Apply(x), member, weights).Loss)];
        Assert.Equal(losses.Order(), losses);
        Assert.True(losses[3] - losses[0] > 0.1);
        // A group in three directions of a space of two: no more directions than there are.
        Tensor flat = x.narrow(1, 0, 2).contiguous();
        Assert.InRange(LinearErasure.ByProbes(flat, member, weights, 5).Rank, 1, 2);
    }

    [Fact]
    public void A_probe_finds_the_weights_that_the_group_was_drawn_by()
    {
        using var scope = NewDisposeScope();
        var random = new CounterRandom(4, "probe", 0);
        const int many = 20000;
        double[] values = [.. Enumerable.Range(0, many * 2).Select(_ => random.NextGaussian())];
        Tensor x = tensor(values, [many, 2], float64);
        bool[] member =
            [.. Enumerable.Range(0, many).Select(i => random.NextDouble() < 1 / (1 + Math.Exp(-(2 * values[2 * i] - values[2 * i + 1] + 0.5))))];
        GroupProbe probe = GroupProbe.Fit(x, member, [.. Enumerable.Repeat(1.0 / many, many)], ridge: 1e-9);
        Assert.Equal(2, probe.Direction[0], 0.08);
        Assert.Equal(-1, probe.Direction[1], 0.08);
        Assert.Equal(0.5, probe.Bias, 0.08);
    }

    [Fact]
    public void As_units_of_a_layer_they_are_erased_position_by_position_and_so_from_the_mean()
    {
        using var scope = NewDisposeScope();
        var (x, member) = Vectors(shift: 2);
        LinearErasure erasure = LinearErasure.ClosedForm(x, member, Weights(false));
        Tensor maps = x.reshape(100, 4, Size).permute(0, 2, 1).reshape(100, Size, 2, 2);
        Tensor changed = new Intervention("any", new ErasedUnits(erasure), UnitOperation.Zero).Apply(maps);
        Assert.True((changed.mean([2L, 3L]) - erasure.Apply(maps.mean([2L, 3L]))).abs().max().item<double>() < 1e-10);
        Assert.True((new Intervention("any", new ErasedUnits(erasure), UnitOperation.Scale(1)).Apply(maps) - maps).abs().max().item<double>() == 0);
        Assert.Throws<FoveaException>(() => new Intervention("any", new ErasedUnits(erasure), UnitOperation.Zero).Apply(zeros(2, 5)));
    }

    [Fact]
    public void A_head_trained_again_leaves_what_goes_with_the_class_only_by_chance()
    {
        using var scope = NewDisposeScope();
        var random = new CounterRandom(5, "head", 0);
        int[] labels = [.. Enumerable.Range(0, 600).Select(i => i % 2)];
        // The shortcut goes with the class in nine of ten images; the object always does, with noise.
        bool[] member = [.. labels.Select(label => random.NextDouble() < (label == 0 ? 0.9 : 0.1))];
        double[] values =
            [.. labels.SelectMany((label, i) => new[] { (label == 0 ? 1 : -1) + 0.3 * random.NextGaussian(), member[i] ? 1.0 : -1 })];
        Tensor x = tensor(values, [600, 2], float64), relying = tensor(new[] { 0.2, 2, -0.2, -2 }, [2, 2], float64);
        var (weight, bias) = HeadRetraining.Fit(x, labels, GroupWeights.Of(labels, member), relying, null);
        double Right(Tensor w, Tensor b, bool agree)
        {
            long[] said = [.. (x.mm(w.t()) + b).argmax(1).data<long>()];
            int[] which = [.. Enumerable.Range(0, 600).Where(i => member[i] == (labels[i] == 0) == agree)];
            return which.Average(i => said[i] == labels[i] ? 1.0 : 0);
        }
        Assert.True(Right(relying, zeros(2, float64), false) < 0.1);
        Assert.True(Right(weight, bias, false) > 0.95);
        Assert.True(Right(weight, bias, true) > 0.95);
    }

    [Fact]
    public void Memory_is_given_back()
    {
        using var scope = NewDisposeScope();
        var (x, member) = Vectors(shift: 2);
        double[] weights = Weights(false);
        long before = TensorCounts.Settled();
        LinearErasure.ClosedForm(x, member, weights);
        LinearErasure.ByProbes(x, member, weights, 2);
        GroupProbe.Fit(x, member, weights);
        Assert.Equal(before, Tensor.TotalCount);
    }

    /// <summary>Correlated vectors; those of the group are shifted along two components.</summary>
    private static (Tensor X, bool[] Member) Vectors(double shift)
    {
        var random = new CounterRandom(3, "erasure", 0);
        bool[] member = [.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble() < 0.4)];
        Tensor mixing = tensor([.. Enumerable.Range(0, Size * Size).Select(_ => random.NextGaussian())], [Size, Size], float64);
        double[] raw = [.. Enumerable.Range(0, Rows * Size)
            .Select(i => random.NextGaussian() + (member[i / Size] && i % Size < 2 ? shift : 0))];
        return (tensor(raw, [Rows, Size], float64).mm(mixing) + 3, member);
    }

    private static double[] Weights(bool uneven)
    {
        double[] weights = [.. Enumerable.Range(0, Rows).Select(i => uneven ? 1.0 + i % 3 : 1)];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    private static double[] Covariance(Tensor x, bool[] member, double[] weights)
    {
        double[] values = [.. x.contiguous().data<double>()];
        int size = (int)x.shape[1];
        double share = member.Select((own, i) => own ? weights[i] : 0).Sum();
        return [.. Enumerable.Range(0, size).Select(c =>
        {
            double mean = weights.Select((weight, i) => weight * values[i * size + c]).Sum();
            return weights.Select((weight, i) => weight * (values[i * size + c] - mean) * ((member[i] ? 1 : 0) - share)).Sum();
        })];
    }
}
