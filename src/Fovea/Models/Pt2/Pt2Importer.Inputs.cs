using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Models.Graph;
using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>Takes the inputs of a program: the images, its weights and other tensors; objects are refused.</summary>
internal sealed partial class Pt2Importer
{
    private void TakeInputs(IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, Tensor> constants)
    {
        Dictionary<Tensor, string> tied = new(ReferenceEqualityComparer.Instance);
        Pt2Input[] users = [.. _program.Inputs.Where(input => input.Kind == "user_input")];
        foreach (Pt2Input input in _program.Inputs)
        {
            Pt2Value value;
            if ((weights.GetValueOrDefault(input.Name) ?? constants.GetValueOrDefault(input.Name)) is { } tensor)
                RequireShape(input, tensor);
            switch (input.Kind)
            {
                case "parameter" or "buffer" when weights.TryGetValue(input.Name, out Tensor? weight):
                    value = new Pt2Value.InGraph(
                        Weight(input.Name, weight, input.Kind == "parameter" ? WeightKind.Parameter : WeightKind.Buffer, tied), false);
                    break;
                case "parameter" or "buffer" or "tensor_constant" when constants.TryGetValue(input.Name, out Tensor? constant):
                    value = new Pt2Value.Known(Single(constant));
                    break;
                case "parameter" or "buffer" or "tensor_constant":
                    throw Bad($"its program reads {input.Name}, which is not among its weights");
                case "user_input" when IsImages(input.Value):
                    if (Images.Length > 0) throw TooMany(users);
                    value = TakeImages(input.Value);
                    break;
                case "user_input" when users.Length > 1 && _program.Shapes.ContainsKey(input.Value):
                    throw TooMany(users);
                case "custom_obj":
                    value = new Pt2Value.Refused(
                        $"the object {input.Name}, which is Python's or C++'s own: objects of a file are never built");
                    break;
                default:
                    if (input.Value.Length == 0) continue;
                    value = new Pt2Value.Refused($"the input {input.Value} ({input.Kind}), which is no tensor");
                    break;
            }
            Define(input.Value, value);
        }
        if (Images.Length == 0)
        {
            string given = users.Length == 0 ? "none" : string.Join("; ", users.Select(InWords));
            throw FoveaException.BadData($"{_path} takes no images: its inputs are {given}, where one of "
                    + "[images, 3, height, width] or [images, height, width, 3] is needed.");
        }
    }

    /// <summary>An input with its type and sizes.</summary>
    private string InWords(Pt2Input input) => $"{input.Value} {TypeName(input.Value)}["
        + string.Join(", ", (_program.Shapes.GetValueOrDefault(input.Value) ?? []).Select(
            size => size.Length?.ToString(CultureInfo.InvariantCulture) ?? "any")) + "]";

    /// <summary>
    /// A weight must have the sizes that the program counts on: libtorch's kernels do not check all of them, and some end the process.
    /// </summary>
    private void RequireShape(Pt2Input input, Tensor tensor)
    {
        if (!_program.Shapes.TryGetValue(input.Value, out Pt2Size[]? said)) return;
        if (!tensor.shape.SequenceEqual(said.Select(size => size.Length ?? -1)))
            throw Bad($"{input.Name} is [{string.Join(", ", tensor.shape)}], and the program reads it as "
                + $"[{string.Join(", ", said.Select(size => size.Length ?? -1))}]");
    }

    private bool IsImages(string name) => _program.Shapes.TryGetValue(name, out Pt2Size[]? shape)
        && shape is [_, { Length: 3 }, _, _] or [_, _, _, { Length: 3 }]
        && TypeOf(name) is { } known && (known.IsFloatingPoint() || WholeImages.Holds(known));

    private string TypeName(string name) => TypeOf(name) is { } type ? type.TorchName() + " " : "";

    private FoveaException TooMany(Pt2Input[] users) => FoveaException.BadData(
        $"{_path} takes {users.Length} inputs ({string.Join(", ", users.Select(input => input.Value))}), where one of images is given. "
            + $"Export a module that takes images alone.");

    private Pt2Value.InGraph TakeImages(string name)
    {
        (Images, ImageShape) = (name, _program.Shapes[name]);
        if (ImageShape[0].Length is { } batch)
            Batch = batch is > 0 and <= 4096 ? (int)batch : throw Bad($"it says that it takes {batch} images together");
        _channelsLast = ImageShape[1].Length != 3;
        _wholeNumbers = TypeOf(name) is { } type && !type.IsFloatingPoint();
        if (!_wholeNumbers && TypeOf(name) is { } other && other != ElementType.F32) Converted.Add(other.TorchName());
        return new Pt2Value.InGraph(name, true) { IsWhole = _wholeNumbers };
    }

    private string Weight(string name, Tensor tensor, WeightKind kind, Dictionary<Tensor, string> tied)
    {
        if (tied.TryGetValue(tensor, out string? known)) return known;
        tied[tensor] = name;
        if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal) && tensor.dtype == int64) kind = WeightKind.Counter;
        Tensor single = Single(tensor);
        _weights.Add(new GraphWeight(name, single.shape, kind) { Type = ElementTypes.Of(single.dtype) });
        _tensors.Add(name, single);
        return name;
    }

    private Tensor Single(Tensor tensor)
    {
        if (!tensor.is_floating_point() || tensor.dtype == float32) return tensor;
        Converted.Add(ElementTypes.Of(tensor.dtype).TorchName());
        return tensor.to(float32);
    }
}
