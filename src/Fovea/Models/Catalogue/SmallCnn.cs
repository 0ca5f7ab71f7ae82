using Fovea.Models.Graph;

namespace Fovea.Models.Catalogue;

/// <summary>
/// A small network of our own for 64×64 images, in the place of the paper's own CNN (section 6.2, figure 3): four blocks of convolution,
/// batch norm and activation, global average pooling, one linear layer. <c>block4</c> has 128 channels on an 8×8 grid (1/8 of the input's
/// size).
/// </summary>
internal static class SmallCnn
{
    /// <summary>The graph with that many classes.</summary>
    public static NetworkGraph Graph(int classes)
    {
        var g = new GraphBuilder();
        string x = Block(g, "block1", g.Input, 3, 32, window: 5, stride: 2, pool: true);
        x = Block(g, "block2", x, 32, 64, window: 3, stride: 1, pool: true);
        x = Block(g, "block3", x, 64, 128, window: 3, stride: 1, pool: false);
        x = Block(g, "block4", x, 128, 128, window: 3, stride: 1, pool: false);
        x = g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("avgpool", x));
        return g.Build("small_cnn", g.Linear("fc", x, 128, classes));
    }

    private static string Block(GraphBuilder g, string name, string x, int inputs, int outputs, int window, int stride, bool pool)
    {
        x = g.BatchNorm($"{name}.bn", g.Conv($"{name}.conv", x, inputs, outputs, window, stride, window / 2), outputs);
        x = g.Relu($"{name}.relu", x);
        return g.Block(name, pool ? g.MaxPool($"{name}.pool", x, 2, 2) : x);
    }
}
