using Fovea.Checkpoints;
using Fovea.Models;
using Fovea.Models.Torch;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Fovea.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Torch;

/// <summary>Whatever is done to weights, the next pass is that of the weights as they then are.</summary>
[Collection(TensorCounts.Name)]
public sealed class PreparedWeightsTests
{
    public static TheoryData<string> Writers => [.. Writing.Keys];

    private static readonly Dictionary<string, Action<ImageModel>> Writing = new()
    {
        ["convolution"] = model => model.State["layer1.0.conv1.weight"].mul_(1.5f),
        ["one number"] = model => model.State["layer1.0.conv1.weight"][3, 1, 2, 0] = tensor(9f),
        ["scale"] = model => model.State["layer1.0.bn1.weight"].add_(1),
        ["shift"] = model => model.State["layer1.0.bn1.bias"].add_(1),
        ["mean"] = model => model.State["layer1.0.bn1.running_mean"].sub_(1),
        ["variance"] = model => model.State["layer1.0.bn1.running_var"].mul_(3),
        ["drawn anew"] = model => model.Initialise(99),
        ["copied"] = model =>
        {
            using ImageModel other = PlainRun.Trained("resnet18");
            other.Initialise(7);
            using var state = StateDict.Of(other.State);
            model.CopyFrom(state, "other");
        },
        ["Adam"] = Learn,
        ["statistics"] = model =>
        {
            model.Mode.BatchStatistics = true;
            model.Forward(Samples.Normal([8, 3, 64, 64], "statistics", ScalarType.Float32));
            model.Eval();
        },
        ["through a view"] = model => model.State["layer1.0.bn1.weight"].narrow(0, 2, 3).fill_(4),
    };

    [Theory]
    [MemberData(nameof(Writers))]
    public void Nothing_stale_is_left(string how)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = PlainRun.Trained("resnet18");
        Tensor input = Samples.Normal([2, 3, 64, 64], "stale", ScalarType.Float32), before = model.Forward(input);
        Tensor again = model.Forward(input);
        Assert.True(before.equal(again).all().item<bool>());
        Writing[how](model);
        Tensor after = model.Forward(input);
        PlainRun.Close(PlainRun.Of(model, input, new Probe { Output = true }).Logits, after, how);
        Assert.True((after - before).abs().max().item<float>() > 1e-4 * before.abs().max().item<float>());
        model.ToType(ScalarType.Float64);
        PlainRun.Close(after, model.Forward(input.to(float64)).to(float32), "double");
        model.ToType(ScalarType.Float32);
        PlainRun.Close(after, model.Forward(input), "and back");
    }

    [Fact]
    public void They_die_with_the_network_and_are_not_made_twice()
    {
        long before = TensorCounts.Settled();
        using (var scope = NewDisposeScope())
        {
            using var quiet = no_grad();
            Tensor input = Samples.Normal([2, 3, 64, 64], "lives", ScalarType.Float32);
            using var model = PlainRun.Trained("resnet18");
            model.Forward(input).Dispose();
            long once = TensorCounts.Settled();
            for (int i = 0; i < 3; i++)
            {
                model.Forward(input).Dispose();
                Learn(model);
                model.Forward(input).Dispose();
                using ImageModel other = model.With(model.Preprocessing);
                other.Forward(input).Dispose();
            }
            Assert.Equal(once, TensorCounts.Settled());
        }
        Assert.Equal(before, TensorCounts.Settled());
    }

    [Fact]
    public void Weights_made_in_inference_mode_serve_gradients_too()
    {
        using var scope = NewDisposeScope();
        Tensor input = Samples.Normal([2, 3, 64, 64], "inference", ScalarType.Float32);
        using var model = PlainRun.Trained("resnet18");
        using (inference_mode()) model.Forward(input).Dispose();
        var probe = new Probe { Gradient = new ProbeGradient(read => read.Logits.sum(), [model.Graph.Input]) };
        Tensor expected = PlainRun.Of(model, input, probe).Gradient(model.Graph.Input);
        PlainRun.Close(expected, model.Forward(input, probe).Gradient(model.Graph.Input), "gradient");
        ImageModel made;
        using (inference_mode()) made = PlainRun.Trained("resnet18");
        using (made)
        using (no_grad())
            PlainRun.Close(PlainRun.Of(made, input, new Probe { Output = true }).Logits, made.Forward(input), "made in inference mode");
    }

    [Fact]
    public void A_write_of_a_kernel_is_counted_like_any_other()
    {
        using var scope = NewDisposeScope();
        Tensor weight = zeros(3, 4);
        long? first = TensorVersions.Of(weight);
        Assert.NotNull(first);
        Assert.Equal(first, TensorVersions.Of(weight));
        TensorVersions.Written(weight);
        Assert.True(TensorVersions.Of(weight) > first);
        Tensor learned = zeros(3).requires_grad_(true);
        long? before = TensorVersions.Of(learned);
        TensorVersions.Written(learned);
        Assert.True(TensorVersions.Of(learned) > before);
        Assert.True(learned.requires_grad && learned.is_leaf);
        using (inference_mode()) Assert.Null(TensorVersions.Of(zeros(2)));
    }

    private static void Learn(ImageModel model)
    {
        using var scope = NewDisposeScope();
        using var recording = enable_grad();
        model.SetTrainable(true);
        using var adam = new Adam(model.Parameters.Select(pair => (pair.Key, pair.Value)));
        Gradients.Accumulate(model.Forward(Samples.Normal([2, 3, 64, 64], "learn", ScalarType.Float32)).square().sum());
        // Whoever looks between the gradients and the step must not be what the step's change is hidden by.
        model.SetTrainable(false);
        using (no_grad()) model.Forward(Samples.Normal([1, 3, 64, 64], "look", ScalarType.Float32)).Dispose();
        adam.Step(0.01);
        foreach (Tensor weight in model.Parameters.Values) weight.grad = null;
    }
}
