using Fovea.Models.Graph;

namespace Fovea.Models.Catalogue;

/// <summary>
/// MobileNetV2 at width 1 (Sandler et al. 2018, table 2). Parameters named as in torchvision.
/// <c>features.18</c>, its last convolution, has 1,280 channels at 1/32 of the input's size.
/// </summary>
internal static class MobileNetV2
{
    // Expansion, channels, repeats, stride of the first: table 2.
    private static readonly (int Expansion, int Channels, int Repeats, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    /// <summary>The graph with that many classes.</summary>
    public static NetworkGraph Graph(int classes)
    {
        var g = new GraphBuilder();
        string x = ConvNormActivation(g, "features.0", g.Input, 3, 32, 3, 2, 1);
        int width = 32, at = 1;
        foreach (var (expansion, channels, repeats, stride) in Stages)
        {
            for (int i = 0; i < repeats; i++)
            {
                x = InvertedResidual(g, $"features.{at++}", x, width, channels, i == 0 ? stride : 1, expansion);
                width = channels;
            }
        }
        x = g.Block("features", ConvNormActivation(g, $"features.{at}", x, width, 1280, 1, 1, 1));
        x = g.Apply(Operators.Mean, new() { ["dims"] = new long[] { 2, 3 } }, x);
        x = g.Block("classifier", g.Linear("classifier.1", g.Dropout("classifier.0", x, 0.2), 1280, classes));
        return g.Build("mobilenet_v2", x);
    }

    /// <summary>
    /// Widen by 1×1, filter each channel by 3×3, narrow by 1×1 without an activation, and a shortcut where size and width stay (section
    /// 3.3).
    /// </summary>
    private static string InvertedResidual(GraphBuilder g, string name, string input, int inputs, int outputs, int stride, int expansion)
    {
        int hidden = inputs * expansion, at = 0;
        string x = input;
        if (expansion != 1) x = ConvNormActivation(g, $"{name}.conv.{at++}", x, inputs, hidden, 1, 1, 1);
        x = ConvNormActivation(g, $"{name}.conv.{at++}", x, hidden, hidden, 3, stride, hidden);
        x = g.Conv($"{name}.conv.{at++}", x, hidden, outputs, 1);
        x = g.Block($"{name}.conv", g.BatchNorm($"{name}.conv.{at}", x, outputs));
        return g.Block(name, stride == 1 && inputs == outputs ? g.Add(input, x) : x);
    }

    /// <summary>Convolution without bias, batch norm, ReLU6.</summary>
    private static string ConvNormActivation(
        GraphBuilder g, string name, string x, int inputs, int outputs, int window, int stride, int groups)
    {
        x = g.Conv($"{name}.0", x, inputs, outputs, window, stride, (window - 1) / 2, groups);
        return g.Block(name, g.Relu6($"{name}.2", g.BatchNorm($"{name}.1", x, outputs)));
    }
}
