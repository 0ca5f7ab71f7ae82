using Fovea.Checkpoints;
using Fovea.Models;
using Fovea.Tests.Dictionaries;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

public sealed class NetworkTests
{
    public static TheoryData<string> Names => [.. Architectures.All.Select(a => a.Name)];

    [Theory]
    [InlineData("resnet18", 1000, 11_689_512, 122)] // torchvision's count of weights and of state dict entries
    [InlineData("mobilenet_v2", 1000, 3_504_872, 314)]
    public void Weights_are_torchvisions(string name, int classes, long weights, int entries)
    {
        using var network = Architectures.Create(name, classes, GradientFlow.Standard);
        Assert.Equal(weights, network.parameters().Sum(p => p.numel()));
        Assert.Equal(entries, network.state_dict().Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_modified_network_takes_the_same_weights_and_passes_gradients_everywhere(string name)
    {
        using var scope = NewDisposeScope();
        using var standard = Architectures.Create(name, 5, GradientFlow.Standard);
        using var modified = Architectures.Create(name, 5, GradientFlow.Modified);
        standard.Initialise(1);
        using (var weights = StateDict.Of(standard)) weights.CopyTo(modified, "the standard network");
        standard.eval();
        modified.eval();
        Assert.Equal(standard.LayerNames, modified.LayerNames);
        Assert.DoesNotContain(modified.modules(), module => module is MaxPool2d or ReLU or ReLU6);
        Assert.Contains(standard.modules(), module => module is ReLU or ReLU6);

        var input = Samples.Normal([2, 3, 64, 64], "network", ScalarType.Float32);
        Tensor before = standard.call(input), after = modified.call(input);
        Assert.True((before - after).abs().max().item<float>() > 1e-3 * before.abs().max().item<float>());
        var pixels = input.clone().requires_grad_(true);
        modified.call(pixels)[0, 0].backward();
        Assert.True((pixels.grad![0] != 0).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Initialisation_follows_the_seed_alone(string name)
    {
        using var scope = NewDisposeScope();
        using var a = Architectures.Create(name, 5, GradientFlow.Standard);
        using var b = Architectures.Create(name, 5, GradientFlow.Standard);
        a.Initialise(7);
        b.train();
        using (no_grad()) b.call(randn(4, 3, 64, 64)); // moves the running statistics
        b.Initialise(7);
        foreach (var (key, value) in a.state_dict()) Assert.True(value.equal(b.state_dict()[key]).all().item<bool>(), key);
        var convolution = a.named_parameters().First(p => p.parameter.dim() == 4 && p.parameter.numel() > 5000).parameter;
        double expected = Math.Sqrt(2.0 / (convolution.shape[0] * convolution.shape[2] * convolution.shape[3]));
        Assert.Equal(expected, convolution.std().item<float>(), 0.05 * expected);
    }

    [Fact]
    public void Batch_norm_keeps_running_statistics_as_PyTorch()
    {
        using var scope = NewDisposeScope();
        using var network = Architectures.Create("small_cnn", 3, GradientFlow.Standard);
        network.Initialise(1);
        using var taps = new LayerTaps(network, "block1.conv");
        var input = randn(4, 3, 64, 64);
        var outputs = taps.Run(input)["block1.conv"].detach();
        network.train();
        network.call(input);
        var state = network.state_dict();
        Assert.True(state["block1.bn.running_mean"].allclose(0.1 * outputs.mean([0, 2, 3]), 1e-4, 1e-6));
        var variance = outputs.transpose(0, 1).flatten(1).var(1, unbiased: true);
        Assert.True(state["block1.bn.running_var"].allclose(0.9 + 0.1 * variance, 1e-4, 1e-6));
        Assert.Equal(1, state["block1.bn.num_batches_tracked"].item<long>());
    }

    [Fact]
    public void A_network_outlives_the_dispose_scope_it_was_made_in()
    {
        Network network;
        using (NewDisposeScope()) network = Architectures.Create("small_cnn", 3, GradientFlow.Standard);
        using (network)
        using (var input = zeros(1, 3, 64, 64))
        using (var logits = network.call(input)) Assert.Equal([1, 3], logits.shape);
    }

    [Fact]
    public void A_frozen_network_makes_no_gradients_of_weights()
    {
        using var scope = NewDisposeScope();
        using var network = Architectures.Create("small_cnn", 3, GradientFlow.Standard);
        network.SetTrainable(false);
        var input = randn([1, 3, 64, 64], requires_grad: true);
        network.call(input).sum().backward();
        Assert.NotNull(input.grad);
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void An_unknown_architecture_is_refused_with_the_list()
    {
        var error = Assert.Throws<FoveaException>(() => Architectures.Get("resnet19"));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("resnet18", error.Message);
    }
}
