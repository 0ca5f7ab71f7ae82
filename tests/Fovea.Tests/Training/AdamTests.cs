using Fovea.Numerics;
using Fovea.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Training;

public sealed class AdamTests
{
    // 70,001 and 3: several chunks with a tail that fills no vector, and less than one vector.
    private static readonly long[][] Shapes = [[70_001], [3], [17, 5, 3, 3]];

    private static TorchSharp.Modules.Parameter[] Parameters(ScalarType type)
    {
        var random = new CounterRandom(5, "adam", 0);
        return [.. Shapes.Select(shape => new TorchSharp.Modules.Parameter(Draw(shape, type, random)))];
    }

    private static Tensor Draw(long[] shape, ScalarType type, CounterRandom random)
    {
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextGaussian();
        return tensor(values, shape).to(type);
    }

    private static void SetGradients(TorchSharp.Modules.Parameter[] parameters, int step)
    {
        var random = new CounterRandom(6, "gradient", step);
        foreach (var parameter in parameters)
            parameter.grad = Draw(parameter.shape, parameter.dtype, random) * (step % 3 == 0 ? 100 : 0.01);
    }

    private static (string, Tensor)[] Named(TorchSharp.Modules.Parameter[] parameters) =>
        [.. parameters.Select((p, i) => ($"p{i}", (Tensor)p))];

    [Theory]
    [InlineData(ScalarType.Float32, 0.0)]
    [InlineData(ScalarType.Float32, 0.01)]
    [InlineData(ScalarType.Float64, 0.01)]
    public void Ten_steps_agree_with_PyTorch(ScalarType type, double weightDecay)
    {
        using var scope = NewDisposeScope();
        var ours = Parameters(type);
        var theirs = Parameters(type);
        using var adam = new Adam(Named(ours), new AdamOptions { WeightDecay = weightDecay });
        using var reference = optim.Adam(theirs, lr: 0.01, weight_decay: weightDecay);
        for (int step = 0; step < 10; step++)
        {
            SetGradients(ours, step);
            SetGradients(theirs, step);
            double rate = 0.01 / (step + 1);
            reference.ParamGroups.First().LearningRate = rate;
            adam.Step(rate);
            reference.step();
        }
        double tolerance = type == ScalarType.Float64 ? 1e-12 : 1e-6;
        for (int i = 0; i < ours.Length; i++)
            Assert.Equal(0, (ours[i] - theirs[i]).abs().max().to(ScalarType.Float64).item<double>(), tolerance);
    }

    [Fact]
    public void An_imported_state_goes_on_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        var straight = Parameters(ScalarType.Float32);
        var broken = Parameters(ScalarType.Float32);
        using var whole = new Adam(Named(straight));
        var first = new Adam(Named(broken));
        for (int step = 0; step < 4; step++)
        {
            SetGradients(straight, step);
            whole.Step(0.1);
            SetGradients(broken, step);
            first.Step(0.1);
        }
        var state = first.ExportState();
        first.Dispose();
        using var second = new Adam(Named(broken));
        second.ImportState(state);
        for (int step = 4; step < 8; step++)
        {
            SetGradients(straight, step);
            whole.Step(0.1);
            SetGradients(broken, step);
            second.Step(0.1);
        }
        for (int i = 0; i < straight.Length; i++) Assert.True(straight[i].bytes.SequenceEqual(broken[i].bytes));
    }

    [Fact]
    public void Parameters_without_a_gradient_stay_and_do_not_age()
    {
        using var scope = NewDisposeScope();
        var parameters = Parameters(ScalarType.Float32);
        using var adam = new Adam(Named(parameters));
        SetGradients(parameters, 1);
        parameters[1].grad = null;
        var before = parameters[1].clone();
        adam.Step(0.1);
        Assert.True(parameters[1].equal(before).all().item<bool>());
        Assert.Equal(0, adam.ExportState()["step.p1"].item<long>());
        Assert.Equal(1, adam.ExportState()["step.p0"].item<long>());
        adam.ZeroGrad();
        Assert.All(parameters, p => Assert.Null(p.grad));
    }

    [Fact]
    public void A_foreign_state_is_refused()
    {
        using var scope = NewDisposeScope();
        using var adam = new Adam(Named(Parameters(ScalarType.Float32)));
        var state = new Dictionary<string, Tensor>(adam.ExportState()) { ["exp_avg.p0"] = zeros(3) };
        Assert.Contains("exp_avg.p0", Assert.Throws<FoveaException>(() => adam.ImportState(state)).Message);
        state.Remove("exp_avg.p0");
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => adam.ImportState(state)).Kind);
    }
}
