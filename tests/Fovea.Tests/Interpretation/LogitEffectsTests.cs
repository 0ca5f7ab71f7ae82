using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Tests.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation;

[Collection(TensorCounts.Name)]
public sealed class LogitEffectsTests
{
    [Theory]
    [InlineData("small_cnn", "block4", "topk")]
    [InlineData("small_cnn", "block4.relu", "l1")]
    [InlineData("resnet18", "layer4", "gated")]
    [InlineData("mobilenet_v2", "features.18", "jumprelu")]
    public void Contributions_and_bias_sum_to_the_spliced_network_s_logits(string architecture, string layer, string variant)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var network = Network(architecture);
        Tensor input = Samples.Normal([3, 3, 64, 96], "input", float32);
        var taps = new Probe(layer) { Output = true };
        ProbeResult result = network.Forward(input, taps);
        Tensor maps = result[layer];
        int channels = (int)maps.shape[1];
        using var dictionary = Samples.Create(variant, channels, 90, float32);
        Tensor spliced = network.ContinueAfter(layer, dictionary.Reconstruct(maps));
        Check(UnitGroup.Neurons(layer), maps, result.Logits);
        Check(UnitGroup.Latents(layer, "d", dictionary), dictionary.EncodeMap(maps), spliced);

        void Check(UnitGroup group, Tensor values, Tensor logits)
        {
            var effects = LogitEffects.Of(network, group)!;
            Assert.Equal((values.shape[1], 6L), (effects.Units, effects.Classes));
            for (int image = 0; image < 3; image++)
            {
                float[] own = values[image].permute(1, 2, 0).contiguous().data<float>().ToArray();
                float[] contributions = effects.Contributions(own);
                Assert.Contains(contributions, value => value != 0);
                for (int label = 0; label < 6; label++)
                {
                    double sum = effects.Bias[label] + Enumerable.Range(0, effects.Units)
                        .Sum(unit => (double)contributions[unit * 6 + label]);
                    double expected = logits[image, label].item<float>();
                    Assert.Equal(expected, sum, 1e-4 * Math.Max(1, Math.Abs(expected)));
                }
            }
        }
    }

    [Fact]
    public void Promoted_and_suppressed_classes_are_those_with_the_largest_and_smallest_weights()
    {
        using var network = Network("small_cnn");
        var effects = LogitEffects.Of(network, UnitGroup.Neurons("block4"))!;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        float[] column = network.State["fc.weight"].select(1, 17).contiguous().data<float>().ToArray();
        Assert.Equal(
            Enumerable.Range(0, 6).Where(label => column[label] > 0).OrderByDescending(label => column[label])
                .Take(2), effects.Promoted(17, 2));
        Assert.Equal(
            Enumerable.Range(0, 6).Where(label => column[label] < 0).OrderBy(label => column[label]).Take(2), effects.Suppressed(17, 2));
    }

    [Theory]
    [InlineData("small_cnn", "block3")]
    [InlineData("resnet18", "layer3")]
    [InlineData("resnet18", "layer4.1.conv2")]
    [InlineData("resnet18", "fc")]
    [InlineData("mobilenet_v2", "features.17")]
    public void Other_layers_have_none(string architecture, string layer)
    {
        using var network = Network(architecture);
        Assert.Null(LogitEffects.Of(network, UnitGroup.Neurons(layer)));
    }

    [Fact]
    public void A_dictionary_of_another_layer_is_refused_and_memory_is_given_back()
    {
        using var network = Network("small_cnn");
        using var other = Samples.Create("topk", 7, 20, float32);
        Assert.Throws<FoveaException>(() => LogitEffects.Of(network, UnitGroup.Latents("block4", "d", other)));
        using var dictionary = Samples.Create("topk", 128, 20, float32);
        long before = TensorCounts.Settled();
        LogitEffects.Of(network, UnitGroup.Latents("block4", "d", dictionary));
        Assert.Equal(before, Tensor.TotalCount);
    }

    private static ImageModel Network(string architecture)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var network = ImageModel.Create(architecture, 6, GradientFlow.Standard);
        network.Initialise(4);
        foreach (var (name, parameter) in network.Parameters)
        {
            if (parameter.shape[0] == 6) parameter.copy_(Samples.Normal(parameter.shape, name, float32));
        }
        network.Eval();
        return network;
    }
}
