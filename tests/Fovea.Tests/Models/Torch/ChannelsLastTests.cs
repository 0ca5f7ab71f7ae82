using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Models.Torch;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Xunit;
using static Fovea.Tests.FastPathRuns;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Torch;

public sealed class ChannelsLastTests
{
    [Fact]
    public void The_numbers_stay_where_they_are_named_and_their_order_in_memory_changes()
    {
        using var scope = NewDisposeScope();
        Tensor x = Samples.Normal([2, 3, 4, 5], "order", ScalarType.Float32), last = ChannelsLast.Of(x);
        Assert.Equal([60, 1, 15, 3], last.stride());
        Assert.True(x.equal(last).all().item<bool>());
        // However they lie, reading gives them in the order of the indices.
        Assert.Equal(x.data<float>().ToArray(), last.data<float>().ToArray());
        Assert.Equal(x.data<float>().ToArray(), last.cpu().to(float32).data<float>().ToArray());
        Tensor again = ChannelsLast.Of(last);
        again[0, 0, 0, 0] = tensor(7f);
        Assert.Equal(7f, last[0, 0, 0, 0].item<float>());
        Assert.Equal([1, 1, 1, 1], ChannelsLast.Of(zeros(1, 1, 1, 1)).shape);
    }

    [Fact]
    public void Convolutions_run_so_and_what_has_none_or_calculates_otherwise_stays_as_it_is()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = PlainRun.Trained("small_cnn");
        Tensor input = Samples.Normal([2, 3, 64, 64], "laid", ScalarType.Float32), kept = input.clone();
        Assert.Equal(1, TimesRun(FastPath.ChannelsLast, () => model.Forward(input)));
        Tensor map = model.Forward(input, new Probe("block2"))["block2"];
        Assert.Equal(1, map.stride(1));
        Assert.Equal(1, TimesRun(FastPath.ChannelsLast, () => model.ContinueAfter("block2", map.contiguous())));
        Assert.True(kept.equal(input).all().item<bool>() && input.is_contiguous());
        model.ToType(ScalarType.Float64);
        Assert.Equal(0, TimesRun(FastPath.ChannelsLast, () => model.Forward(input.to(float64))));
    }

    [Theory]
    [InlineData(3, 2, true)]
    [InlineData(24, 3, true)]
    [InlineData(3, 1, false)]
    [InlineData(16, 2, false)]
    public void Narrow_convolutions_of_one_position_in_steps_learn_with_channels_first(int channels, int step, bool first)
    {
        // Small maps, on which libtorch's kernels for channels last do nothing wrong either.
        using var scope = NewDisposeScope();
        var build = new GraphBuilder();
        string wide = build.Conv("wide", build.Input, 3, channels, 1);
        string pooled = build.Apply(Operators.Flatten, OperatorAttributes.None,
            build.AveragePositions("pool", build.Conv("narrow", wide, channels, 8, 1, stride: step)));
        using var model = new ImageModel(build.Build("small", build.Linear("fc", pooled, 8, 5)), Preprocessing.ImageNet(null, 12));
        model.Initialise(4);
        Tensor input = Samples.Normal([2, 3, 12, 12], "narrow", ScalarType.Float32);
        model.SetTrainable(false);
        using (no_grad()) Assert.Equal(1, model.Forward(input, new Probe("narrow"))["narrow"].stride(1));
        model.SetTrainable(true);
        ProbeResult read = model.Forward(input, new Probe("narrow") { Output = true });
        Assert.Equal(first, read["narrow"].stride(1) != 1);
        read.Logits.square().sum().backward();
        Tensor weight = model.State["narrow.weight"], kept = weight.detach().to(float64).requires_grad_(true);
        Tensor before = model.Forward(input, new Probe("wide"))["wide"].detach().to(float64);
        Tensor maps = nn.functional.conv2d(before, kept, strides: [step, step]);
        nn.functional.linear(maps.mean([2L, 3L]), model.State["fc.weight"].detach().to(float64), model.State["fc.bias"].detach().to(float64))
            .square().sum().backward();
        PlainRun.Close(kept.grad!.to(float32), weight.grad!, "derivative by the weight");
    }

    [Fact]
    public void Gradients_have_the_order_of_what_they_belong_to()
    {
        using var scope = NewDisposeScope();
        using var model = PlainRun.Trained("resnet18");
        Tensor input = Samples.Normal([2, 3, 64, 64], "gradient order", ScalarType.Float32).requires_grad_(true);
        Tensor gradient = Gradients.Of(model.Forward(input, new Probe("layer2"))["layer2"].square().sum(), input);
        Assert.True(gradient.is_contiguous());
        Assert.Equal(input.shape, gradient.shape);
    }
}
