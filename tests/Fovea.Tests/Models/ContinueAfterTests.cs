using Fovea.Models;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

[Collection(TensorCounts.Name)]
public sealed class ContinueAfterTests
{
    public static TheoryData<string, bool> Networks
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var architecture in Architectures.All)
            {
                data.Add(architecture.Name, false);
                data.Add(architecture.Name, true);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void From_any_layer_of_the_row_come_the_logits_of_the_whole(string name, bool modified)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var network = Make(name, modified ? GradientFlow.Modified : GradientFlow.Standard);
        string[] row = [.. network.LayerNames.Where(network.CanContinueAfter)];
        Assert.All(network.named_children(), child => Assert.Contains(child.name, row));
        var input = Samples.Normal([2, 3, 64, 64], "continue", ScalarType.Float32);
        using var taps = new LayerTaps(network, row);
        var result = taps.Run(input, stopEarly: false);
        foreach (string layer in row) Assert.True(network.ContinueAfter(layer, result[layer]).equal(result.Logits!).all().item<bool>(), layer);
    }

    [Theory]
    [InlineData("resnet18", "layer3")]
    [InlineData("resnet18", "layer4.0")]
    [InlineData("mobilenet_v2", "features.7")]
    [InlineData("mobilenet_v2", "features.18")]
    [InlineData("small_cnn", "block2.conv")]
    public void A_changed_output_gives_what_replacing_it_gives(string name, string layer)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var network = Make(name);
        using var taps = new LayerTaps(network, layer);
        var input = Samples.Normal([3, 3, 64, 64], "continue", ScalarType.Float32);
        taps.Replace(layer, x => x * 0.7 - 0.2);
        var replaced = taps.Run(input, stopEarly: false);
        taps.Replace(layer, null);
        var plain = taps.Run(input, stopEarly: false);
        Assert.False(plain.Logits!.equal(replaced.Logits!).any().item<bool>());
        Assert.True(network.ContinueAfter(layer, plain[layer] * 0.7 - 0.2).equal(replaced.Logits!).all().item<bool>());
    }

    [Fact]
    public void Only_what_follows_is_run()
    {
        using var scope = NewDisposeScope();
        using var network = Make("resnet18");
        List<string> fired = [];
        foreach (string layer in network.LayerNames)
            network.Layer(layer).register_forward_hook((_, _, output) => { fired.Add(layer); return output; });
        network.ContinueAfter("layer4.0", zeros(1, 512, 2, 2));
        Assert.Equal([.. network.LayerNames.Where(layer => layer.StartsWith("layer4.1", StringComparison.Ordinal)), "avgpool", "fc"], fired);
    }

    [Theory]
    [InlineData("resnet18", "layer4.1.relu1")]
    [InlineData("mobilenet_v2", "features.3.conv")]
    public void Beside_a_shortcut_the_output_is_not_enough(string name, string layer)
    {
        using var network = Make(name);
        Assert.False(network.CanContinueAfter(layer));
        using var output = zeros(1, 3, 2, 2);
        Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => network.ContinueAfter(layer, output)).Kind);
        Assert.Throws<FoveaException>(() => network.CanContinueAfter("layer9"));
    }

    [Fact]
    public void Nothing_but_the_logits_is_left_in_memory()
    {
        using var network = Make("small_cnn");
        using var output = zeros(1, 64, 8, 8);
        using var quiet = no_grad();
        network.ContinueAfter("block2.bn", output).Dispose();
        long before = TensorCounts.Settled();
        network.ContinueAfter("block2.bn", output).Dispose();
        Assert.Equal(before, Tensor.TotalCount);
    }

    private static Network Make(string name, GradientFlow? flow = null)
    {
        var network = Architectures.Create(name, 7, flow ?? GradientFlow.Standard);
        network.Initialise(1);
        network.eval();
        return network;
    }
}
