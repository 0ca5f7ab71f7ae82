namespace Fovea.Models.Onnx;

/// <summary>A file of ONNX as it is written: graphs of nodes between named values, and tensors.</summary>
internal sealed class OnnxModel
{
    /// <summary>Bytes of the file, without what lies outside of it.</summary>
    public long Bytes { get; init; }

    /// <summary>The version of the format (IR).</summary>
    public long Version { get; set; }

    /// <summary>The tool that wrote it.</summary>
    public string Producer { get; set; } = "";

    public string ProducerVersion { get; set; } = "";

    /// <summary>Version of the operators by domain; the usual domain is "".</summary>
    public Dictionary<string, long> Opsets { get; } = new(StringComparer.Ordinal);

    public OnnxGraph? Graph { get; set; }

    /// <summary>Functions of the file by domain and name.</summary>
    public Dictionary<(string Domain, string Name), OnnxFunction> Functions { get; } = [];
}

/// <summary>Nodes between named values.</summary>
internal sealed class OnnxGraph
{
    public string Name { get; set; } = "";

    public List<OnnxNode> Nodes { get; } = [];

    public List<OnnxTensor> Tensors { get; } = [];

    public List<OnnxValueInfo> Inputs { get; } = [];

    public List<OnnxValueInfo> Outputs { get; } = [];

    /// <summary>What the file says of values between.</summary>
    public Dictionary<string, OnnxValueInfo> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of tensors that are kept sparse, which is not read.</summary>
    public HashSet<string> Sparse { get; } = new(StringComparer.Ordinal);
}

/// <summary>A function that the file brings with it.</summary>
internal sealed class OnnxFunction
{
    public string Name { get; set; } = "";

    public string Domain { get; set; } = "";

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>Attributes with a value where the call gives none.</summary>
    public List<OnnxAttribute> Defaults { get; } = [];

    public Dictionary<string, long> Opsets { get; } = new(StringComparer.Ordinal);
}

/// <summary>An operation on named values.</summary>
internal sealed class OnnxNode
{
    public string Name { get; set; } = "";

    public string Operator { get; set; } = "";

    /// <summary>Where the operator is from; "" is ONNX itself.</summary>
    public string Domain { get; set; } = "";

    /// <summary>What it reads; "" is an absent input.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>What it makes; "" is a result that nobody needs.</summary>
    public List<string> Outputs { get; } = [];

    public Dictionary<string, OnnxAttribute> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>Notes of the tool that wrote it: modules, rules that made the node.</summary>
    public Dictionary<string, string> Notes { get; } = new(StringComparer.Ordinal);
}

/// <summary>A fixed argument of a node.</summary>
internal sealed class OnnxAttribute
{
    public string Name { get; set; } = "";

    /// <summary>The format's number of what it is: 1 number, 2 whole, 3 text, 4 tensor, 5 graph, 6 numbers, 7 wholes, 8 texts.</summary>
    public long Kind { get; set; }

    public float Number { get; set; }

    public long Whole { get; set; }

    public string Text { get; set; } = "";

    public OnnxTensor? Tensor { get; set; }

    public OnnxGraph? Graph { get; set; }

    public List<float> Numbers { get; } = [];

    public List<long> Wholes { get; } = [];

    public List<string> Texts { get; } = [];

    /// <summary>In a function: the attribute of the call that gives the value.</summary>
    public string Reference { get; set; } = "";
}

/// <summary>A tensor, or where its numbers lie.</summary>
internal sealed class OnnxTensor
{
    public string Name { get; set; } = "";

    public List<long> Sizes { get; } = [];

    /// <summary>The format's number of the type of its elements.</summary>
    public long Type { get; set; }

    /// <summary>Its numbers as they lie in memory, little-endian.</summary>
    public ByteRange? Raw { get; set; }

    /// <summary>Its numbers as packed lists, by the field's number: 4 single, 5 and 7 whole, 10 double, 11 whole without sign.</summary>
    public List<(int Field, ByteRange Range)> Packed { get; } = [];

    /// <summary>Whole numbers that stand one by one.</summary>
    public List<long> Wholes { get; } = [];

    /// <summary>Single numbers that stand one by one.</summary>
    public List<float> Numbers { get; } = [];

    /// <summary>Whether it holds texts.</summary>
    public bool HasTexts { get; set; }

    /// <summary>Where the numbers lie in another file: <c>location</c>, <c>offset</c>, <c>length</c>.</summary>
    public Dictionary<string, string> Outside { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether they lie in another file.</summary>
    public bool IsOutside { get; set; }

    /// <summary>Whether it is a piece of a tensor.</summary>
    public bool IsSegment { get; set; }
}

/// <summary>What a file says of a value.</summary>
internal sealed class OnnxValueInfo
{
    public string Name { get; set; } = "";

    /// <summary>The type of its elements; 0 where it is no tensor.</summary>
    public long Type { get; set; }

    /// <summary>Its sizes; null where the file says none.</summary>
    public List<OnnxDimension>? Sizes { get; set; }

    public Dictionary<string, string> Notes { get; } = new(StringComparer.Ordinal);
}

/// <summary>A size: a number, a name, or neither.</summary>
internal readonly record struct OnnxDimension(long? Length, string Name);
