using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Interpretation;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Visualization;

[Collection(TensorCounts.Name)]
public sealed class StoredActivationsTests
{
    private static readonly Preprocessing Input = new(null, 64, [0.5f, 0.4f, 0.3f], [0.2f, 0.25f, 0.5f]);

    [Fact]
    public void They_are_the_layers_output_for_the_picture_at_the_size_asked_for()
    {
        using var scope = NewDisposeScope();
        using var network = ImageModel.Create("small_cnn", 4, GradientFlow.Modified);
        network.Initialise(2);
        network.Train();
        using var source = new NoisePictures(2, 48, 48);
        RgbImage[] images = [source.Read(0), source.Read(1)];
        using Tensor stored = StoredActivations.Of(network.With(Input), "block3", images, 48);
        Assert.True(network.Training);
        network.Eval();
        var taps = new Probe("block3");
        for (int i = 0; i < 2; i++)
        {
            Tensor rgb = tensor(images[i].Pixels, [48, 48, 3]).permute(2, 0, 1).to(float32) / 255f;
            Tensor input = ((rgb - tensor(Input.Mean, [3, 1, 1])) / tensor(Input.Std, [3, 1, 1])).unsqueeze(0);
            Tensor expected = network.Forward(input, taps)["block3"];
            Assert.Equal(expected.shape[1..], stored.shape[1..]);
            Assert.True((expected[0] - stored[i]).abs().max().item<float>() < 1e-4);
        }
        Assert.False(stored.requires_grad);
        Assert.Throws<FoveaException>(() => StoredActivations.Of(network.With(Input), "block3", [], 48));
        Assert.Throws<FoveaException>(() => StoredActivations.Of(network.With(Input), "block9", images, 48));
    }

    [Fact]
    public void An_image_started_from_reaches_its_own_activation_at_once_and_noise_comes_nearer()
    {
        using var network = ImageModel.Create("small_cnn", 4, GradientFlow.Modified);
        network.Initialise(2);
        using var source = new NoisePictures(1, 64, 64);
        using Tensor targets = StoredActivations.Of(network.With(Input), "block2", [source.Read(0)], 64);
        var objective = Objective.Inversion("block2", targets);
        RenderOptions options = RenderPresets.Naive with { Steps = 20 };
        var near = FeatureRenderer.Render(network.With(Input), objective, options with { Steps = 1, StartFrom = [source.Read(0)] })[0];
        Assert.InRange(near.Curve[0], -1e-3, 0);
        var far = FeatureRenderer.Render(network.With(Input), objective, options)[0];
        Assert.True(far.Curve[0] < -0.01 && far.Activation > 0.5 * far.Curve[0], $"{far.Curve[0]} → {far.Activation}");
    }

    [Fact]
    public void Nothing_but_the_result_is_kept()
    {
        using var network = ImageModel.Create("small_cnn", 4, GradientFlow.Modified);
        network.Initialise(2);
        using var source = new NoisePictures(2, 32, 32);
        // The first pass prepares the network's weights, which stay with it.
        StoredActivations.Of(network.With(Input), "block3", [source.Read(0)], 32).Dispose();
        long before = TensorCounts.Settled();
        using (StoredActivations.Of(network.With(Input), "block3", [source.Read(0), source.Read(1)], 32)) Assert.Equal(
            before + 1, TensorCounts.Settled());
        Assert.Equal(before, TensorCounts.Settled());
    }
}
