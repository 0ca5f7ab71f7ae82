using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// ONNX's operators in the catalogue's: a line for each, which says which of the catalogue's operations it is, or of which it is put
/// together, by the version of the operators that the file counts on (https://onnx.ai/onnx/operators/).
/// </summary>
internal static partial class OnnxOperators
{
    private static readonly Dictionary<string, Func<OnnxCall, OnnxValue?[]>> Lines = new(StringComparer.Ordinal);

    static OnnxOperators()
    {
        AddNumbers();
        AddArithmetic();
        AddReductions();
        AddWindows();
        AddNormalisations();
        AddMatrices();
        AddSizes();
        AddShapes();
        AddIndexing();
        AddResampling();
        AddQuantised();
    }

    /// <summary>ONNX's names of all of them.</summary>
    public static IReadOnlyCollection<string> Names => Lines.Keys;

    /// <summary>The line of an operator; null where there is none. Operators of other domains have theirs before the name and a
    /// dot.</summary>
    public static Func<OnnxCall, OnnxValue?[]>? Find(string domain, string name) =>
        Lines.GetValueOrDefault(domain is "" or "ai.onnx" ? name : $"{domain}.{name}");

    /// <summary>An operator with one result.</summary>
    private static void Add(string name, Func<OnnxCall, OnnxValue> line) => Lines[name] = c => [line(c)];

    /// <summary>An operator with several results; null where one is not made.</summary>
    private static void AddMany(string name, Func<OnnxCall, OnnxValue?[]> line) => Lines[name] = line;

    /// <summary>Whether the node's result of that number has a name.</summary>
    private static bool Needs(OnnxCall c, int output) => output < c.Node.Outputs.Count && c.Node.Outputs[output].Length > 0;

    private static OnnxValue To(OnnxCall c, OnnxValue value, ScalarType type) => OnnxCall.TypeOf(value) == type
        ? value : c.Add("to", new() { ["type"] = Checkpoints.ElementTypes.TorchName(Checkpoints.ElementTypes.Of(type)) }, value);

    /// <summary>A weight in another form is the same weight.</summary>
    private static OnnxValue Kept(OnnxValue weight, OnnxValue made) =>
        weight is OnnxValue.Known { IsOfFile: true, IsFixed: true } known && made is OnnxValue.Known { IsFixed: true } other
            ? new OnnxValue.Known(other.At(0)) { IsOfFile = true, IsBuffer = known.IsBuffer, Name = known.Name } : made;

    /// <summary>Whole numbers that older versions have as an attribute and newer ones as an input; null where neither is given.</summary>
    private static long[]? Axes(OnnxCall c, int input, long since, string name = "axes")
    {
        if (c.Version >= since) return c.Has(input) ? c.Wholes(input) : null;
        return c.HasAttribute(name) ? c.Ints(name) : null;
    }

    private static OnnxValue Listed(params long[] numbers) => OnnxCall.Constant(tensor(numbers, dtype: int64));
}
