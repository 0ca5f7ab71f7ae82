using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Models.Torch;
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
        Assert.All(network.LayerNames.Where(layer => !layer.Contains('.')), layer => Assert.Contains(layer, row));
        var input = Samples.Normal([2, 3, 32, 32], "continue", ScalarType.Float32);
        var taps = new Probe(row) { Output = true };
        var result = network.Forward(input, taps);
        // A pass that does not read raw convolutions folds what follows them: not the same bits.
        foreach (string layer in row) PlainRun.Close(result.Logits, network.ContinueAfter(layer, result[layer]), layer);
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
        var input = Samples.Normal([3, 3, 64, 64], "continue", ScalarType.Float32);
        var probe = new Probe(layer) { Output = true };
        ProbeResult plain = network.Forward(input, probe), replaced = network.Forward(input, probe.With(layer, x => x * 0.7 - 0.2));
        Assert.False(plain.Logits.equal(replaced.Logits).any().item<bool>());
        Assert.True(network.ContinueAfter(layer, plain[layer] * 0.7 - 0.2).equal(replaced.Logits).all().item<bool>());
    }

    /// <summary>Inside a block too: what the tail reads beside the layer is kept from the pass up to it.</summary>
    [Theory]
    [InlineData("resnet18", "layer4.1.relu1")]
    [InlineData("resnet18", "layer2.0.downsample.0")]
    [InlineData("mobilenet_v2", "features.3.conv")]
    [InlineData("small_cnn", "block3")]
    public void A_tail_gives_what_an_edit_of_the_whole_pass_gives(string name, string layer)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var network = Make(name);
        var input = Samples.Normal([3, 3, 64, 64], "continue", ScalarType.Float32);
        LayerTail.Pass pass = new LayerTail(network, layer).Run(input);
        Tensor edited = network.Forward(input, new Probe().With(layer, x => x * 0.7 - 0.2)).Logits;
        Assert.True(pass.With(pass.Output * 0.7 - 0.2).equal(edited).all().item<bool>());
        Tensor some = pass.With(pass.Output.index_select(0, tensor(new[] { 2L, 0 })) * 0.7 - 0.2, tensor(new[] { 2L, 0 }));
        Assert.True(some.allclose(edited.index_select(0, tensor(new[] { 2L, 0 })), 1e-5, 1e-5));
    }

    [Fact]
    public void Only_what_follows_is_run()
    {
        using var network = Make("resnet18");
        var cut = new GraphCut(network.Graph, network.Graph.ValueOf(network.Layer("layer4.0").Value));
        Assert.Equal([.. network.LayerNames.Where(layer => layer.StartsWith("layer4.1.", StringComparison.Ordinal)), "avgpool", "fc"],
            cut.Nodes.SelectMany(node => node.Outputs).Where(network.LayerNames.Contains));
        // Weights of what comes before are gone: whoever ran it would fail.
        foreach (var (name, tensor) in network.State)
            if (!name.StartsWith("layer4.1.", StringComparison.Ordinal) && !name.StartsWith("fc", StringComparison.Ordinal))
                tensor.Dispose();
        using var output = zeros(1, 512, 2, 2);
        using Tensor answer = network.ContinueAfter("layer4.0", output);
        Assert.Equal([1, 7], answer.shape);
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

    private static ImageModel Make(string name, GradientFlow? flow = null)
    {
        var network = ImageModel.Create(name, 7, flow ?? GradientFlow.Standard);
        network.Initialise(1);
        network.Eval();
        return network;
    }
}
