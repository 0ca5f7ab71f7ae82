using Fovea.Checkpoints;
using Fovea.Models.Graph;
using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>
/// Makes a graph of a program. Steps are taken in order. What works in place becomes its twin that does not: the new value takes the name
/// of the old one for everybody who reads it afterwards, what it is a part of has it in its place, and a view of those that is read afterwards
/// is made anew, or refused where it is not sure what it shows. What depends on the code alone is calculated here.
/// </summary>
internal sealed partial class Pt2Importer
{
    private readonly Pt2Program _program;
    private readonly string _path;
    private readonly bool _free;
    private readonly Pt2Modules _modules;
    private readonly Dictionary<string, Pt2Slot> _slots = new(StringComparer.Ordinal);
    private readonly Dictionary<Pt2Slot, (int Version, string Name)> _literals = [];
    private readonly Pt2Folder _folder;
    private readonly HashSet<string> _parts = new(StringComparer.Ordinal);
    private readonly List<GraphWeight> _weights = [];
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private bool _channelsLast, _wholeNumbers;

    private Pt2Importer(Pt2Program program, string path, bool free)
    {
        (_program, _path, _free) = (program, path, free);
        _folder = new Pt2Folder(new ConstantBudget(program.Bytes));
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

    /// <summary>The type that the file says a value has; null where it says none that is known.</summary>
    private ElementType? TypeOf(string name) => _program.Types.TryGetValue(name, out int type) ? Pt2Program.TypeOf(type) : null;

    private void Take(Pt2Node node)
    {
        var modules = _modules.Of(node.Stack);
        try
        {
            if (node.IsHigherOrder
                || node.Arguments.Values.Any(argument => argument is Pt2Argument.Other { Kind: "as_graph" }))
                throw new Pt2RefusedException("it runs a program inside the program (a condition, a loop, a block without gradients)");
            if (node.IsArithmetic || node.Name is "sym_size" or "sym_numel") TakeNumber(node);
            else TakeTensor(node, modules);
        }
        catch (Pt2RefusedException e)
        {
            Refuse(node, e.Complete
                ? e.Message : $"{node.Target} in {Place(modules)}: {e.Message}");
        }
    }

    /// <summary>The module in which a step stands, in words.</summary>
    private static string Place(IReadOnlyList<ModuleCall> modules) => modules.Count == 0 ? "the network itself" : modules[^1].Name;

    private void TakeNumber(Pt2Node node)
    {
        if (node.Outputs is not [Pt2Argument.Sizes { Items: [(_, { } output)] }]) throw new Pt2RefusedException("it makes no size");
        Define(output, Pt2Numbers.Evaluate(node, Look, ImageShape));
    }

    private void TakeTensor(Pt2Node node, IReadOnlyList<ModuleCall> modules)
    {
        string[] outputs = [.. node.Outputs.SelectMany(output => output.ValueNames)];
        if (outputs.Length == 0 && node.IsAssertion) return;
        if (outputs.Length == 0) throw new Pt2RefusedException("it changes what it is given, which is not known here");
        var call = new Pt2Call(node, Look, _program.Shapes.GetValueOrDefault(outputs[0]), _free ? Batch : null, () => Freed = true,
            before => Before(before, outputs[0], modules), TypeOf);
        Pt2Step step = Pt2Operators.Translate(call) ?? throw new Pt2RefusedException("this operator is not known");
        if (call.Passed is { } passed) throw new Pt2RefusedException($"its argument {passed} is not known here");
        if (step.Operator == "batch_norm") step = WithCounter(step, call);
        else if (step.Operator == "dropout") WasTraining |= call.Flag("train", false);

        Pt2Slot? written = node.InPlace && !IsChangeOfShape(node) && node.Arguments.Values.FirstOrDefault() is Pt2Argument.Value target
            ? Look(target.Name) : null;
        Tensor[]? known = _folder.Fold(step);
        if (written is not null) Write(written, outputs[0], known, step, modules);
        else if (known is not null) Keep(outputs, known, step);
        else Add(outputs, step, modules);
        // Its result is also there, for whoever reads it by that name.
        if (!node.WritesOut) return;
        var over = new Pt2Value.Refused(
            $"a value that is read after another was written over it (out= of {node.Target} in {Place(modules)}): write that without out=");
        foreach (Pt2Slot slot in SlotsOf(node.Arguments.Where(one => one.Key.StartsWith("out", StringComparison.Ordinal)).Select(one => one.Value)))
            Spoil(slot, over);
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

    private void Refuse(Pt2Node node, string why)
    {
        var refused = new Pt2Value.Refused(why);
        string[] made = [.. node.Outputs.SelectMany(output => output.ValueNames).Where(name => name.Length > 0)];
        // What is changed by something unknown is unknown from then on. By its name a step of PyTorch's own says that it changes its first
        // argument, or makes what it gives; of a step of others nobody knows.
        bool all = (made.Length == 0 && !node.IsArithmetic) || node.WritesOut || !(node.IsAten || node.IsHigherOrder || node.IsArithmetic);
        if (all) foreach (Pt2Slot slot in SlotsOf(node.Arguments.Values)) Spoil(slot, refused);
        else if (node.InPlace) foreach (Pt2Slot slot in SlotsOf(node.Arguments.Values.Take(1))) Spoil(slot, refused);
        foreach (string name in made)
        {
            Define(name, refused);
            _slots[name].MayShow.AddRange(SlotsOf(node.Arguments.Values));
        }
    }

    private IEnumerable<Pt2Slot> SlotsOf(IEnumerable<Pt2Argument> arguments) => arguments.SelectMany(one => one.ValueNames)
        .Where(name => name.Length > 0).Select(name => _slots.GetValueOrDefault(name)!).Where(slot => slot?.Value is not (null or Pt2Value.Number));

    /// <summary>Whoever sees these numbers afterwards, or may see them, sees something unknown.</summary>
    private static void Spoil(Pt2Slot slot, Pt2Value.Refused refused)
    {
        HashSet<Pt2Slot> seen = [];
        var left = new Stack<Pt2Slot>([slot]);
        while (left.TryPop(out Pt2Slot? next))
        {
            foreach (Pt2Slot view in next.Memory.Slots.Append(next))
            {
                if (!seen.Add(view)) continue;
                view.Value = refused;
                foreach (Pt2Slot source in view.MayShow) left.Push(source);
            }
            // Those alone that are known are asked the next time.
            next.Memory.Slots.Clear();
        }
    }

    private Pt2Slot Look(string name)
    {
        if (!_slots.TryGetValue(name, out Pt2Slot? slot))
            throw Bad($"a step of its program reads '{name}', which nothing before it makes");
        if (slot.Value is Pt2Value.Refused) Renew(name, slot);
        return slot;
    }

    private void Define(string name, Pt2Value value, Pt2Memory? memory = null)
    {
        if (!_slots.TryAdd(name, new Pt2Slot(value, memory, _program.Shapes.GetValueOrDefault(name))))
            throw Bad($"its program makes '{name}' twice");
    }

    private FoveaException Bad(string why) => FoveaException.BadData($"{_path} is not a sound exported network: {why}. Export it again.");
}
