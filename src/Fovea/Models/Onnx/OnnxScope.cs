namespace Fovea.Models.Onnx;

/// <summary>Names of a graph; one inside another sees those of the outer too, a function does not.</summary>
/// <param name="outer">The graph around it; null for the file's own and for functions.</param>
/// <param name="opsets">Versions of the operators.</param>
internal sealed class OnnxScope(OnnxScope? outer, IReadOnlyDictionary<string, long> opsets)
{
    private readonly Dictionary<string, OnnxValue> _values = new(StringComparer.Ordinal);

    /// <summary>Versions of the operators by domain.</summary>
    public IReadOnlyDictionary<string, long> Opsets => opsets;

    /// <summary>How deep it stands in others.</summary>
    public int Depth { get; init; } = outer is null ? 0 : outer.Depth + 1;

    public OnnxValue? Look(string name) => _values.TryGetValue(name, out OnnxValue? value) ? value : outer?.Look(name);

    /// <summary>Gives a name its value; false where it has one in this graph.</summary>
    public bool Define(string name, OnnxValue value) => _values.TryAdd(name, value);
}
