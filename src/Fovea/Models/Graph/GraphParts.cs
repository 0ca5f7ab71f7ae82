using Fovea.Checkpoints;

namespace Fovea.Models.Graph;

/// <summary>One step of a network.</summary>
/// <param name="Operator">What is done.</param>
/// <param name="Attributes">With which fixed arguments.</param>
/// <param name="Inputs">The values it reads: the network's input, weights, outputs of nodes before. An empty name is an absent
/// input.</param>
/// <param name="Outputs">The values it makes; an empty name is an output that nobody needs.</param>
public sealed record GraphNode(
    Operator Operator, OperatorAttributes Attributes, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);

/// <summary>A tensor that a network carries.</summary>
/// <param name="Name">Its name in checkpoints, torchvision's where torchvision has the network.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Kind">What it is.</param>
public sealed record GraphWeight(string Name, IReadOnlyList<long> Shape, WeightKind Kind)
{
    /// <summary>The type of its elements.</summary>
    public ElementType Type { get; init; } = Kind == WeightKind.Counter ? ElementType.I64 : ElementType.F32;

    /// <summary>Whether it was calculated from others when a file was read, by more than turning it round.</summary>
    internal bool IsCalculated { get; init; }
}

/// <summary>What a tensor of a network is.</summary>
public enum WeightKind
{
    /// <summary>Learned.</summary>
    Parameter,

    /// <summary>Measured, not learned: running means and variances.</summary>
    Buffer,

    /// <summary>A whole number: batches seen.</summary>
    Counter,

    /// <summary>Written down in the network's code: an index table, a mask, a mean that is subtracted. No training changes it.</summary>
    Constant,
}

/// <summary>A name under which a value is read and edited: <c>conv1</c>, <c>layer4.1.conv2</c>, or a block, <c>layer4.1</c>.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value. Several layers may name one: a block and its last part.</param>
/// <param name="Kind">The operation that makes it, or <see cref="Block"/>.</param>
public sealed record GraphLayer(string Name, string Value, string Kind)
{
    /// <summary>The kind of a layer that has layers as parts.</summary>
    public const string Block = "block";

    /// <summary>
    /// False where a value has four axes and it is not known that they are images, channels, rows and columns: inside attention.
    /// </summary>
    public bool HasPositions { get; init; } = true;
}
