using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Writes messages of Protocol Buffers: what small networks of the tests are made of.</summary>
internal sealed class OnnxBytes
{
    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();

    public OnnxBytes Whole(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public OnnxBytes Single(int field, float value)
    {
        Varint((ulong)field << 3 | 5);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public OnnxBytes Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public OnnxBytes Bytes(int field, byte[] value)
    {
        Varint((ulong)field << 3 | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    public OnnxBytes Message(int field, OnnxBytes value) => Bytes(field, value.ToArray());

    public void Raw(params byte[] bytes) => _bytes.Write(bytes);

    private void Varint(ulong value)
    {
        for (; value > 127; value >>= 7) _bytes.WriteByte((byte)(value | 128));
        _bytes.WriteByte((byte)value);
    }
}

/// <summary>
/// A small ONNX file: nodes, tensors and inputs in the order in which they are added. <see cref="Bytes"/> is the whole.
/// </summary>
internal sealed class OnnxNet(long opset = 17, long version = 8)
{
    private readonly OnnxBytes _graph = new OnnxBytes().Text(2, "net");
    private readonly OnnxBytes _functions = new();

    public string Producer { get; init; } = "";

    /// <summary>Adds the images, <c>[N, 3, height, width]</c>; a batch below 1 is left open.</summary>
    public OnnxNet Images(long batch, long height, long width, string name = "x") => Input(name, 1, batch, 3, height, width);

    /// <summary>Adds an input; sizes below 1 are left open.</summary>
    public OnnxNet Input(string name, int type, params long[] sizes)
    {
        _graph.Message(11, Value(name, type, sizes));
        return this;
    }

    /// <summary>Adds an input of one number without dimensions.</summary>
    public OnnxNet Scalar(string name, int type)
    {
        OnnxBytes tensor = new OnnxBytes().Whole(1, type).Message(2, new OnnxBytes());
        _graph.Message(11, new OnnxBytes().Text(1, name).Message(2, new OnnxBytes().Message(1, tensor)));
        return this;
    }

    public OnnxNet Output(string name, int type = 1, params long[] sizes)
    {
        _graph.Message(12, Value(name, type, sizes));
        return this;
    }

    /// <summary>Adds a node; attributes are numbers, texts, lists, tensors and graphs (<see cref="Graph"/>).</summary>
    public OnnxNet Node(string operation, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        _graph.Message(1, NodeOf(operation, inputs, outputs, attributes));
        return this;
    }

    public OnnxNet Node(string operation, string input, string output, params (string Name, object Value)[] attributes) =>
        Node(operation, [input], [output], attributes);

    /// <summary>Adds a tensor with its numbers as they lie in memory.</summary>
    public OnnxNet Tensor(string name, Tensor value)
    {
        _graph.Message(5, TensorOf(name, value));
        return this;
    }

    /// <summary>Adds any message to the graph.</summary>
    public OnnxNet Add(int field, OnnxBytes message)
    {
        _graph.Message(field, message);
        return this;
    }

    /// <summary>Adds a function of the file.</summary>
    public OnnxNet Function(OnnxBytes function)
    {
        _functions.Message(25, function);
        return this;
    }

    /// <summary>The nodes, tensors, inputs and outputs as a graph: the value of an attribute.</summary>
    public OnnxBytes Graph => _graph;

    public byte[] Bytes()
    {
        OnnxBytes model = new();
        model.Whole(1, version);
        if (Producer.Length > 0) model.Text(2, Producer);
        model.Message(7, _graph).Message(8, new OnnxBytes().Whole(2, opset));
        model.Message(8, new OnnxBytes().Text(1, "mine").Whole(2, 1));
        model.Raw(_functions.ToArray());
        return model.ToArray();
    }

    public string Save(string folder, string name = "net")
    {
        string path = Path.Combine(folder, name + ".onnx");
        File.WriteAllBytes(path, Bytes());
        return path;
    }

    public static OnnxBytes NodeOf(
        string operation, string[] inputs, string[] outputs, (string Name, object Value)[] attributes, string name = "", string domain = "")
    {
        OnnxBytes node = new();
        foreach (string input in inputs) node.Text(1, input);
        foreach (string output in outputs) node.Text(2, output);
        if (name.Length > 0) node.Text(3, name);
        node.Text(4, operation);
        foreach (var (key, value) in attributes) node.Message(5, Attribute(key, value));
        if (domain.Length > 0) node.Text(7, domain);
        return node;
    }

    public static OnnxBytes TensorOf(string name, Tensor value)
    {
        OnnxBytes tensor = new();
        foreach (long size in value.shape) tensor.Whole(1, size);
        tensor.Whole(2, TypeOf(value.dtype)).Text(8, name);
        using Tensor flat = value.contiguous().cpu();
        return tensor.Bytes(9, flat.bytes.ToArray());
    }

    public static int TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => 1,
        ScalarType.Byte => 2,
        ScalarType.Int8 => 3,
        ScalarType.Int16 => 5,
        ScalarType.Int32 => 6,
        ScalarType.Int64 => 7,
        ScalarType.Bool => 9,
        ScalarType.Float16 => 10,
        ScalarType.Float64 => 11,
        ScalarType.BFloat16 => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public static OnnxBytes Value(string name, int type, params long[] sizes)
    {
        OnnxBytes shape = new();
        foreach (long size in sizes) shape.Message(1, size < 1 ? new OnnxBytes().Text(2, "any") : new OnnxBytes().Whole(1, size));
        OnnxBytes tensor = new OnnxBytes().Whole(1, type);
        if (sizes.Length > 0) tensor.Message(2, shape);
        return new OnnxBytes().Text(1, name).Message(2, new OnnxBytes().Message(1, tensor));
    }

    private static OnnxBytes Attribute(string name, object value)
    {
        OnnxBytes attribute = new OnnxBytes().Text(1, name);
        switch (value)
        {
            case float number: return attribute.Single(2, number).Whole(20, 1);
            case double number: return attribute.Single(2, (float)number).Whole(20, 1);
            case int whole: return attribute.Whole(3, whole).Whole(20, 2);
            case long whole: return attribute.Whole(3, whole).Whole(20, 2);
            case string text: return attribute.Text(4, text).Whole(20, 3);
            case Tensor tensor: return attribute.Message(5, TensorOf("", tensor)).Whole(20, 4);
            case OnnxBytes graph: return attribute.Message(6, graph).Whole(20, 5);
            case float[] numbers:
                foreach (float one in numbers) attribute.Single(7, one);
                return attribute.Whole(20, 6);
            case long[] wholes:
                foreach (long one in wholes) attribute.Whole(8, one);
                return attribute.Whole(20, 7);
            case int[] wholes:
                foreach (int one in wholes) attribute.Whole(8, one);
                return attribute.Whole(20, 7);
            default: throw new ArgumentOutOfRangeException(nameof(value));
        }
    }
}
