using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>What stands behind a name of a program while it is read.</summary>
internal abstract class Pt2Value
{
    private Pt2Value()
    {
    }

    /// <summary>A value of the graph: images, a weight, what a node makes.</summary>
    public sealed class InGraph(string name, bool ofImages) : Pt2Value
    {
        public string Name { get; } = name;

        /// <summary>Whether it depends on the images.</summary>
        public bool OfImages { get; } = ofImages;

        /// <summary>Whether it is whole numbers of the images, which are run as float32.</summary>
        public bool IsWhole { get; init; }

        /// <summary>The matrix that this is the transpose of.</summary>
        public Pt2Slot? TransposeOf { get; init; }
    }

    /// <summary>A tensor that is known when the file is read: it depends on nothing but the code.</summary>
    public sealed class Known(Tensor tensor) : Pt2Value
    {
        public Tensor Tensor { get; } = tensor;
    }

    /// <summary>A whole number: a fixed one, or so many for each image.</summary>
    public sealed class Number(long count, bool perImage) : Pt2Value
    {
        public long Count { get; } = count;

        public bool PerImage { get; } = perImage;
    }

    /// <summary>Something that cannot be run, which matters only if the network's answer depends on it.</summary>
    public sealed class Refused(string why) : Pt2Value
    {
        public string Why { get; } = why;
    }
}

/// <summary>A name's place: what works in place changes the value in it for everybody who reads it afterwards.</summary>
internal sealed class Pt2Slot
{
    public Pt2Slot(Pt2Value value, Pt2Memory? memory = null, IReadOnlyList<Pt2Size>? shape = null)
    {
        (Value, Memory, Shape) = (value, memory ?? new Pt2Memory(), shape);
        Memory.Slots.Add(this);
    }

    public Pt2Value Value { get; set; }

    /// <summary>What it shares with its views.</summary>
    public Pt2Memory Memory { get; set; }

    /// <summary>Its sizes, as the file says.</summary>
    public IReadOnlyList<Pt2Size>? Shape { get; }

    /// <summary>The step that shows it in its first input, where it is sure that it shares its numbers with that.</summary>
    public Pt2Step? Shown { get; set; }

    /// <summary>What it may be a view of, where nobody knows what made it.</summary>
    public List<Pt2Slot> MayShow { get; } = [];
}

/// <summary>Numbers that a tensor and its views share.</summary>
internal sealed class Pt2Memory
{
    /// <summary>Everybody who sees them and whose value is known.</summary>
    public List<Pt2Slot> Slots { get; } = [];

    /// <summary>How often they were written to.</summary>
    public int Version { get; set; }
}

/// <summary>A program's step as an operation of the catalogue.</summary>
/// <param name="Operator">The operation's name in the catalogue.</param>
/// <param name="Attributes">Its arguments.</param>
/// <param name="Inputs">What it reads; null for what is absent.</param>
/// <param name="View">Whether the result may share its numbers with the first input.</param>
internal sealed record Pt2Step(string Operator, Graph.OperatorAttributes Attributes, IReadOnlyList<Pt2Slot?> Inputs, bool View = false)
{
    /// <summary>The matrix whose transpose this step makes.</summary>
    public Pt2Slot? TransposeOf { get; init; }

    /// <summary>Whether the result shows the first input's own numbers, a copy in no case, where the operation's name does not say so.</summary>
    public bool IsSure { get; init; }
}

/// <summary>Why a step cannot be run; caught where the step stands.</summary>
/// <param name="why">In words.</param>
/// <param name="complete">Whether the words say where already: it is a step before that cannot be run.</param>
internal sealed class Pt2RefusedException(string why, bool complete = false) : Exception(why)
{
    public bool Complete { get; } = complete;
}
