using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// For how many images, of what size, sizes are followed through a network while it is read. Two numbers of images tell what is fixed from
/// what is so many for each image; where a file leaves height and width open, a second size of images tells what depends on those.
/// </summary>
internal readonly record struct OnnxPoint(long Images, long Height, long Width);

/// <summary>What stands behind a name of a network while it is read.</summary>
internal abstract class OnnxValue
{
    private OnnxValue()
    {
    }

    /// <summary>The name in the file; "" for what an operator makes on the way to its result.</summary>
    public string Name { get; set; } = "";

    /// <summary>A value of the graph: the images, or what a node makes.</summary>
    /// <param name="ofImages">Whether it depends on the images.</param>
    /// <param name="sizes">Its sizes at each point.</param>
    /// <param name="type">The type of its numbers.</param>
    public sealed class InGraph(bool ofImages, long[][] sizes, ScalarType type) : OnnxValue
    {
        public bool OfImages { get; } = ofImages;

        public long[][] Sizes { get; } = sizes;

        public ScalarType Type { get; } = type;

        /// <summary>Whether they are whole numbers of the images, which are run as float32.</summary>
        public bool IsWhole { get; init; }
    }

    /// <summary>
    /// Numbers that are known when the file is read: one tensor, or one for each point where they depend on how many images there are.
    /// </summary>
    public sealed class Known(Tensor[] at) : OnnxValue
    {
        public Known(Tensor tensor)
            : this([tensor])
        {
        }

        /// <summary>Whether they are the same for any number of images.</summary>
        public bool IsFixed => at.Length == 1;

        public Tensor At(int point) => at[at.Length == 1 ? 0 : point];

        /// <summary>Whether the file holds it as a tensor, and not as a result.</summary>
        public bool IsOfFile { get; init; }

        /// <summary>Whether the exporter says that no training changes it.</summary>
        public bool IsBuffer { get; init; }

        /// <summary>How it is made: what a graph does where it needs numbers that depend on how many images there are.</summary>
        public OnnxStep? Origin { get; init; }

        /// <summary>The sizes at each point.</summary>
        public long[][] Sizes => [.. at.Select(tensor => tensor.shape)];
    }

    /// <summary>A list of values.</summary>
    public sealed class Sequence(IReadOnlyList<OnnxValue> items) : OnnxValue
    {
        public IReadOnlyList<OnnxValue> Items { get; } = items;
    }

    /// <summary>Something that cannot be run, which matters only if the network's answer depends on it.</summary>
    public sealed class Refused(string why) : OnnxValue
    {
        public string Why { get; } = why;
    }
}

/// <summary>An operation of the catalogue on values.</summary>
/// <param name="Operator">Its name in <see cref="Operators"/>.</param>
/// <param name="Attributes">Its arguments.</param>
/// <param name="Inputs">What it reads; null for what is absent.</param>
internal sealed record OnnxStep(string Operator, OperatorAttributes Attributes, IReadOnlyList<OnnxValue?> Inputs);

/// <summary>A size: fixed, or so many for each image.</summary>
internal readonly record struct OnnxSize(long Count, bool PerImage)
{
    /// <summary>The size that has these values at the points; null where it depends on the images' height or width.</summary>
    public static OnnxSize? Of(IReadOnlyList<OnnxPoint> points, Func<int, long> at)
    {
        long first = at(0);
        bool same = true, each = first % points[0].Images == 0;
        for (int i = 1; i < points.Count; i++)
        {
            same &= at(i) == first;
            each &= at(i) == first / points[0].Images * points[i].Images;
        }
        // With one point there is one number of images: everything is fixed.
        if (same) return new OnnxSize(first, false);
        return each ? new OnnxSize(first / points[0].Images, true) : null;
    }

    /// <summary>The number of it for that many images.</summary>
    public long For(long images) => PerImage ? Count * images : Count;
}

/// <summary>Why a node cannot be run; caught where the node stands.</summary>
/// <param name="why">In words.</param>
/// <param name="complete">Whether the words say where already: it is a node before that cannot be run.</param>
internal sealed class OnnxRefusedException(string why, bool complete = false) : Exception(why)
{
    public bool Complete { get; } = complete;
}
