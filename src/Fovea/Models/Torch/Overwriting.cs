using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Torch;

/// <summary>
/// Operations that may write into the memory of an input that nobody needs any more: large tensors come from fresh pages each, which costs
/// more than a pointwise operation itself. <see cref="ForwardPlan"/> says where an input is free to be overwritten; the numbers are the
/// same to the last bit.
/// </summary>
internal static class Overwriting
{
    /// <summary>Operations whose result is memory of its own, never a view of an input.</summary>
    private static readonly HashSet<string> Fresh =
        new(StringComparer.Ordinal) { "conv2d", "batch_norm", "linear", "add", "relu", "relu6", "leaky_relu", "max_pool2d", "avg_pool2d" };

    private static readonly HashSet<string> Possible = new(StringComparer.Ordinal) { "relu", "relu6", "leaky_relu", "add" };

    /// <summary>Whether what an operation gives shares no memory with anything else.</summary>
    public static bool IsFresh(Operator operation) => Fresh.Contains(operation.Name);

    /// <summary>The inputs that an operation could overwrite, the preferred one first.</summary>
    public static int[] Candidates(GraphNode node) => !Possible.Contains(node.Operator.Name) ? []
        : node.Operator != Operators.Sum ? [0] : node.Inputs.Count == 2 ? [0, 1] : [];

    /// <summary>The operation that writes into the input of this number and returns it; null where there is none.</summary>
    public static Func<Tensor?[], Tensor>? Of(GraphNode node, int input)
    {
        if (input < 0) return null;
        switch (node.Operator.Name)
        {
            case "relu":
                return inputs => inputs[0]!.relu_();
            case "relu6":
                // Kept for all calls: the collector may free a temporary scalar while libtorch reads it
                // (docs/decisions/0009-scalars-and-the-collector.md).
                TorchSharp.Scalar low = 0.0, high = 6.0;
                return inputs => inputs[0]!.clamp_(low, high);
            case "leaky_relu":
                TorchSharp.Scalar slope = node.Attributes.Number("slope", 0.01);
                return inputs => inputs[0]!.leaky_relu_(slope);
            case "add":
                return inputs => inputs[input]!.add_(inputs[1 - input]!);
            default:
                return null;
        }
    }

    /// <summary>Whether the tensors allow it now: no derivatives are recorded, and a sum does not broadcast or change its type.</summary>
    public static bool Allowed(Tensor?[] inputs, int input)
    {
        Tensor target = inputs[input]!;
        foreach (Tensor? other in inputs)
        {
            if (other is null || other.requires_grad || other.dtype != target.dtype || !other.shape.AsSpan().SequenceEqual(target.shape))
                return false;
        }
        return true;
    }
}
