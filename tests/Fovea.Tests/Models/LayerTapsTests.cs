using Fovea.Models;
using Fovea.Numerics;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

public sealed class LayerTapsTests
{
    public static TheoryData<string, int> Networks => new() { { "resnet18", 64 }, { "mobilenet_v2", 64 }, { "small_cnn", 64 } };

    private static Network Make(string name, GradientFlow? flow = null)
    {
        var network = Architectures.Create(name, 7, flow ?? GradientFlow.Standard);
        network.Initialise(1);
        network.eval();
        return network;
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Layers_run_once_each_in_the_order_of_their_names(string name, int size)
    {
        using var scope = NewDisposeScope();
        using var network = Make(name);
        List<string> fired = [];
        foreach (string layer in network.LayerNames)
            network.Layer(layer).register_forward_hook((_, _, output) => { fired.Add(layer); return output; });
        network.call(zeros(1, 3, size, size));
        Assert.Equal(network.LayerNames, fired);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Tapping_every_layer_changes_no_logit(string name, int size)
    {
        using var scope = NewDisposeScope();
        using var network = Make(name);
        var input = randn(2, 3, size, size);
        var plain = network.call(input);
        using var taps = new LayerTaps(network, network.LayerNames);
        using var result = taps.Run(input, stopEarly: false);
        Assert.True(result.Logits!.equal(plain).all().item<bool>());
        foreach (string layer in network.LayerNames) Assert.False(result[layer].IsInvalid);
    }

    [Theory]
    [InlineData("resnet18", "layer4.1.conv2", new long[] { 2, 512, 2, 2 })]
    [InlineData("resnet18", "layer3", new long[] { 2, 256, 4, 4 })]
    [InlineData("mobilenet_v2", "features.18", new long[] { 2, 1280, 2, 2 })]
    [InlineData("mobilenet_v2", "features.18.0", new long[] { 2, 1280, 2, 2 })]
    [InlineData("small_cnn", "block4", new long[] { 2, 128, 8, 8 })]
    public void A_pass_stops_after_the_deepest_tapped_layer(string name, string layer, long[] shape)
    {
        using var scope = NewDisposeScope();
        using var network = Make(name);
        List<string> fired = [];
        using var taps = new LayerTaps(network, layer);
        foreach (string other in network.LayerNames)
            network.Layer(other).register_forward_hook((_, _, output) => { fired.Add(other); return output; });
        using var result = taps.Run(zeros(2, 3, 64, 64));
        Assert.Null(result.Logits);
        Assert.Equal(shape, result[layer].shape);
        // The hook that stops was set first, so the layer itself is not in the list.
        Assert.Equal(network.LayerNames.TakeWhile(n => n != layer), fired);
    }

    [Fact]
    public void A_replacement_is_what_the_rest_sees_and_reads()
    {
        using var scope = NewDisposeScope();
        using var network = Make("resnet18");
        var input = randn(2, 3, 64, 64);
        using var taps = new LayerTaps(network, "layer4");
        taps.Replace("layer3", x => zeros_like(x));
        taps.Replace("layer4", x => x * 0 + 1);
        using var result = taps.Run(input, stopEarly: false);
        Assert.Equal(1f, result["layer4"].max().item<float>());
        Assert.True(result.Logits![0].equal(result.Logits[1]).all().item<bool>()); // nothing of the image is left
        taps.Replace("layer3", null);
        taps.Replace("layer4", null);
        using var restored = taps.Run(input, stopEarly: false);
        Assert.True(restored.Logits!.equal(network.call(input)).all().item<bool>());
    }

    [Fact]
    public void A_replacement_of_another_shape_is_refused()
    {
        using var scope = NewDisposeScope();
        using var network = Make("small_cnn");
        using var taps = new LayerTaps(network);
        taps.Replace("block2", x => x[.., ..3]);
        var error = Assert.Throws<FoveaException>(() => taps.Run(zeros(1, 3, 64, 64)));
        Assert.Contains("block2", error.Message);
    }

    [Fact]
    public void The_gradient_at_a_tap_matches_the_difference_of_replacements()
    {
        using var scope = NewDisposeScope();
        using var network = Make("small_cnn", GradientFlow.Modified);
        network.to(ScalarType.Float64);
        var input = Noise(3, 64);
        using var taps = new LayerTaps(network, "block3");
        using var result = taps.Run(input, stopEarly: false);
        var gradient = autograd.grad([result.Logits![0, 2]], [result["block3"]])[0];
        const double step = 1e-7; // small: LeakyReLU has a kink at 0, and thousands of units are near it
        var direction = Noise(128, 8);
        double Logit(double sign)
        {
            taps.Replace("block3", x => x + sign * step * direction);
            using var moved = taps.Run(input, stopEarly: false);
            return moved.Logits![0, 2].item<double>();
        }
        double numeric = (Logit(1) - Logit(-1)) / (2 * step), exact = (gradient * direction).sum().item<double>();
        Assert.Equal(exact, numeric, 1e-6 * Math.Abs(exact));

        static Tensor Noise(int channels, int size)
        {
            var random = new CounterRandom(1, "taps", channels);
            var values = new double[channels * size * size];
            for (int i = 0; i < values.Length; i++) values[i] = random.NextGaussian();
            return tensor(values, [1, channels, size, size]);
        }
    }

    [Fact]
    public void Disposed_taps_leave_no_hook_behind()
    {
        using var scope = NewDisposeScope();
        using var network = Make("small_cnn");
        int edits = 0;
        var taps = new LayerTaps(network, "block1");
        taps.Replace("block2", x => { edits++; return x * 0; });
        taps.Run(zeros(1, 3, 64, 64), stopEarly: false).Dispose();
        Assert.Equal(1, edits);
        taps.Dispose();
        network.call(zeros(1, 3, 64, 64));
        Assert.Equal(1, edits);
        Assert.Throws<ObjectDisposedException>(() => taps.Run(zeros(1, 3, 64, 64)));
        Assert.All(network.LayerNames, layer => Assert.Equal(0, Hooks(network.Layer(layer))));
    }

    [Fact]
    public void Taps_do_not_touch_other_forward_passes()
    {
        using var scope = NewDisposeScope();
        using var network = Make("small_cnn");
        var input = randn(1, 3, 64, 64);
        var plain = network.call(input);
        using var taps = new LayerTaps(network, "block1");
        taps.Replace("block2", x => x * 0);
        Assert.True(network.call(input).equal(plain).all().item<bool>());
    }

    [Fact]
    public void Results_join_the_dispose_scope_around_them()
    {
        using var network = Make("small_cnn");
        using var taps = new LayerTaps(network, "block2");
        Tensor kept;
        using (NewDisposeScope())
        {
            kept = taps.Run(zeros(1, 3, 64, 64))["block2"];
            Assert.False(kept.IsInvalid);
        }
        Assert.True(kept.IsInvalid);
    }

    [Fact]
    public void An_unknown_layer_is_refused_with_the_nearest_names()
    {
        using var network = Make("resnet18");
        var error = Assert.Throws<FoveaException>(() => new LayerTaps(network, "layer4", "layer4.1.conv3"));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("layer4.1.conv2", error.Message);
        Assert.All(network.LayerNames, layer => Assert.Equal(0, Hooks(network.Layer(layer))));
    }

    // TorchSharp has no public count of hooks.
    private static int Hooks(nn.Module<Tensor, Tensor> layer)
    {
        for (var type = layer.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic))
            {
                if (field.Name.Contains("post_hooks", StringComparison.Ordinal)) return ((System.Collections.ICollection)field.GetValue(layer)!).Count;
            }
        }
        throw new InvalidOperationException("TorchSharp changed where it keeps hooks.");
    }
}
