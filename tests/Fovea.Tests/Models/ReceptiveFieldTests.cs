using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

public sealed class ReceptiveFieldTests
{
    /// <summary>
    /// The gradient of one position in a network without kinks (average pooling, LeakyReLU) and with random weights is not zero at exactly
    /// the box's pixels.
    /// </summary>
    [Theory]
    [InlineData("small_cnn", 1, 46, 67)]
    [InlineData("resnet18", 4, 67, 46)]
    [InlineData("mobilenet_v2", 14, 45, 38)]
    public void Boxes_are_where_single_pixels_matter(string architecture, int step, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var network = ImageModel.Create(architecture, 6, GradientFlow.Modified);
        network.Initialise(7);
        network.Eval();
        string[] layers = [.. network.LayerNames.Where((_, i) => i % step == 0), "avgpool", "fc"];
        layers = [.. layers.Where(network.LayerNames.Contains).Distinct()];
        var taps = new Probe(layers) { Output = true };
        var random = new CounterRandom(1, "pixels", 0);
        Tensor input = tensor([.. Enumerable.Range(0, 3 * height * width).Select(_ => (float)random.NextGaussian())])
            .reshape(1, 3, height, width).requires_grad_(true);
        ProbeResult result = network.Forward(input, taps);
        foreach (string layer in layers)
        {
            using var inner = NewDisposeScope();
            var field = ReceptiveField.Of(network, layer, height, width);
            Tensor maps = result[layer].dim() == 4 ? result[layer] : result[layer].unsqueeze(-1).unsqueeze(-1);
            if (result[layer].dim() == 4) Assert.Equal((maps.shape[2], maps.shape[3]), (field.GridHeight, field.GridWidth));
            // A corner and some other place.
            foreach (var (y, x) in new[] { (0, field.GridWidth - 1), (random.NextInt(field.GridHeight), random.NextInt(field.GridWidth)) })
            {
                Tensor position = maps[0, .., y, x];
                Tensor weights = tensor([.. Enumerable.Range(0, (int)position.shape[0]).Select(_ => (float)random.NextGaussian())]);
                Tensor gradient = autograd.grad([(position * weights).sum()], [input], retain_graph: true)[0];
                byte[] touched = gradient.abs().sum([0L, 1L]).ne(0).to(uint8).data<byte>().ToArray();
                PixelBox box = field.Box(y, x);
                for (int i = 0; i < touched.Length; i++)
                {
                    bool inside = i / width >= box.Top && i / width < box.Top + box.Height && i % width >= box.Left
                        && i % width < box.Left + box.Width;
                    if (inside != (touched[i] != 0))
                        Assert.Fail($"{layer} ({y}, {x}): {box}, pixel ({i / width}, {i % width}) {(inside ? "does not matter" : "matters")}.");
                }
            }
        }
    }

    /// <summary>Borders that are added or cut off by themselves, as exports of TensorFlow have them before convolutions.</summary>
    [Fact]
    public void Borders_that_are_padded_apart_move_boxes_and_widen_none()
    {
        using var scope = NewDisposeScope();
        var g = new GraphBuilder();
        string x = g.Conv("a", Pad("before", g.Input, 0, 1, 0, 1), 3, 4, 3, stride: 2);
        x = g.Conv("b", Pad("between", x, 2, 0, -1, 3), 4, 4, 3);
        x = g.Conv("c", Pad("after", x, 1, 1), 4, 2, 3, stride: 2);
        using var network = new ImageModel(g.Build("bordered", x), Preprocessing.ImageNet(null, 24));
        network.Initialise(3);
        Tensor input = Noise(1, 24, 18).requires_grad_(true);
        foreach (string layer in (string[])["before", "a", "between", "b", "c"])
        {
            ReceptiveField field = ReceptiveField.Of(network, layer, 24, 18);
            Tensor maps = network.Forward(input, new Probe(layer))[layer];
            Assert.Equal((maps.shape[2], maps.shape[3]), (field.GridHeight, field.GridWidth));
            for (int y = 0; y < field.GridHeight; y++)
            {
                for (int column = 0; column < field.GridWidth; column++)
                {
                    using var inner = NewDisposeScope();
                    if (!maps[0, .., y, column].requires_grad) continue;
                    byte[] touched = autograd.grad([maps[0, .., y, column].sum()], [input], retain_graph: true)[0].abs().sum([0L, 1L]).ne(0)
                        .to(uint8).data<byte>().ToArray();
                    int[] rows = [.. Enumerable.Range(0, 24).Where(row => touched.AsSpan(row * 18, 18).Contains((byte)1))];
                    int[] columns = [.. Enumerable.Range(0, 18).Where(one => Enumerable.Range(0, 24).Any(row => touched[row * 18 + one] == 1))];
                    // A position in the border alone depends on no pixel.
                    if (rows.Length == 0) continue;
                    Assert.Equal(new PixelBox(columns[0], rows[0], columns[^1] - columns[0] + 1, rows[^1] - rows[0] + 1), field.Box(y, column));
                }
            }
        }

        string Pad(string name, string value, params long[] pads) =>
            g.Layer(name, Operators.Get("pad"), new() { ["pads"] = pads, ["value"] = 0.0 }, value);
        static Tensor Noise(int count, int height, int width) => BatchCheck.Noise(count, height, width);
    }

    /// <summary>The published sizes: 1 + Σ (k − 1) Π strides.</summary>
    [Theory]
    [InlineData("resnet18", "conv1", 7)]
    [InlineData("resnet18", "maxpool", 11)]
    [InlineData("resnet18", "layer1", 43)]
    [InlineData("resnet18", "layer2", 99)]
    [InlineData("resnet18", "layer3", 211)]
    [InlineData("resnet18", "layer4", 435)]
    [InlineData("mobilenet_v2", "features.18", 491)]
    [InlineData("small_cnn", "block4", 51)]
    public void Sizes_in_the_middle_of_a_large_image_are_the_published_ones(string architecture, string layer, int size)
    {
        using var network = ImageModel.Create(architecture, 3, GradientFlow.Standard);
        var field = ReceptiveField.Of(network, layer, 1024, 1024);
        PixelBox box = field.Box(field.GridHeight / 2, field.GridWidth / 2);
        Assert.Equal((size, size), (box.Width, box.Height));
    }

    [Fact]
    public void An_unknown_layer_and_a_place_off_the_grid_are_refused()
    {
        using var network = ImageModel.Create("small_cnn", 3, GradientFlow.Standard);
        Assert.Throws<FoveaException>(() => ReceptiveField.Of(network, "block9", 64, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReceptiveField.Of(network, "block4", 64, 64).Box(8, 0));
    }
}
