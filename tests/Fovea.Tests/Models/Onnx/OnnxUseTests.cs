using Fovea.Activations.Filters;
using Fovea.Imaging;
using Fovea.Interpretation.Attribution;
using Fovea.Models;
using Fovea.Models.Onnx;
using Fovea.Tests.Dictionaries;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>What is done with a network of the catalogue gives the same with that network from an ONNX file.</summary>
public sealed class OnnxUseTests : IDisposable
{
    /// <summary>The file's ε is of single precision: weights that it is folded into differ in the last digit.</summary>
    private const double Rounding = 3e-5;

    private static readonly Preprocessing Small = Preprocessing.ImageNet(null, 64);
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-onnx-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("resnet18", "layer4.0.bn1", false)]
    [InlineData("resnet18", "layer3.0.relu2", true)]
    [InlineData("mobilenet_v2", "features.17.conv.2", true)]
    public void Maps_gradients_splices_and_pictures_are_the_same(string name, string layer, bool modified)
    {
        using var scope = NewDisposeScope();
        GradientFlow flow = modified ? GradientFlow.Modified : GradientFlow.Standard;
        using ImageModel source = ImageModel.Create(name, 7, GradientFlow.Standard, Small, seed: 5);
        using (no_grad())
        {
            foreach (var (key, buffer) in source.Buffers)
                if (key.EndsWith("running_mean", StringComparison.Ordinal)) buffer.copy_(Samples.Normal(buffer.shape, key, float32) * 0.1);
        }
        string path = Path.Combine(_root, "net.onnx");
        OnnxExport.Write(source, path);
        using ImageModel own = ImageModel.Create(name, 7, flow, Small, seed: 5);
        using (no_grad())
            foreach (var (key, tensor) in own.State) tensor.copy_(source.State[key]);
        using ImportedNetwork imported = NetworkFile.Open(path);
        using ImageModel read = imported.ToModel(Small, flow: flow);
        Tensor images = Samples.Normal([2, 3, 64, 64], "images", float32);

        // The paper's modification finds the same operations.
        Same(own.Forward(images), read.Forward(images), "answer");

        // Grad-CAM and its kin, of one image: some take a pass for each channel.
        var methods = ClassActivationMaps.Methods;
        Tensor one = images.narrow(0, 0, 1);
        var expected = ClassActivationMaps.Compute(own, layer, one, [3], methods);
        var actual = ClassActivationMaps.Compute(read, layer, one, [3], methods);
        // Ablations are small differences of answers, beside which the answers' rounding is larger.
        for (int i = 0; i < methods.Count; i++)
            Same(expected[i], actual[i], methods[i].Name, methods[i].Needs == LayerNeed.Logits ? 3e-4 : Rounding);

        // Gradients at the images and at the layer.
        Probe probe = new() { Gradient = new ProbeGradient(pass => pass.Logits.narrow(1, 2, 1).sum(), [own.Graph.Input, layer]) };
        Probe other = new() { Gradient = new ProbeGradient(pass => pass.Logits.narrow(1, 2, 1).sum(), [read.Graph.Input, layer]) };
        Same(own.Forward(images, probe).Gradient(own.Graph.Input), read.Forward(images, other).Gradient(read.Graph.Input), "images");
        Same(own.Forward(images, probe).Gradient(layer), read.Forward(images, other).Gradient(layer), layer);

        // A splice: the layer's value replaced.
        using (no_grad())
        {
            Tensor Change(Tensor value) => value.relu() * 0.5f;
            Same(own.Forward(images, new Probe().With(layer, Change)).Logits, read.Forward(images, new Probe().With(layer, Change)).Logits,
                "splice");
        }

        // Where a position sees the image, and the head behind pooling.
        ReceptiveField field = ReceptiveField.Of(own, layer, 64, 64), same = ReceptiveField.Of(read, layer, 64, 64);
        Assert.Equal((field.GridHeight, field.GridWidth, field.Box(1, 1)), (same.GridHeight, same.GridWidth, same.Box(1, 1)));
        string last = name == "resnet18" ? "layer4.1.relu2" : "features.18.2";
        Assert.Equal(PooledHead.After(own, last) is null, PooledHead.After(read, last) is null);

        // Pictures of two units.
        var options = RenderPresets.Get("paper") with { Steps = 3, Size = 64 };
        var pictures = FeatureRenderer.Render(own, new UnitObjective(layer, [0, 3]), options);
        var others = FeatureRenderer.Render(read, new UnitObjective(layer, [0, 3]), options);
        for (int i = 0; i < pictures.Count; i++)
            Assert.InRange(pictures[i].Picture.Pixels.ToArray().Zip(others[i].Picture.Pixels.ToArray())
                .Max(pair => Math.Abs(pair.First - pair.Second)), 0, 2);
    }

    private static void Same(Tensor expected, Tensor actual, string what, double most = Rounding)
    {
        Assert.Equal(expected.shape, actual.shape);
        double difference = BatchCheck.Relative(actual, expected);
        Assert.True(difference < most, $"{what}: {difference:E1} of the largest value");
    }
}
