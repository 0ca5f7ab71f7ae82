using Fovea.Models.Graph;

namespace Fovea.Models.Catalogue;

/// <summary>
/// ResNet-18, -34 and -50 (He et al. 2015, table 1); ResNet-18 is the paper's first network (section 6, figure 3). Parameters named as in
/// torchvision. <c>layer1</c> … <c>layer4</c> have 64, 128, 256, 512 channels (ResNet-50 four times as many) at 1/4, 1/8, 1/16, 1/32 of the
/// input's size.
/// </summary>
internal static class ResNet
{
    /// <summary>ResNet-18 with that many classes.</summary>
    public static NetworkGraph Graph18(int classes) => Graph("resnet18", [2, 2, 2, 2], deep: false, classes);

    /// <summary>ResNet-34 with that many classes.</summary>
    public static NetworkGraph Graph34(int classes) => Graph("resnet34", [3, 4, 6, 3], deep: false, classes);

    /// <summary>ResNet-50 with that many classes.</summary>
    public static NetworkGraph Graph50(int classes) => Graph("resnet50", [3, 4, 6, 3], deep: true, classes);

    private static NetworkGraph Graph(string name, int[] blocks, bool deep, int classes)
    {
        var g = new GraphBuilder();
        string x = g.Relu("relu", g.BatchNorm("bn1", g.Conv("conv1", g.Input, 3, 64, 7, 2, 3), 64));
        x = g.MaxPool("maxpool", x, 3, 2, 1);
        int width = 64;
        for (int stage = 1; stage <= 4; stage++)
        {
            int inner = 32 << stage, outputs = deep ? 4 * inner : inner;
            for (int i = 0; i < blocks[stage - 1]; i++)
            {
                (string block, int stride) = ($"layer{stage}.{i}", i == 0 && stage > 1 ? 2 : 1);
                x = deep ? Bottleneck(g, block, x, width, inner, outputs, stride) : Basic(g, block, x, width, outputs, stride);
                width = outputs;
            }
            g.Block($"layer{stage}", x);
        }
        x = g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("avgpool", x));
        return g.Build(name, g.Linear("fc", x, width, classes));
    }

    /// <summary>
    /// Two 3×3 convolutions and a shortcut (figure 2): relu(F(x) + x). torchvision uses one ReLU module twice; here they are <c>relu1</c>
    /// and <c>relu2</c>, so that each can be tapped.
    /// </summary>
    private static string Basic(GraphBuilder g, string name, string input, int inputs, int outputs, int stride)
    {
        string x = g.Relu(
            $"{name}.relu1", g.BatchNorm($"{name}.bn1", g.Conv($"{name}.conv1", input, inputs, outputs, 3, stride, 1), outputs));
        x = g.BatchNorm($"{name}.bn2", g.Conv($"{name}.conv2", x, outputs, outputs, 3, 1, 1), outputs);
        string shortcut = Shortcut(g, name, input, inputs, outputs, stride);
        return g.Block(name, g.Relu($"{name}.relu2", g.Add(x, shortcut)));
    }

    /// <summary>
    /// 1×1, 3×3, 1×1 and a shortcut (figure 5), with the stride in the 3×3 convolution, as torchvision has it (the paper has it in the
    /// first). The ReLUs are <c>relu1</c>, <c>relu2</c> and <c>relu3</c>.
    /// </summary>
    private static string Bottleneck(GraphBuilder g, string name, string input, int inputs, int inner, int outputs, int stride)
    {
        string x = g.Relu($"{name}.relu1", g.BatchNorm($"{name}.bn1", g.Conv($"{name}.conv1", input, inputs, inner, 1), inner));
        x = g.Relu($"{name}.relu2", g.BatchNorm($"{name}.bn2", g.Conv($"{name}.conv2", x, inner, inner, 3, stride, 1), inner));
        x = g.BatchNorm($"{name}.bn3", g.Conv($"{name}.conv3", x, inner, outputs, 1), outputs);
        string shortcut = Shortcut(g, name, input, inputs, outputs, stride);
        return g.Block(name, g.Relu($"{name}.relu3", g.Add(x, shortcut)));
    }

    private static string Shortcut(GraphBuilder g, string name, string input, int inputs, int outputs, int stride)
    {
        if (stride == 1 && inputs == outputs) return input;
        string shortcut = g.Conv($"{name}.downsample.0", input, inputs, outputs, 1, stride);
        return g.Block($"{name}.downsample", g.BatchNorm($"{name}.downsample.1", shortcut, outputs));
    }
}
