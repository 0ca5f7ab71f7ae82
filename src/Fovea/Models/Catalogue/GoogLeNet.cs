using Fovea.Models.Graph;

namespace Fovea.Models.Catalogue;

/// <summary>
/// GoogLeNet (Szegedy et al. 2015, table 1) as torchvision publishes it: with batch normalisation, 3×3 convolutions where the paper has
/// 5×5, and images brought from ImageNet's mean and deviation to those that its weights were trained with (<c>transform_input</c>). The two
/// auxiliary classifiers only train; weights of them in a checkpoint are left out. Parameters named as in torchvision. <c>inception5b</c>
/// has 1,024 channels at 1/32 of the input's size.
/// </summary>
internal static class GoogLeNet
{
    private const double Epsilon = 0.001;

    // Channels: 1×1; 3×3 and before it; "5×5" and before it; after the pooling. Table 1.
    private static readonly (string Name, int One, int ThreeBefore, int Three, int FiveBefore, int Five, int Pooled)[] Blocks =
    [
        ("3a", 64, 96, 128, 16, 32, 32), ("3b", 128, 128, 192, 32, 96, 64), ("4a", 192, 96, 208, 16, 48, 64),
        ("4b", 160, 112, 224, 24, 64, 64), ("4c", 128, 128, 256, 24, 64, 64), ("4d", 112, 144, 288, 32, 64, 64),
        ("4e", 256, 160, 320, 32, 128, 128), ("5a", 256, 160, 320, 32, 128, 128), ("5b", 384, 192, 384, 48, 128, 128),
    ];

    /// <summary>The graph with that many classes.</summary>
    public static NetworkGraph Graph(int classes)
    {
        var g = new GraphBuilder();
        string x = g.MaxPool("maxpool1", Convolution(g, "conv1", Transformed(g), 3, 64, 7, 2), 3, 2, ceil: true);
        x = Convolution(g, "conv3", Convolution(g, "conv2", x, 64, 64, 1), 64, 192, 3);
        x = g.MaxPool("maxpool2", x, 3, 2, ceil: true);
        int width = 192;
        foreach (var block in Blocks)
        {
            if (block.Name == "4a") x = g.MaxPool("maxpool3", x, 3, 2, ceil: true);
            if (block.Name == "5a") x = g.MaxPool("maxpool4", x, 2, 2, ceil: true);
            string name = "inception" + block.Name;
            string one = Convolution(g, name + ".branch1", x, width, block.One, 1);
            string three = Convolution(g, name + ".branch2.0", x, width, block.ThreeBefore, 1);
            three = g.Block(name + ".branch2", Convolution(g, name + ".branch2.1", three, block.ThreeBefore, block.Three, 3));
            string five = Convolution(g, name + ".branch3.0", x, width, block.FiveBefore, 1);
            five = g.Block(name + ".branch3", Convolution(g, name + ".branch3.1", five, block.FiveBefore, block.Five, 3));
            string pooled = g.MaxPool(name + ".branch4.0", x, 3, 1, 1, ceil: true);
            pooled = g.Block(name + ".branch4", Convolution(g, name + ".branch4.1", pooled, width, block.Pooled, 1));
            x = g.Block(name, g.Apply(Operators.Concatenate, OperatorAttributes.None, one, three, five, pooled));
            width = block.One + block.Three + block.Five + block.Pooled;
        }
        x = g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("avgpool", x));
        return g.Build("googlenet", g.Linear("fc", g.Dropout("dropout", x, 0.2), width, classes));
    }

    /// <summary>Images of ImageNet's mean and deviation, as they are with 0.5 for both.</summary>
    private static string Transformed(GraphBuilder g)
    {
        double[] mean = [0.485, 0.456, 0.406], deviation = [0.229, 0.224, 0.225];
        return g.Apply(Operators.Concatenate, OperatorAttributes.None, [.. Enumerable.Range(0, 3).Select(c =>
        {
            string x = g.Apply(Operators.Get("slice"), new() { ["dim"] = 1, ["start"] = c, ["end"] = c + 1, ["channels"] = true }, g.Input);
            x = g.Apply(Operators.Get("mul"), new() { ["scalar"] = deviation[c] / 0.5 }, x);
            return g.Apply(Operators.Sum, new() { ["scalar"] = (mean[c] - 0.5) / 0.5 }, x);
        })]);
    }

    /// <summary>Convolution without bias, batch norm, ReLU.</summary>
    private static string Convolution(GraphBuilder g, string name, string x, int inputs, int outputs, int window, int stride = 1)
    {
        x = g.Conv(name + ".conv", x, inputs, outputs, window, stride, window / 2);
        return g.Block(name, g.Relu(name + ".relu", g.BatchNorm(name + ".bn", x, outputs, Epsilon)));
    }
}
