namespace Fovea.Models.Onnx;

/// <summary>Takes the nodes of a graph in order.</summary>
internal sealed partial class OnnxImporter
{
    private const int MostDepth = 32;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _repeated = new(StringComparer.Ordinal);

    private void TakeTensors(OnnxGraph graph, OnnxScope scope)
    {
        foreach (OnnxTensor tensor in graph.Tensors)
        {
            if (tensor.Name.Length == 0) throw Bad("a tensor of it has no name");
            bool buffer = graph.Values.TryGetValue(tensor.Name, out OnnxValueInfo? info)
                && info.Notes.Any(note => note.Key.EndsWith("InputSpec.kind", StringComparison.Ordinal) && note.Value.Contains(
                    "BUFFER", StringComparison.OrdinalIgnoreCase));
            Define(scope, tensor.Name, OnnxTypes.Of(tensor.Type) is null
                ? new OnnxValue.Refused($"the tensor {tensor.Name}, which is of the type {OnnxTypes.Name(tensor.Type)}")
                : Known(tensor, buffer));
        }
        foreach (string name in graph.Sparse)
            Define(scope, name, new OnnxValue.Refused($"the tensor {name}, which is kept sparse"));
    }

    private void TakeNodes(IEnumerable<OnnxNode> nodes, OnnxScope scope)
    {
        if (scope.Depth > MostDepth) throw Bad($"graphs and functions of it are nested deeper than {MostDepth}");
        foreach (OnnxNode node in nodes) Take(node, scope);
    }

    private void Take(OnnxNode node, OnnxScope scope)
    {
        if (++_steps > MostSteps) throw Bad($"it runs more than {MostSteps} operations");
        OnnxValue?[] inputs = [.. node.Inputs.Select(name => name.Length == 0 ? null : Look(name, node, scope))];
        OnnxValue?[] made;
        try
        {
            made = Call(node, scope, inputs);
        }
        catch (OnnxRefusedException e)
        {
            var refused = new OnnxValue.Refused(e.Complete ? e.Message : $"{node.Operator} in {Place(node)}: {e.Message}");
            made = [.. Enumerable.Repeat<OnnxValue>(refused, node.Outputs.Count)];
        }
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            string name = node.Outputs[i];
            if (name.Length == 0) continue;
            OnnxValue value = made.ElementAtOrDefault(i)
                ?? new OnnxValue.Refused($"{node.Operator} in {Place(node)}: its result {i} is not made here");
            if (value.Name.Length == 0) value.Name = Unique(name);
            Define(scope, name, value);
        }
    }

    private OnnxValue?[] Call(OnnxNode node, OnnxScope scope, OnnxValue?[] inputs)
    {
        if (_model.Functions.TryGetValue((node.Domain, node.Operator), out OnnxFunction? function))
            return CallFunction(function, node, scope, inputs);
        if (node.Domain.Length == 0 && Control(node, scope, inputs) is { } controlled) return controlled;
        var line = OnnxOperators.Find(node.Domain, node.Operator)
            ?? throw new OnnxRefusedException(OnnxOperators.WhyNot(node.Domain, node.Operator));
        if (!scope.Opsets.TryGetValue(node.Domain, out long version))
            throw Bad($"it does not say which version of the operators{(node.Domain.Length == 0 ? "" : $" of {node.Domain}")} it uses");
        if (inputs.OfType<OnnxValue.Refused>().FirstOrDefault() is { } refused)
            throw new OnnxRefusedException(refused.Why, complete: true);
        try
        {
            return line(new OnnxCall(this, node, version, inputs));
        }
        catch (Exception e) when (e is OverflowException or IndexOutOfRangeException or ArgumentException or InvalidOperationException
            or NullReferenceException or InvalidCastException or System.Runtime.InteropServices.ExternalException
            && !Shortage.Is(e) || e is FoveaException { Kind: FailureKind.Data } && !e.Message.Contains(_path, StringComparison.Ordinal))
        {
            throw new OnnxRefusedException($"its arguments do not fit each other ({e.Message.Split('\n')[0]})");
        }
    }

    private OnnxValue Look(string name, OnnxNode node, OnnxScope scope) => scope.Look(name)
        ?? throw Bad($"{node.Operator} {node.Name} reads '{name}', which nothing before it makes");

    private void Define(OnnxScope scope, string name, OnnxValue value)
    {
        if (!scope.Define(name, value)) throw Bad($"it makes '{name}' twice");
        _names.Add(name);
    }

    /// <summary>A name that no value has yet: graphs that run several times make theirs again.</summary>
    private string Unique(string name)
    {
        string unique = name;
        for (int i = _repeated.GetValueOrDefault(name); !_names.Add(unique); i++)
        {
            unique = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}#{i + 1}");
            _repeated[name] = i + 1;
        }
        return unique;
    }

    private string Place(OnnxNode node) => _scopes.PathsOf(node) is [.., var path] ? path
        : node.Name.Length > 0 ? $"the network itself ({node.Name})" : "the network itself";
}
