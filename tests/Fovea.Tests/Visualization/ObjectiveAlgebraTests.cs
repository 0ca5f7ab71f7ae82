using Fovea.Tests.Dictionaries;
using Fovea.Visualization.Objectives;
using TorchSharp;
using Xunit;
using static Fovea.Tests.Visualization.ObjectiveChecks;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

public sealed class ObjectiveAlgebraTests
{
    private static readonly UnitObjective A = new("one", [1, 4]), B = new("two", [0, 2]), C = new("one", [3, 3], Reduction.Centre);

    [Fact]
    public void Gradients_of_sums_equal_finite_differences() =>
        CheckGradient(2 * A - B * 0.5 - (-C).Weighted(3, -4), ("one", [2, 5, 2, 3]), ("two", [2, 3, 2, 2]));

    [Fact]
    public void Values_are_those_of_the_arithmetic()
    {
        using var scope = NewDisposeScope();
        (string, Tensor)[] taps = Sample();
        double[] a = A.Values(taps), b = B.Values(taps), c = C.Values(taps);
        Same(i => a[i] + b[i], A + B);
        Same(i => a[i] - b[i], A - B);
        Same(i => -a[i], -A);
        Same(i => 3 * a[i] - 3 * b[i] + c[i], 3 * (A - B) + C);
        Same(i => a[i] - (b[i] - (c[i] - a[i])), A - (B - (C - A)));
        Same(i => a[i] * (i == 0 ? 2 : -1) + c[i], A.Weighted(2, -1) + C);
        Same(i => (a[i] + b[i]) * (i == 0 ? 2 : -1) * 0.5, (A + B).Weighted(2, -1) * 0.5);
        Same(i => a[i] + b[i] + c[i], Objective.Sum(A, B, C));
        IObjective running = A;
        running += B;
        Same(i => a[i] + b[i], running);

        void Same(Func<int, double> expected, IObjective objective)
        {
            double[] values = objective.Values(taps);
            for (int i = 0; i < 2; i++) Assert.Equal(expected(i), values[i], 1e-12);
        }
    }

    [Fact]
    public void A_weight_distributes_over_a_sum()
    {
        using var scope = NewDisposeScope();
        (string, Tensor)[] taps = Sample();
        double[] left = (-0.7 * (A + B - C)).Values(taps), right = (A * -0.7 + B * -0.7 - C * -0.7).Values(taps);
        for (int i = 0; i < 2; i++) Assert.Equal(left[i], right[i], 1e-12);
    }

    [Fact]
    public void Operands_stay_as_they_are()
    {
        using var scope = NewDisposeScope();
        (string, Tensor)[] taps = Sample();
        IObjective sum = A + B;
        double[] before = sum.Values(taps);
        string description = sum.Description;
        _ = sum * 5;
        _ = sum - C;
        _ = -sum;
        _ = sum.Weighted(1, 9);
        _ = sum.Slice(1, 1);
        Assert.Equal(before, sum.Values(taps));
        Assert.Equal(description, sum.Description);
        double[] weights = [1, 2];
        IObjective weighted = A.Weighted(weights);
        before = weighted.Values(taps);
        weights[1] = 50;
        Assert.Equal(before, weighted.Values(taps));
    }

    [Fact]
    public void The_negative_descends_where_the_feature_ascends_and_keeps_its_peak()
    {
        using var scope = NewDisposeScope();
        Tensor activation = Samples.Normal([2, 5, 2, 3], "negative", float64).requires_grad_(true);
        Tensor up = autograd.grad([A.Evaluate(Taps(("one", activation))).sum()], [activation])[0];
        Tensor down = autograd.grad([(-A).Evaluate(Taps(("one", activation))).sum()], [activation])[0];
        Assert.True(up.abs().sum().ToDouble() > 0);
        Assert.Equal(0, (up + down).abs().max().ToDouble());
        Assert.Equal(A.Peaks(("one", activation.detach())), (-A).Peaks(("one", activation.detach())));
    }

    [Fact]
    public void A_sum_of_many_terms_is_one_flat_list()
    {
        using var scope = NewDisposeScope();
        Tensor activation = Samples.Normal([1, 5, 2, 3], "many", float64);
        IObjective sum = new UnitObjective("one", [0]);
        double expected = activation[0, 0].mean().ToDouble();
        for (int i = 1; i < 300; i++)
        {
            sum = i % 2 == 0 ? sum + 0.01 * i * new UnitObjective("one", [i % 5]) : sum - new UnitObjective("one", [i % 5]);
            expected += (i % 2 == 0 ? 0.01 * i : -1) * activation[0, i % 5].mean().ToDouble();
        }
        Assert.Equal(expected, sum.Values(("one", activation))[0], 1e-9);
        // A depth that would overflow the stack of a thread this small, were the sum a chain.
        IObjective deep = Enumerable.Range(0, 3000)
            .Aggregate((IObjective)new UnitObjective("one", [0]), (whole, _) => whole + A.Slice(0, 1));
        var thread = new Thread(() => Assert.Equal(3000, deep.Describe(0).Split(" + ").Length - 1), 128 * 1024);
        thread.Start();
        thread.Join();
        Assert.Equal(["one"], deep.Layers);
    }

    [Fact]
    public void Captions_name_terms_and_weights()
    {
        Assert.Equal(
            "mean of neuron 1 over the positions of one − 0.5 × mean of neuron 0 over the positions of two", (A - 0.5 * B).Describe(0));
        Assert.Equal("minus mean of the neuron over the positions of one", (-A).Description);
        IObjective weighted = A.Weighted(2, -3);
        Assert.Equal("a weight of its own × mean of the neuron over the positions of one", weighted.Description);
        Assert.Equal("minus 3 × mean of neuron 4 over the positions of one", weighted.Describe(1));
        Assert.Equal(["one", "two"], (A - 0.5 * B).Layers);
        Assert.Equal(A.Keys, (A - 0.5 * B).Keys);
    }

    [Fact]
    public void What_cannot_be_added_or_weighted_is_refused()
    {
        Assert.Contains("2 pictures", Assert.Throws<FoveaException>(() => A + new UnitObjective("one", [1])).Message);
        Assert.Throws<FoveaException>(() => A * double.NaN);
        Assert.Contains("3 weights for 2", Assert.Throws<FoveaException>(() => A.Weighted(1, 2, 3)).Message);
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => Objective.Sum()).Kind);
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => Objective.Each()).Kind);
    }

    private static (string, Tensor)[] Sample() =>
        [("one", Samples.Normal([2, 5, 2, 3], "one", float64)), ("two", Samples.Normal([2, 3, 2, 2], "two", float64))];
}
