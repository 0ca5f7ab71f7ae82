using Fovea.Models.Graph;

namespace Fovea.Models.Catalogue;

/// <summary>
/// ResNet-18 (He et al. 2015, table 1), the paper's first network (section 6, figure 3). Parameters named as in torchvision.
/// <c>layer1</c> … <c>layer4</c> have 64, 128, 256, 512 channels at 1/4, 1/8, 1/16, 1/32 of the input's size.
/// </summary>
internal static class ResNet18
{
    /// <summary>The graph with that many classes.</summary>
    public static NetworkGraph Graph(int classes)
    {
        var g = new GraphBuilder();
        string x = g.Relu("relu", g.BatchNorm("bn1", g.Conv("conv1", g.Input, 3, 64, 7, 2, 3), 64));
        x = g.MaxPool("maxpool", x, 3, 2, 1);
        int width = 64;
        for (int stage = 1; stage <= 4; stage++)
        {
            int outputs = 32 << stage;
            x = Block(g, $"layer{stage}.0", x, width, outputs, stage == 1 ? 1 : 2);
            x = g.Block($"layer{stage}", Block(g, $"layer{stage}.1", x, width = outputs, outputs, 1));
        }
        x = g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("avgpool", x));
        return g.Build("resnet18", g.Linear("fc", x, 512, classes));
    }

    /// <summary>
    /// Two 3×3 convolutions and a shortcut (figure 2): relu(F(x) + x). torchvision uses one ReLU module twice; here they are <c>relu1</c>
    /// and <c>relu2</c>, so that each can be tapped.
    /// </summary>
    private static string Block(GraphBuilder g, string name, string input, int inputs, int outputs, int stride)
    {
        string x = g.Relu(
            $"{name}.relu1", g.BatchNorm($"{name}.bn1", g.Conv($"{name}.conv1", input, inputs, outputs, 3, stride, 1), outputs));
        x = g.BatchNorm($"{name}.bn2", g.Conv($"{name}.conv2", x, outputs, outputs, 3, 1, 1), outputs);
        string shortcut = input;
        if (stride != 1 || inputs != outputs)
        {
            shortcut = g.Conv($"{name}.downsample.0", input, inputs, outputs, 1, stride);
            shortcut = g.Block($"{name}.downsample", g.BatchNorm($"{name}.downsample.1", shortcut, outputs));
        }
        return g.Block(name, g.Relu($"{name}.relu2", g.Add(x, shortcut)));
    }
}
