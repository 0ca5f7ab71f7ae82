using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>How much is calculated for an image.</summary>
internal static class Operations
{
    /// <summary>Multiplications and additions of the convolutions and linear layers up to a layer, for one image.</summary>
    public static double Of(ImageModel model, string layer, int size)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        long[]?[] sizes = model.Sizes(size, size);
        double all = 0;
        foreach (ForwardPlan.Step step in new ForwardPlan(model.Graph, new Probe(layer)).Steps)
        {
            var node = model.Graph.Nodes[step.Node];
            if (node.Operator.Name is not ("conv2d" or "linear")) continue;
            // Of two images.
            long[] result = sizes[step.Outputs[0]]!;
            double positions = node.Operator.Name == "conv2d" ? result[2] * result[3] : result.Skip(1).SkipLast(1).Aggregate(1L, (a, b) => a * b);
            all += 2 * positions * model.State[node.Inputs[1]].numel();
        }
        return all;
    }
}
