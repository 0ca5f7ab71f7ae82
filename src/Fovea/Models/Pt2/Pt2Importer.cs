using Fovea.Checkpoints;
using Fovea.Models.Graph;
using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>
/// Makes a graph of a program. Steps are taken in order. What works in place becomes its twin that does not: the new value takes the name
/// of the old one for everybody who reads it afterwards, and a view of the old one that is read afterwards is refused, since it would be
/// another. What depends on the code alone is calculated here.
/// </summary>
internal sealed class Pt2Importer
{
    private const string ExportAgain = "Leave that part out of the network, or write it with other operations, and export again; "
        + "torch.export.export(model.eval(), (images,)).run_decompositions() writes many operators as simpler ones.";

    private readonly Pt2Program _program;
    private readonly string _path;
    private readonly bool _free;
    private readonly Pt2Modules _modules;
    private readonly Dictionary<string, Pt2Slot> _slots = new(StringComparer.Ordinal);
    private readonly Dictionary<Pt2Slot, (int Version, string Name)> _literals = [];
    private readonly Pt2Folder _folder = new();
    private readonly HashSet<string> _parts = new(StringComparer.Ordinal);
    private readonly List<GraphWeight> _weights = [];
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private bool _channelsLast, _wholeNumbers;

    private Pt2Importer(Pt2Program program, string path, bool free)
    {
        (_program, _path, _free) = (program, path, free);
        HashSet<string> paths = [.. program.ModulePaths.Select(one => one.Split('@')[0])];
        _modules = new Pt2Modules(paths);
    }

    /// <summary>The graph's nodes with the modules each stands in.</summary>
    public List<(GraphNode Node, IReadOnlyList<ModuleCall> Modules)> Nodes { get; } = [];

    /// <summary>The tensors it carries.</summary>
    public IReadOnlyList<GraphWeight> Weights => _weights;

    /// <summary>Their numbers.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>The name of the images' value.</summary>
    public string Images { get; private set; } = "";

    /// <summary>The sizes of the images.</summary>
    public Pt2Size[] ImageShape { get; private set; } = [];

    /// <summary>The number of images that the file was exported for, where it is fixed.</summary>
    public int? Batch { get; private set; }

    /// <summary>Whether a fixed number of images was taken out of some size.</summary>
    public bool Freed { get; private set; }

    /// <summary>How many steps were calculated while reading.</summary>
    public int Folded => _folder.Count;

    /// <summary>Whether anything was exported in training mode.</summary>
    public bool WasTraining { get; private set; }

    /// <summary>Types of floating-point numbers that became single ones.</summary>
    public SortedSet<string> Converted { get; } = new(StringComparer.Ordinal);

    /// <summary>The outputs: a value of the graph, or why there is none.</summary>
    public List<(string Name, string? Value, string Why, IReadOnlyList<Pt2Size> Shape)> Outputs { get; } = [];

    /// <summary>Reads a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="weights">Parameters and buffers.</param>
    /// <param name="constants">Other tensors of the file.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="free">Whether a fixed number of images is to be taken out of sizes.</param>
    public static Pt2Importer Read(
        Pt2Program program, IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, Tensor> constants, string path,
            bool free)
    {
        var importer = new Pt2Importer(program, path, free);
        importer.TakeInputs(weights, constants);
        foreach (Pt2Node node in program.Nodes) importer.Take(node);
        importer.TakeOutputs();
        foreach (ElementType type in program.Automatic) importer.Converted.Add(type.TorchName());
        return importer;
    }

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
            string given = string.Join(
                "; ", users.Select(
                    input => $"{input.Value} {TypeName(input.Value)}[{string.Join(", ", (_program.Shapes.GetValueOrDefault(input.Value) ?? []).Select(size => size.Length?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "any"))}]"));
            throw FoveaException.BadData(
                $"{_path} takes no images: its inputs are {(given.Length == 0 ? "none" : given)}, where one of [images, 3, height, "
                    + "width] or [images, height, width, 3] is needed.");
        }
    }

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

    /// <summary>The type that the file says a value has; null where it says none that is known.</summary>
    private ElementType? TypeOf(string name) => _program.Types.TryGetValue(name, out int type) ? Pt2Program.TypeOf(type) : null;

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

    private void Take(Pt2Node node)
    {
        var modules = _modules.Of(node.Stack);
        try
        {
            if (node.Target.Contains("higher_order", StringComparison.Ordinal)
                || node.Arguments.Values.Any(argument => argument is Pt2Argument.Other { Kind: "as_graph" }))
                throw new Pt2RefusedException("it runs a program inside the program (a condition, a loop, a block without gradients)");
            if (node.IsArithmetic || node.Name is "sym_size" or "sym_numel") TakeNumber(node);
            else TakeTensor(node, modules);
        }
        catch (Pt2RefusedException e)
        {
            Refuse(node, e.Complete
                ? e.Message : $"{node.Target} in {(modules.Count == 0 ? "the network itself" : modules[^1].Name)}: {e.Message}");
        }
    }

    private void TakeNumber(Pt2Node node)
    {
        if (node.Outputs is not [Pt2Argument.Sizes { Items: [(_, { } output)] }]) throw new Pt2RefusedException("it makes no size");
        Define(output, Pt2Numbers.Evaluate(node, Look, ImageShape));
    }

    private void TakeTensor(Pt2Node node, IReadOnlyList<ModuleCall> modules)
    {
        string[] outputs = [.. node.Outputs.SelectMany(output => output.ValueNames)];
        if (outputs.Length == 0) return; // an assertion: nothing is made
        var call = new Pt2Call(node, Look, _program.Shapes.GetValueOrDefault(outputs[0]), _free ? Batch : null, () => Freed = true,
            before => Before(before, outputs[0], modules));
        Pt2Step step = Pt2Operators.Translate(call) ?? throw new Pt2RefusedException("this operator is not known");
        if (step.Operator == "batch_norm") step = WithCounter(step, call);
        else if (step.Operator == "dropout") WasTraining |= call.Flag("train", false);

        Pt2Slot? written = node.InPlace && !IsChangeOfShape(node) && node.Arguments.Values.FirstOrDefault() is Pt2Argument.Value target
            ? Look(target.Name) : null;
        Tensor[]? known = _folder.Fold(step);
        if (written is not null) Write(written, outputs[0], known, step, modules);
        else if (known is not null) Keep(outputs, known, step);
        else Add(outputs, step, modules);
    }

    /// <summary>Batch normalisation's counter of batches, by the name of its running mean.</summary>
    private Pt2Step WithCounter(Pt2Step step, Pt2Call call)
    {
        WasTraining |= call.Flag("training", false);
        if (step.Inputs[3]?.Value is not Pt2Value.InGraph mean || !mean.Name.EndsWith("running_mean", StringComparison.Ordinal))
            return step;
        string name = mean.Name[..^"running_mean".Length] + "num_batches_tracked";
        return _weights.Any(weight => weight.Name == name)
            ? step with { Inputs = [.. step.Inputs, new Pt2Slot(new Pt2Value.InGraph(name, false))] } : step;
    }

    private static bool IsChangeOfShape(Pt2Node node) =>
        node.Name is "squeeze" or "unsqueeze" or "t" or "transpose" or "swapaxes" or "detach";

    /// <summary>What works in place: its first input becomes the result, for its own name and for those who read it afterwards.</summary>
    private void Write(Pt2Slot target, string output, Tensor[]? known, Pt2Step step, IReadOnlyList<ModuleCall> modules)
    {
        if (known is not null && target.Value is Pt2Value.Known old)
        {
            old.Tensor.copy_(known[0]);
            target.Memory.Version++;
        }
        else
        {
            target.Value = Node([output], step, modules)[0];
            foreach (Pt2Slot view in target.Memory.Slots)
            {
                if (view != target)
                    view.Value = new Pt2Value.Refused(
                        $"a value that is read after another view of the same numbers was changed in place "
                            + $"({output}): write that without in-place operations");
            }
            target.Memory = new Pt2Memory();
            target.Memory.Slots.Add(target);
        }
        _slots[output] = target;
    }

    private void Keep(string[] outputs, Tensor[] known, Pt2Step step)
    {
        for (int i = 0; i < Math.Min(outputs.Length, known.Length); i++)
            Define(outputs[i], new Pt2Value.Known(known[i]), step.View ? step.Inputs[0]?.Memory : null);
    }

    private void Add(string[] outputs, Pt2Step step, IReadOnlyList<ModuleCall> modules)
    {
        Pt2Value.InGraph[] values = Node(outputs, step, modules);
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i].Length == 0) continue;
            Pt2Value value = i < values.Length ? values[i] : new Pt2Value.Refused($"a second result of {step.Operator}, which is not made");
            Define(outputs[i], value, step.View ? step.Inputs[0]?.Memory : null);
        }
    }

    private Pt2Value.InGraph[] Node(string[] outputs, Pt2Step step, IReadOnlyList<ModuleCall> modules)
    {
        bool ofImages = step.Inputs.Any(input => input?.Value is Pt2Value.InGraph { OfImages: true });
        bool whole = step.Inputs.Any(input => input?.Value is Pt2Value.InGraph { IsWhole: true }) && StaysWhole(outputs[0], ref step);
        string[] inputs = [.. step.Inputs.Select(InGraph)];
        Operator operation = Operators.Get(step.Operator);
        // A buffer may have the name of a step: the buffer keeps it.
        string[] made = [.. (operation.MakesSeveral ? outputs : outputs[..1]).Select(Free)];
        Nodes.Add((new GraphNode(operation, step.Attributes, inputs, made), modules));
        return [.. made.Select(name => new Pt2Value.InGraph(name, ofImages) { TransposeOf = step.TransposeOf, IsWhole = whole })];
    }

    /// <summary>Whether what a step makes of whole numbers of images are such again; one that calculates with them is refused.</summary>
    private bool StaysWhole(string output, ref Pt2Step step)
    {
        if (TypeOf(output) is { } type)
        {
            if (type.IsFloatingPoint() || type == ElementType.Bool) return false;
            if (step.Operator == "to" && WholeImages.Holds(type))
                step = step with { Operator = "identity", Attributes = OperatorAttributes.None };
        }
        return WholeImages.Moves.Contains(step.Operator) ? true : throw new Pt2RefusedException(WholeImages.Refused);
    }

    /// <summary>A step of which another is made: under a name of its own, or what it gives where that is known.</summary>
    private Pt2Slot Before(Pt2Step step, string output, IReadOnlyList<ModuleCall> modules)
    {
        if (_folder.Fold(step) is { } known) return new Pt2Slot(new Pt2Value.Known(known[0]));
        string name = $"{output}.{step.Operator}";
        while (!_parts.Add(name) || _slots.ContainsKey(name)) name += "'";
        return new Pt2Slot(Node([name], step, modules)[0]);
    }

    private string Free(string name)
    {
        while (name.Length > 0 && _tensors.ContainsKey(name)) name += "'";
        return name;
    }

    /// <summary>The name of a value in the graph; what is known becomes a constant of it, as it is now.</summary>
    private string InGraph(Pt2Slot? slot)
    {
        switch (slot?.Value)
        {
            case null:
                return "";
            case Pt2Value.InGraph value:
                return value.Name;
            case Pt2Value.Known known:
                if (_literals.TryGetValue(slot, out var literal) && literal.Version == slot.Memory.Version) return literal.Name;
                _folder.Reserve(known.Tensor.numel());
                string name = $"constant.{_literals.Count}";
                while (_tensors.ContainsKey(name)) name += "'";
                Tensor copy = known.Tensor.contiguous().clone();
                _weights.Add(new GraphWeight(name, copy.shape, WeightKind.Constant) { Type = ElementTypes.Of(copy.dtype) });
                _tensors.Add(name, copy);
                _literals[slot] = (slot.Memory.Version, name);
                return name;
            case Pt2Value.Refused refused:
                throw new Pt2RefusedException(refused.Why, complete: true);
            default:
                throw new Pt2RefusedException("it calculates with the number of images");
        }
    }

    private void TakeOutputs()
    {
        for (int i = 0; i < _program.Outputs.Count; i++)
        {
            string name = _program.OutputNames[i];
            if (_program.Outputs[i] is not Pt2Argument.Value output) continue;
            Pt2Slot slot = Look(output.Name);
            (string? value, string why) = slot.Value switch
            {
                Pt2Value.InGraph { OfImages: true } found => (found.Name, ""),
                Pt2Value.Refused refused => (null, refused.Why),
                _ => ((string?)null, "it does not depend on the images"),
            };
            Outputs.Add((name, value, why, _program.Shapes.GetValueOrDefault(output.Name) ?? []));
        }
    }

    /// <summary>What it read, for who makes a network of it.</summary>
    public ImportedProgram ToProgram() => new()
    {
        Path = _path,
        Nodes = Nodes,
        Weights = _weights,
        Tensors = _tensors,
        Images = Images,
        ChannelsLast = _channelsLast,
        WholeNumbers = _wholeNumbers,
        ImageSize = Side(ImageShape[_channelsLast ? 1 : 2]) is { } rows && Side(ImageShape[_channelsLast ? 2 : 3]) is { } columns
            ? (rows, columns) : null,
        Batch = Batch,
        Freed = Freed,
        Folded = _folder.Count,
        WasTraining = WasTraining,
        Converted = Converted,
        Outputs = [.. Outputs.Select(one => (one.Name, one.Value, one.Why,
            (IReadOnlyList<long?>)[.. one.Shape.Select(size => size.Length)]))],
        IsMap = value => _program.Shapes.TryGetValue(value, out Pt2Size[]? shape) && shape.Length is 3 or 4,
        Source = _program.TorchVersion.Length > 0 ? $"torch.export, PyTorch {_program.TorchVersion}" : "torch.export",
        ExportAgain = ExportAgain,
    };

    private static int? Side(Pt2Size side) => side.Length is > 0 and <= 1 << 15 ? (int)side.Length : null;

    private void Refuse(Pt2Node node, string why)
    {
        var refused = new Pt2Value.Refused(why);
        // What is changed in place by something unknown is unknown from then on.
        if (node.InPlace && node.Arguments.Values.FirstOrDefault() is Pt2Argument.Value target
            && _slots.TryGetValue(target.Name, out Pt2Slot? slot))
            foreach (Pt2Slot view in slot.Memory.Slots) view.Value = refused;
        foreach (string name in node.Outputs.SelectMany(output => output.ValueNames))
            if (name.Length > 0) Define(name, refused);
    }

    private Pt2Slot Look(string name) =>
        _slots.TryGetValue(name, out Pt2Slot? slot)
            ? slot : throw Bad($"a step of its program reads '{name}', which nothing before it makes");

    private void Define(string name, Pt2Value value, Pt2Memory? memory = null)
    {
        if (!_slots.TryAdd(name, new Pt2Slot(value, memory, _program.Shapes.GetValueOrDefault(name))))
            throw Bad($"its program makes '{name}' twice");
    }

    private FoveaException Bad(string why) => FoveaException.BadData($"{_path} is not a sound exported network: {why}. Export it again.");
}
