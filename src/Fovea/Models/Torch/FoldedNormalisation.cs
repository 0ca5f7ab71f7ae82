using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Torch;

/// <summary>
/// Batch normalisation in evaluation is one linear map a channel, y = (x − μ) γ / √(σ² + ε) + β. Where x is what a convolution or a linear
/// layer gave and nobody else reads it, that layer with other weights gives y at once:
/// <code>
/// W' = W γ / √(σ² + ε)        b' = (b − μ) γ / √(σ² + ε) + β
/// </code>
/// </summary>
internal static class FoldedNormalisation
{
    /// <summary>
    /// The number of the node before a batch normalisation that it can be folded into; −1 where there is none: all its parameters, and those
    /// of the other, are weights of the graph, and it alone reads what the other makes.
    /// </summary>
    public static int Before(NetworkGraph graph, int node)
    {
        GraphNode norm = graph.Nodes[node];
        if (norm.Operator != Operators.BatchNorm || norm.Inputs.Count < 5 || norm.Inputs[3].Length == 0 || norm.Inputs[4].Length == 0)
            return -1;
        int before = graph.ProducerOf(graph.ValueOf(norm.Inputs[0]));
        if (before < 0 || norm.Inputs[0] == graph.Output || !norm.Inputs.Skip(1).All(IsWeight)) return -1;
        GraphNode layer = graph.Nodes[before];
        if (layer.Operator != Operators.Conv2d && layer.Operator != Operators.Linear) return -1;
        return layer.Outputs.Count == 1 && layer.Inputs.Skip(1).All(IsWeight) ? before : -1;

        bool IsWeight(string name) => name.Length == 0 || graph.ValueOf(name) is > 0 and var value && value <= graph.Weights.Count;
    }

    /// <summary>W' and b', worked out in double precision.</summary>
    /// <param name="weight">W, outputs first.</param>
    /// <param name="bias">b; null: 0.</param>
    /// <param name="norm">The normalisation's inputs behind the first: γ or null for 1, β or null for 0, μ, σ².</param>
    /// <param name="epsilon">ε.</param>
    /// <returns>In the type of <paramref name="weight"/>, in the current dispose scope.</returns>
    public static (Tensor Weight, Tensor Bias) Of(Tensor weight, Tensor? bias, ReadOnlySpan<Tensor?> norm, double epsilon)
    {
        using var scope = NewDisposeScope();
        Tensor scale = norm[3]!.to(float64).add(epsilon).rsqrt();
        if (norm[0] is { } gamma) scale *= gamma.to(float64);
        Tensor shift = norm[2]!.to(float64).neg();
        if (bias is not null) shift += bias.to(float64);
        shift *= scale;
        if (norm[1] is { } beta) shift += beta.to(float64);
        long[] outputs = [weight.shape[0], .. Enumerable.Repeat(1L, (int)weight.dim() - 1)];
        Tensor folded = weight.to(float64) * scale.reshape(outputs);
        return (folded.to(weight.dtype).MoveToOuterDisposeScope(), shift.to(weight.dtype).MoveToOuterDisposeScope());
    }
}
