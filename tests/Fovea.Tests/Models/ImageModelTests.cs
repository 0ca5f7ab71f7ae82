using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

public sealed class ImageModelTests
{
    public static TheoryData<string> Names => [.. Architectures.All.Select(a => a.Name)];

    [Theory]
    [InlineData("resnet18", 1000, 11_689_512, 122)] // torchvision's count of weights and of state dict entries
    [InlineData("mobilenet_v2", 1000, 3_504_872, 314)]
    public void Weights_are_torchvisions(string name, int classes, long weights, int entries)
    {
        using var model = Architectures.Get(name).Create(classes);
        Assert.Equal(weights, model.Parameters.Values.Sum(p => p.numel()));
        Assert.Equal(entries, model.State.Count);
        Assert.Equal(classes, model.Outputs);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_modified_network_takes_the_same_weights_and_passes_gradients_everywhere(string name)
    {
        using var scope = NewDisposeScope();
        using var standard = ImageModel.Create(name, 5);
        using var modified = ImageModel.Create(name, 5, GradientFlow.Modified, seed: 2);
        using (var weights = StateDict.Of(standard.State)) modified.CopyFrom(weights, "the standard network");
        Assert.Equal(standard.LayerNames, modified.LayerNames);
        Assert.DoesNotContain(
            modified.Graph.Nodes, node => node.Operator == Operators.MaxPool2d || node.Operator == Operators.Relu
                || node.Operator == Operators.Relu6);
        Assert.DoesNotContain(modified.Graph.Layers, layer => layer.Kind is "max_pool2d" or "relu" or "relu6");
        Assert.Contains(standard.Graph.Nodes, node => node.Operator == Operators.Relu || node.Operator == Operators.Relu6);

        var input = Samples.Normal([2, 3, 64, 64], "network", ScalarType.Float32);
        Tensor before = standard.Forward(input), after = modified.Forward(input);
        Assert.True((before - after).abs().max().item<float>() > 1e-3 * before.abs().max().item<float>());
        var pixels = input.clone().requires_grad_(true);
        Tensor gradient = Gradients.Of(modified.Forward(pixels)[0, 0], pixels);
        Assert.True((gradient[0] != 0).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Initialisation_follows_the_seed_alone(string name)
    {
        using var scope = NewDisposeScope();
        using var a = ImageModel.Create(name, 5, seed: 7);
        using var b = ImageModel.Create(name, 5, seed: 8);
        b.Train();
        using (no_grad()) b.Forward(randn(4, 3, 64, 64)); // moves the running statistics
        b.Initialise(7);
        foreach (var (key, value) in a.State) Assert.True(value.equal(b.State[key]).all().item<bool>(), key);
        var convolution = a.Parameters.Values.First(p => p.dim() == 4 && p.numel() > 5000);
        double expected = Math.Sqrt(2.0 / (convolution.shape[0] * convolution.shape[2] * convolution.shape[3]));
        Assert.Equal(expected, convolution.std().item<float>(), 0.05 * expected);
    }

    [Fact]
    public void Batch_norm_keeps_running_statistics_as_PyTorch()
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create("small_cnn", 3);
        var input = randn(4, 3, 64, 64);
        var outputs = model.Forward(input, new Probe("block1.conv"))["block1.conv"].detach();
        model.Train();
        model.Forward(input);
        var state = model.State;
        Assert.True(state["block1.bn.running_mean"].allclose(0.1 * outputs.mean([0, 2, 3]), 1e-4, 1e-6));
        var variance = outputs.transpose(0, 1).flatten(1).var(1, unbiased: true);
        Assert.True(state["block1.bn.running_var"].allclose(0.9 + 0.1 * variance, 1e-4, 1e-6));
        Assert.Equal(1, state["block1.bn.num_batches_tracked"].item<long>());
    }

    [Fact]
    public void Dropout_follows_its_seed_and_stops_in_evaluation()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = ImageModel.Create("mobilenet_v2", 3);
        var probe = new Probe("features", "classifier.0");
        var input = Samples.Normal([4, 3, 64, 64], "dropout", ScalarType.Float32);
        Tensor whole = model.Forward(input, probe)["classifier.0"];
        Assert.True(whole.equal(model.Forward(input, probe)["features"].mean([2L, 3])).all().item<bool>());
        model.Mode.Dropout = true;
        Tensor first = Dropped(1), again = Dropped(1), second = model.Forward(input, probe)["classifier.0"], other = Dropped(2);
        Assert.True(first.equal(again).all().item<bool>());
        Assert.False(first.equal(second).all().item<bool>());
        Assert.False(first.equal(other).all().item<bool>());
        Tensor kept = first.ne(0);
        Assert.InRange(first.eq(0).logical_and(whole.ne(0)).sum().item<long>() / (double)whole.ne(0).sum().item<long>(), 0.17, 0.23);
        Assert.True(first.masked_select(kept).allclose(whole.masked_select(kept) / 0.8));

        Tensor Dropped(long item)
        {
            model.SeedDropout(5, item);
            return model.Forward(input, probe)["classifier.0"];
        }
    }

    [Fact]
    public void A_network_outlives_the_dispose_scope_it_was_made_in()
    {
        ImageModel model;
        using (NewDisposeScope()) model = ImageModel.Create("small_cnn", 3);
        using (model)
        using (var input = zeros(1, 3, 64, 64))
        using (var logits = model.Forward(input)) Assert.Equal([1, 3], logits.shape);
    }

    [Fact]
    public void A_frozen_network_makes_no_gradients_of_weights_and_a_trainable_one_does()
    {
        using var scope = NewDisposeScope();
        using var model = ImageModel.Create("small_cnn", 3);
        var input = randn([1, 3, 64, 64], requires_grad: true);
        Gradients.Accumulate(model.Forward(input).sum());
        Assert.NotNull(input.grad);
        Assert.All(model.Parameters.Values, parameter => Assert.Null(parameter.grad));
        model.SetTrainable(true);
        Gradients.Accumulate(model.Forward(input).sum());
        Assert.All(model.Parameters.Values, parameter => Assert.NotNull(parameter.grad));
        Assert.All(model.Buffers.Values, buffer => Assert.False(buffer.requires_grad));
    }

    [Fact]
    public void Layers_say_their_shape_and_kind()
    {
        using var model = ImageModel.Create("resnet18", 10);
        var layers = model.Layers.ToDictionary(layer => layer.Name);
        Assert.Equal("conv2d [64, 112, 112]", Line("conv1"));
        Assert.Equal("max_pool2d [64, 56, 56]", Line("maxpool"));
        Assert.Equal("block [512, 7, 7]", Line("layer4"));
        Assert.Equal("linear [10]", Line("fc"));
        Assert.True(layers["layer4"].IsGrid);
        Assert.False(layers["fc"].IsGrid);
        Assert.Equal("fc", model.Head);

        string Line(string name) => $"{layers[name].Kind} [{string.Join(", ", layers[name].Shape)}]";
    }

    [Fact]
    public void The_same_network_is_seen_through_another_preprocessing()
    {
        using var model = ImageModel.Create("small_cnn", 3);
        ImageModel other = model.With(Preprocessing.ImageNet(null, 32));
        Assert.Equal([128, 4, 4], other.Layers.Single(layer => layer.Name == "block4").Shape);
        Assert.Equal([128, 8, 8], model.Layers.Single(layer => layer.Name == "block4").Shape);
        Assert.Same(model.State["fc.weight"], other.State["fc.weight"]);
        other.Dispose();
        using Tensor input = zeros(1, 3, 32, 32);
        using Tensor answer = model.Forward(input);
    }

    [Fact]
    public void An_unknown_architecture_is_refused_with_the_list()
    {
        var error = Assert.Throws<FoveaException>(() => Architectures.Get("resnet19"));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("resnet18", error.Message);
    }
}
