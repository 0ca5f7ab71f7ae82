using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Fovea.Tests.Shared;

/// <summary>
/// Writes small programs in the form of <c>torch.export.save</c> (schema 8), so that tests need no PyTorch. A test says what is wrong with
/// one by changing its parts.
/// </summary>
internal sealed class ProgramFile
{
    private readonly JsonArray _nodes = [], _inputs = [], _inputSpecs = [], _outputs = [], _outputSpecs = [], _calls = [];
    private readonly JsonObject _values = [], _weights = [], _constants = [];
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _modules = [""];

    /// <summary>The number that a value or a size has by name.</summary>
    public sealed record Name(string Value);

    /// <summary>A type of numbers, by the schema's number.</summary>
    public sealed record Type(int Number);

    /// <summary>An argument as JSON.</summary>
    public sealed record Raw(string Json);

    /// <summary>Changes the whole of <c>model.json</c> before it is written.</summary>
    public Action<JsonObject>? Change { get; set; }

    /// <summary>Changes the list of weights before it is written.</summary>
    public Action<JsonObject>? ChangeWeights { get; set; }

    /// <summary>Entries of the archive beside those that every file has; null takes one away.</summary>
    public Dictionary<string, byte[]?> Extra { get; } = [];

    /// <summary>How entries are stored.</summary>
    public CompressionLevel Compression { get; set; } = CompressionLevel.NoCompression;

    /// <summary>The images, under the name <c>x</c>; a batch of −1 is any.</summary>
    public void Images(params long[] shape)
    {
        Declare("x", shape);
        _inputs.Add(Tensor("x"));
        _inputSpecs.Add(new JsonObject { ["user_input"] = new JsonObject { ["arg"] = Tensor("x") } });
    }

    /// <summary>The images, as numbers of a type by the schema's number: 1 is uint8, 4 int32.</summary>
    public void ImagesOf(int type, params long[] shape)
    {
        Images(shape);
        ((JsonObject)_values["x"]!)["dtype"] = type;
    }

    /// <summary>Says that a value's numbers are of another type than float32.</summary>
    public void TypeOf(Name value, int type) => ((JsonObject)_values[value.Value]!)["dtype"] = type;

    /// <summary>Another input of the user's.</summary>
    public void Input(string name, params long[] shape)
    {
        Declare(name, shape);
        _inputs.Add(Tensor(name));
        _inputSpecs.Add(new JsonObject { ["user_input"] = new JsonObject { ["arg"] = Tensor(name) } });
    }

    /// <summary>A parameter; in the steps it is called <c>p_</c> and its name with lines for dots.</summary>
    public Name Parameter(string name, long[] shape, float[] values, long[]? strides = null, string? file = null) =>
        Weight("parameter", "parameter_name", "p_", name, shape, Bytes(values), 7, strides, file);

    /// <summary>A buffer of float32, or of int64 where whole numbers are given.</summary>
    public Name Buffer(string name, long[] shape, float[] values) =>
        Weight("buffer", "buffer_name", "b_", name, shape, Bytes(values), 7, null, null);

    /// <inheritdoc cref="Buffer(string, long[], float[])"/>
    public Name Buffer(string name, long[] shape, long[] values) =>
        Weight("buffer", "buffer_name", "b_", name, shape, Bytes(values), 5, null, null);

    /// <summary>A number or tensor written in the code.</summary>
    public Name Constant(string name, long[] shape, float[] values)
    {
        string file = $"tensor_{_constants.Count}";
        _files[$"data/constants/{file}"] = Bytes(values);
        _constants[name] = Entry(file, shape, 7, null);
        Declare("c_" + name, shape);
        _inputs.Add(Tensor("c_" + name));
        _inputSpecs.Add(
            new JsonObject
            {
                ["tensor_constant"] = new JsonObject
                {
                    ["arg"] = new JsonObject { ["name"] = "c_" + name },
                    ["tensor_constant_name"] = name
                }
            });
        return new Name("c_" + name);
    }

    /// <summary>A step.</summary>
    /// <param name="target">The operator: <c>aten.relu_.default</c>, or in full.</param>
    /// <param name="output">The name of what it makes; several divided by commas make a list of tensors.</param>
    /// <param name="shape">Its sizes, −1 for those that depend on what is run; null: it makes a size.</param>
    /// <param name="module">The module it stands in; <c>relu@1</c> for its second call. Empty: the network itself.</param>
    /// <param name="arguments">By name: <see cref="Name"/>, numbers, lists of them, flags, words, null.</param>
    public Name Step(string target, string output, long[]? shape, string module, params (string Name, object? Value)[] arguments)
    {
        string[] names = output.Split(',');
        var outputs = new JsonArray();
        if (shape is null) outputs.Add(new JsonObject { ["as_sym_int"] = new JsonObject { ["as_name"] = output } });
        else if (output.Length == 0) names = []; // it gives nothing back
        else if (names.Length == 1) outputs.Add(Tensor(output));
        else outputs.Add(
            new JsonObject { ["as_tensors"] = new JsonArray([.. names.Select(name => (JsonNode)new JsonObject { ["name"] = name })]) });
        if (shape is not null) foreach (string name in names) Declare(name, shape);
        string full = target.StartsWith("aten.", StringComparison.Ordinal) ? "torch.ops." + target : target;
        _nodes.Add(new JsonObject
        {
            ["target"] = full,
            ["inputs"] = new JsonArray(
                [.. arguments.Select(
                    one => (JsonNode)new JsonObject { ["name"] = one.Name, ["arg"] = Argument(one.Value), ["kind"] = 1 })]),
            ["outputs"] = outputs,
            ["metadata"] =
                new JsonObject { ["nn_module_stack"] = Stack(module), ["stack_trace"] = "File \"/home/somebody/secret.py\", line 1" },
        });
        return new Name(output);
    }

    /// <summary>A list of arguments that are tensors.</summary>
    public static Name[] List(params Name[] names) => names;

    /// <summary>Something that comes out.</summary>
    public void Output(Name name)
    {
        _outputs.Add(Tensor(name.Value));
        _outputSpecs.Add(new JsonObject { ["user_output"] = new JsonObject { ["arg"] = Tensor(name.Value) } });
    }

    /// <summary>A module that the stacks cannot say, with commas or semicolons in its name.</summary>
    public void Module(string path) => _modules.Add(path);

    /// <summary>The parts of the archive by name, in the order in which they are written.</summary>
    public IReadOnlyList<(string Name, byte[] Bytes)> Parts()
    {
        foreach (string path in _modules) _calls.Add(new JsonObject { ["fqn"] = path, ["signature"] = null });
        var model = new JsonObject
        {
            ["graph_module"] = new JsonObject
            {
                ["graph"] = new JsonObject
                {
                    ["inputs"] = _inputs.DeepClone(),
                    ["outputs"] = _outputs.DeepClone(),
                    ["nodes"] = _nodes.DeepClone(),
                    ["tensor_values"] = _values.DeepClone()
                },
                ["signature"] = new JsonObject { ["input_specs"] = _inputSpecs.DeepClone(), ["output_specs"] = _outputSpecs.DeepClone() },
                ["module_call_graph"] = _calls.DeepClone(),
            },
            ["schema_version"] = new JsonObject { ["major"] = 8, ["minor"] = 20 },
            ["torch_version"] = "2.14.1",
        };
        _calls.Clear();
        Change?.Invoke(model);
        var weights = (JsonObject)new JsonObject { ["config"] = _weights.DeepClone() };
        ChangeWeights?.Invoke(weights);
        List<(string, byte[])> parts = [.. _files.Select(file => (file.Key, file.Value))];
        parts.Add(("data/weights/model_weights_config.json", Encoding.UTF8.GetBytes(weights.ToJsonString())));
        parts.Add(("data/constants/model_constants_config.json",
            Encoding.UTF8.GetBytes(new JsonObject { ["config"] = _constants.DeepClone() }.ToJsonString())));
        parts.Add(("models/model.json", Encoding.UTF8.GetBytes(model.ToJsonString())));
        parts.Add(("archive_format", "pt2"u8.ToArray()));
        parts.Add(("byteorder", "little"u8.ToArray()));
        foreach (var (name, bytes) in Extra)
        {
            parts.RemoveAll(part => part.Item1 == name);
            if (bytes is not null) parts.Add((name, bytes));
        }
        return parts;
    }

    /// <summary>Writes the file.</summary>
    public string Save(string folder, string name = "net")
    {
        string path = Path.Combine(folder, name + ".pt2");
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (part, bytes) in Parts())
        {
            using Stream stream = zip.CreateEntry(part.StartsWith('/') ? part[1..] : $"{name}/{part}", Compression).Open();
            stream.Write(bytes);
        }
        return path;
    }

    private Name Weight(
        string kind, string nameKey, string prefix, string name, long[] shape, byte[] bytes, int type, long[]? strides, string? file)
    {
        string value = prefix + name.Replace('.', '_');
        file ??= $"weight_{_files.Count}";
        if (bytes.Length > 0) _files[$"data/weights/{file}"] = bytes;
        _weights[name] = Entry(file, shape, type, strides);
        Declare(value, shape);
        _inputs.Add(Tensor(value));
        _inputSpecs.Add(new JsonObject { [kind] = new JsonObject { ["arg"] = new JsonObject { ["name"] = value }, [nameKey] = name } });
        return new Name(value);
    }

    private static JsonObject Entry(string file, long[] shape, int type, long[]? strides) => new()
    {
        ["path_name"] = file,
        ["use_pickle"] = false,
        ["tensor_meta"] = new JsonObject
        {
            ["dtype"] = type,
            ["sizes"] = Sizes(shape),
            ["strides"] = Sizes(strides ?? [.. shape.Select((_, i) => shape.Skip(i + 1).Aggregate(1L, (a, b) => a * b))]),
            ["storage_offset"] = new JsonObject { ["as_int"] = 0 },
            ["layout"] = 7,
        },
    };

    private void Declare(string name, long[] shape) => _values[name] = new JsonObject { ["dtype"] = 7, ["sizes"] = Sizes(shape) };

    private static JsonArray Sizes(long[] shape) => new([.. shape.Select(size => (JsonNode)(size >= 0
        ? new JsonObject { ["as_int"] = size }
        : new JsonObject { ["as_expr"] = new JsonObject { ["expr_str"] = "Symbol('s77', positive=True, integer=True)",
            ["hint"] = new JsonObject { ["as_int"] = 2 } } }))]);

    private static JsonObject Tensor(string name) => new() { ["as_tensor"] = new JsonObject { ["name"] = name } };

    private static JsonNode Argument(object? value) => value switch
    {
        null => new JsonObject { ["as_none"] = true },
        Name name => Tensor(name.Value),
        Name[] names => new JsonObject
        {
            ["as_tensors"] = new JsonArray(
            [.. names.Select(one => (JsonNode)new JsonObject { ["name"] = one.Value })])
        },
        Type type => new JsonObject { ["as_scalar_type"] = type.Number },
        Raw raw => JsonNode.Parse(raw.Json)!,
        int whole => new JsonObject { ["as_int"] = whole },
        long[] many => new JsonObject { ["as_ints"] = new JsonArray([.. many.Select(one => (JsonNode)one)]) },
        object[] sizes => new JsonObject
        {
            ["as_sym_ints"] = new JsonArray([.. sizes.Select(one => (JsonNode)(one is Name named
                ? new JsonObject { ["as_name"] = named.Value } : new JsonObject { ["as_int"] = Convert.ToInt64(one, null) }))]),
        },
        double number => new JsonObject { ["as_float"] = number },
        bool flag => new JsonObject { ["as_bool"] = flag },
        string text => new JsonObject { ["as_string"] = text },
        _ => throw new ArgumentException($"{value} is no argument.", nameof(value)),
    };

    private string Stack(string module)
    {
        var stack = new StringBuilder("L__self__,,test.Net");
        string call = module.Contains('@', StringComparison.Ordinal) ? module[module.IndexOf('@', StringComparison.Ordinal)..] : "";
        string path = module.Length == 0 ? "" : module[..^call.Length];
        string[] steps = _modules.Contains(path) && path.IndexOfAny([',', ';']) >= 0 ? [path] : path.Split('.');
        for (int i = 1; i <= steps.Length && path.Length > 0; i++)
        {
            string at = string.Join('.', steps[..i]);
            _modules.Add(at);
            stack.Append(
                System.Globalization.CultureInfo.InvariantCulture, $";L__self__{at}{(i == steps.Length ? call : "")},{at},torch.nn.Module");
        }
        return stack.ToString();
    }

    private static byte[] Bytes(float[] values)
    {
        var bytes = new byte[values.Length * 4];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), values[i]);
        return bytes;
    }

    private static byte[] Bytes(long[] values)
    {
        var bytes = new byte[values.Length * 8];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * 8), values[i]);
        return bytes;
    }
}
