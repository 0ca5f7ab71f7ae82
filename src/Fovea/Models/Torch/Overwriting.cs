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
    private static readonly HashSet<Operator> Fresh =
    [
        Operators.Conv2d, Operators.BatchNorm, Operators.Linear, Operators.Sum, Operators.Relu, Operators.Relu6, Operators.LeakyRelu,
        Operators.MaxPool2d, Operators.AvgPool2d,
    ];

    private static readonly HashSet<Operator> Pointwise = [Operators.Relu, Operators.Relu6, Operators.LeakyRelu];

    /// <summary>Whether what an operation gives shares no memory with anything else.</summary>
    public static bool IsFresh(Operator operation) => Fresh.Contains(operation);

    /// <summary>Whether the derivative of what makes a value is worked out from the value itself, which then has to stay.</summary>
    public static bool KeepsResult(Operator operation) => Pointwise.Contains(operation);

    /// <summary>Whether libtorch has the derivative of the form that overwrites: of a leaky ReLU only where it can tell the sides
    /// apart by the result.</summary>
    public static bool Differentiable(GraphNode node) =>
        node.Operator != Operators.LeakyRelu || node.Attributes.Number("slope", 0.01) > 0;

    /// <summary>The inputs that an operation could overwrite, the preferred one first.</summary>
    public static int[] Candidates(GraphNode node) => Pointwise.Contains(node.Operator) ? [0]
        : node.Operator == Operators.Sum && node.Inputs.Count == 2 ? [0, 1] : [];

    /// <summary>The operation that writes into one of its <see cref="Candidates"/> and returns it.</summary>
    public static Func<Tensor?[], Tensor> Of(GraphNode node, int input)
    {
        // Scalars are kept for all calls: the collector may free a temporary one while libtorch reads it
        // (docs/decisions/0009-scalars-and-the-collector.md).
        if (node.Operator == Operators.Relu) return inputs => inputs[0]!.relu_();
        if (node.Operator == Operators.Relu6) return inputs => inputs[0]!.relu6_();
        if (node.Operator == Operators.LeakyRelu)
        {
            TorchSharp.Scalar slope = node.Attributes.Number("slope", 0.01);
            return inputs => inputs[0]!.leaky_relu_(slope);
        }
        return inputs => inputs[input]!.add_(inputs[1 - input]!);
    }

    /// <summary>Whether the tensors allow it now: a sum does not broadcast or change its type, and derivatives, where they are recorded,
    /// do not need what stood there.</summary>
    /// <param name="inputs">The operation's inputs.</param>
    /// <param name="input">Which one would be overwritten.</param>
    /// <param name="recorded">Whether it may be where derivatives are recorded.</param>
    public static bool Allowed(Tensor?[] inputs, int input, bool recorded)
    {
        Tensor target = inputs[input]!;
        foreach (Tensor? other in inputs)
        {
            if (other is null || other.dtype != target.dtype || !other.shape.AsSpan().SequenceEqual(target.shape)) return false;
            if (other.requires_grad && (!recorded || target.is_leaf)) return false;
        }
        return true;
    }
}
