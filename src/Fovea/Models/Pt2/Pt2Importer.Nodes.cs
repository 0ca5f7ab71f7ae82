using Fovea.Checkpoints;
using Fovea.Models.Graph;
using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Pt2;

/// <summary>Writes down the steps: nodes by names, what changes in place as another value, what is known as a constant.</summary>
internal sealed partial class Pt2Importer
{
    private const int MostRenewed = 1 << 15;

    private int _renewed;

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
            Pt2Value.InGraph made = Node([output], step, modules)[0];
            // What it is a part of has it in its place; others that see the same numbers are not known any more.
            List<(Pt2Slot Slot, Pt2Value Value)> changed = [(target, made)];
            for (Pt2Slot part = target; Whole(part, new Pt2Slot(changed[^1].Value), output, modules) is { } whole; part = whole.Slot)
                changed.Add(whole);
            Spoil(target, new Pt2Value.Refused(
                $"a value that is read after another view of the same numbers was changed in place "
                    + $"({output} in {Place(modules)}): write that without in-place operations"));
            // They stay in one memory with those: whoever writes to one of them afterwards changes these too.
            foreach (var (slot, value) in changed)
            {
                slot.Value = value;
                slot.Memory.Slots.Add(slot);
            }
            target.Memory.Version++;
        }
        _slots[output] = target;
    }

    /// <summary>What a slot was cut out of, with other numbers in the slot's place; null where that is not known.</summary>
    private (Pt2Slot Slot, Pt2Value Value)? Whole(Pt2Slot part, Pt2Slot written, string output, IReadOnlyList<ModuleCall> modules)
    {
        if (part.Shown is not { } cut || cut.Inputs[0] is not { Value: not Pt2Value.Refused } whole || whole.Memory != part.Memory) return null;
        if (++_renewed > MostRenewed) throw new Pt2RefusedException("it and others write to parts more often than any network does");
        var put = Pt2Parts.Put(cut, whole, written, (name, attributes, reads) => Before(new Pt2Step(name, attributes, reads), output, modules));
        return put is null ? null : (whole, put.Value);
    }

    private void Keep(string[] outputs, Tensor[] known, Pt2Step step)
    {
        for (int i = 0; i < Math.Min(outputs.Length, known.Length); i++)
            DefineView(outputs[i], new Pt2Value.Known(known[i]), step, i);
    }

    /// <summary>A view from before a change, as it is now, where what it shows is known.</summary>
    private void Renew(string name, Pt2Slot slot)
    {
        var old = new Stack<Pt2Slot>();
        for (Pt2Slot next = slot; next.Value is Pt2Value.Refused; next = next.Shown.Inputs[0]!)
        {
            if (next.Shown?.Inputs[0] is not { } source || source.Memory != next.Memory) return;
            old.Push(next);
        }
        // A damaged file could ask for any number of them.
        if ((_renewed += old.Count) > MostRenewed) return;
        try
        {
            while (old.TryPop(out Pt2Slot? view))
            {
                view.Value = Before(view.Shown!, name, []).Value;
                view.Memory.Slots.Add(view);
            }
        }
        catch (Pt2RefusedException)
        {
            // It stays refused.
        }
    }

    private void DefineView(string output, Pt2Value value, Pt2Step step, int result)
    {
        Define(output, value, step.View ? step.Inputs[0]?.Memory : null);
        _slots[output].Shown = Pt2Parts.Shown(step, result);
    }

    private void Add(string[] outputs, Pt2Step step, IReadOnlyList<ModuleCall> modules)
    {
        Pt2Value.InGraph[] values = Node(outputs, step, modules);
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i].Length == 0) continue;
            Pt2Value value = i < values.Length ? values[i] : new Pt2Value.Refused($"a second result of {step.Operator}, which is not made");
            DefineView(outputs[i], value, step, i);
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
                throw new Pt2RefusedException("it calculates with the number of images" + ImportedTrial.ExportForOne);
        }
    }
}
