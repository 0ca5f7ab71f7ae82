using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// Conditions and loops that depend on nothing but the file, and lists of values: they are gone when the network is read. Functions of the
/// file are written out where they are called.
/// </summary>
internal sealed partial class OnnxImporter
{
    private const long MostRounds = 1 << 10;

    /// <summary>The results of a node that holds graphs or handles lists; null for all others.</summary>
    private OnnxValue?[]? Control(OnnxNode node, OnnxScope scope, OnnxValue?[] inputs) => node.Operator switch
    {
        "If" => Condition(node, scope, inputs),
        "Loop" => Loop(node, scope, inputs),
        "Scan" or "SequenceMap" => throw new OnnxRefusedException("it runs a graph for each part of a value"),
        "SequenceEmpty" => [new OnnxValue.Sequence([])],
        "SequenceConstruct" => [new OnnxValue.Sequence([.. inputs.Select(Given)])],
        "SequenceInsert" => [Inserted(inputs)],
        "SplitToSequence" => [Pieces(node, inputs)],
        "SequenceErase" => [Erased(inputs)],
        "SequenceAt" => [List(inputs, 0) is var list ? list[Position(inputs.ElementAtOrDefault(1), list.Count, 1)] : null],
        "SequenceLength" => [new OnnxValue.Known(tensor((long)List(inputs, 0).Count))],
        "ConcatFromSequence" => Joined(node, scope, inputs),
        _ => null,
    };

    private OnnxValue?[] Condition(OnnxNode node, OnnxScope scope, OnnxValue?[] inputs)
    {
        bool chosen = Truth(inputs.ElementAtOrDefault(0)) ?? throw new OnnxRefusedException("its condition depends on the images");
        return Inside(node, chosen ? "then_branch" : "else_branch", scope, []);
    }

    /// <summary>The rounds one after the other, as many as the file says.</summary>
    private OnnxValue?[] Loop(OnnxNode node, OnnxScope scope, OnnxValue?[] inputs)
    {
        OnnxGraph body = Body(node, "body");
        long most = inputs.ElementAtOrDefault(0) is null ? long.MaxValue : Number(inputs[0]);
        bool on = inputs.ElementAtOrDefault(1) is not { } condition || (Truth(condition) ?? throw Depends());
        int carried = inputs.Length - 2;
        if (carried < 0 || body.Outputs.Count < 1 + carried || body.Inputs.Count != inputs.Length)
            throw new OnnxRefusedException("its graph takes or gives other values than the loop");
        OnnxValue?[] state = inputs[2..];
        List<OnnxValue?>[] kept = [.. Enumerable.Range(0, body.Outputs.Count - 1 - carried).Select(_ => new List<OnnxValue?>())];
        for (long round = 0; on && round < most; round++)
        {
            if (round >= MostRounds) throw new OnnxRefusedException($"it runs more than {MostRounds} rounds");
            OnnxValue?[] made = Inside(node, "body", scope,
                [new OnnxValue.Known(tensor(round)), new OnnxValue.Known(tensor(true)), .. state]);
            on = Truth(made[0]) ?? throw Depends();
            state = made[1..(1 + carried)];
            for (int i = 0; i < kept.Length; i++) kept[i].Add(made[1 + carried + i]);
        }
        return [.. state, .. kept.Select(list => list.Count == 0
            ? new OnnxValue.Refused("a list of no rounds") : Apply(new OnnxStep("stack", new() { ["dim"] = 0 }, list), 1, node)[0])];

        static OnnxRefusedException Depends() => new("how often it runs depends on the images");
    }

    private OnnxValue?[] Inside(OnnxNode node, string attribute, OnnxScope scope, OnnxValue?[] given)
    {
        OnnxGraph graph = Body(node, attribute);
        var inner = new OnnxScope(scope, scope.Opsets);
        if (graph.Inputs.Count != given.Length)
            throw new OnnxRefusedException($"its graph takes {graph.Inputs.Count} values and is given {given.Length}");
        for (int i = 0; i < given.Length; i++) Define(inner, graph.Inputs[i].Name, Given(given[i]));
        TakeTensors(graph, inner);
        TakeNodes(graph.Nodes, inner);
        return [.. graph.Outputs.Select(output => Look(output.Name, node, inner))];
    }

    private static OnnxGraph Body(OnnxNode node, string attribute) =>
        node.Attributes.GetValueOrDefault(attribute)?.Graph ?? throw new OnnxRefusedException($"it has no graph {attribute}");

    private OnnxValue?[] CallFunction(OnnxFunction function, OnnxNode node, OnnxScope scope, OnnxValue?[] inputs)
    {
        var inner = new OnnxScope(null, function.Opsets) { Depth = scope.Depth + 1 };
        for (int i = 0; i < function.Inputs.Count; i++)
            Define(inner, function.Inputs[i], inputs.ElementAtOrDefault(i) ?? new OnnxValue.Refused(
                $"{node.Operator} in {Place(node)}: the function reads {function.Inputs[i]}, which it is not given"));
        TakeNodes(function.Nodes.Select(one => Bound(one, function, node)), inner);
        return [.. function.Outputs.Select(output => Look(output, node, inner))];
    }

    /// <summary>A node of a function with the attributes of the call put in.</summary>
    private static OnnxNode Bound(OnnxNode node, OnnxFunction function, OnnxNode call)
    {
        if (!node.Attributes.Values.Any(attribute => attribute.Reference.Length > 0)) return node;
        var bound = new OnnxNode { Name = node.Name, Operator = node.Operator, Domain = node.Domain };
        bound.Inputs.AddRange(node.Inputs);
        bound.Outputs.AddRange(node.Outputs);
        foreach (var (key, note) in node.Notes) bound.Notes[key] = note;
        foreach (var (name, attribute) in node.Attributes)
        {
            OnnxAttribute? value = attribute.Reference.Length == 0 ? attribute
                : call.Attributes.GetValueOrDefault(attribute.Reference) ?? function.Defaults.FirstOrDefault(
                    one => one.Name == attribute.Reference);
            if (value is not null) bound.Attributes[name] = value;
        }
        return bound;
    }

    private OnnxValue Inserted(OnnxValue?[] inputs)
    {
        List<OnnxValue> list = [.. List(inputs, 0)];
        if (list.Count >= MostRounds) throw new OnnxRefusedException("its list is longer than any network needs");
        long at = inputs.ElementAtOrDefault(2) is { } place ? Number(place) : list.Count;
        // From the end it counts before the last value, not behind it.
        if (at < 0) at += list.Count;
        if (at < 0 || at > list.Count) throw new OnnxRefusedException($"it puts a value at {at} of a list of {list.Count}");
        list.Insert((int)at, Given(inputs.ElementAtOrDefault(1)));
        return new OnnxValue.Sequence(list);
    }

    /// <summary>A value cut along a dimension, as a list: pieces of one size or of a list of sizes.</summary>
    private OnnxValue.Sequence Pieces(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue value = Given(inputs.ElementAtOrDefault(0));
        if (Fixed(inputs.ElementAtOrDefault(1)) is not { } pieces || pieces.is_floating_point() || pieces.numel() is < 1 or > MostRounds)
            throw new OnnxRefusedException("how large its pieces are is not said");
        long[][] at = SizesOf(value);
        long axis = node.Attributes.GetValueOrDefault("axis")?.Whole ?? 0;
        if (axis < 0) axis += at[0].Length;
        if (axis < 0 || axis >= at[0].Length || at.Any(sizes => sizes[axis] != at[0][axis]))
            throw new OnnxRefusedException("it cuts a dimension that is not fixed");
        long all = at[0][axis];
        List<long> lengths = [.. pieces.to(int64).reshape(-1).data<long>().ToArray()];
        if (lengths.Any(length => length < 1)) throw new OnnxRefusedException("its pieces have no size");
        if (pieces.dim() == 0)
        {
            long each = lengths[0];
            if (all / each > MostRounds) throw new OnnxRefusedException("it cuts into more pieces than any network needs");
            lengths = [.. Enumerable.Repeat(each, (int)(all / each))];
            if (all % each != 0) lengths.Add(all % each);
        }
        if (lengths.Sum() != all) throw new OnnxRefusedException($"its pieces are not the {all} that there are");
        List<OnnxValue> list = [];
        long start = 0;
        foreach (long length in lengths)
        {
            list.Add(Apply(
                new OnnxStep("slice", new() { ["dim"] = axis, ["start"] = start, ["end"] = start + length }, [value]), 1, node)[0]);
            start += length;
        }
        return new OnnxValue.Sequence(list);
    }

    private OnnxValue Erased(OnnxValue?[] inputs)
    {
        List<OnnxValue> list = [.. List(inputs, 0)];
        if (list.Count == 0) throw new OnnxRefusedException("its list is empty");
        list.RemoveAt(inputs.ElementAtOrDefault(1) is { } at ? Position(at, list.Count, 1) : list.Count - 1);
        return new OnnxValue.Sequence(list);
    }

    private OnnxValue?[] Joined(OnnxNode node, OnnxScope scope, OnnxValue?[] inputs)
    {
        var joined = new OnnxNode
        {
            Name = node.Name,
            Operator = "Concat",
        };
        foreach (var (name, attribute) in node.Attributes) joined.Attributes[name] = attribute;
        foreach (var (key, note) in node.Notes) joined.Notes[key] = note;
        IReadOnlyList<OnnxValue> list = List(inputs, 0);
        if (node.Attributes.GetValueOrDefault("new_axis")?.Whole == 1)
            return Apply(
                new OnnxStep("stack", new() { ["dim"] = node.Attributes.GetValueOrDefault("axis")?.Whole ?? 0 }, [.. list]), 1, node);
        return Call(joined, scope, [.. list]);
    }

    private static IReadOnlyList<OnnxValue> List(OnnxValue?[] inputs, int input) => Given(inputs.ElementAtOrDefault(input)) switch
    {
        OnnxValue.Sequence sequence => sequence.Items,
        OnnxValue.Refused refused => throw new OnnxRefusedException(refused.Why, complete: true),
        _ => throw new OnnxRefusedException("it is given no list of values"),
    };

    private static OnnxValue Given(OnnxValue? value) => value ?? throw new OnnxRefusedException("an input of it is missing");

    private static int Position(OnnxValue? value, int count, int fallback)
    {
        long at = Number(value);
        if (at < 0) at += count;
        return at >= 0 && at < Math.Max(count, fallback) && at < count
            ? (int)at : throw new OnnxRefusedException($"it asks for value {at} of a list of {count}");
    }

    private static long Number(OnnxValue? value) => Fixed(value) is { } tensor && tensor.numel() == 1 && !tensor.is_floating_point()
        ? tensor.to(int64).reshape(1).item<long>() : throw new OnnxRefusedException("a number that it needs depends on the images");

    /// <summary>A condition; null where it depends on the images.</summary>
    private static bool? Truth(OnnxValue? value) => value switch
    {
        OnnxValue.Refused refused => throw new OnnxRefusedException(refused.Why, complete: true),
        _ => Fixed(value) is { } tensor && tensor.numel() == 1 ? tensor.reshape(1).to(int64).item<long>() != 0 : null,
    };

    private static Tensor? Fixed(OnnxValue? value) => value is OnnxValue.Known { IsFixed: true } known ? known.At(0) : null;
}
