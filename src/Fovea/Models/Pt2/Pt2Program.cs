using System.Globalization;
using Fovea.Checkpoints;

namespace Fovea.Models.Pt2;

/// <summary>
/// A program as <c>torch.export</c> writes it down (schema 8): what goes in, the steps, what comes out. Read off the JSON and not
/// interpreted yet.
/// </summary>
internal sealed class Pt2Program
{
    private const long Schema = 8;
    private const int MostDimensions = 64;

    /// <summary>Bytes of the whole file, weights and all.</summary>
    public long Bytes { get; init; }

    /// <param name="json"><c>model.json</c>, in the older form <c>serialized_exported_program.json</c>.</param>
    /// <exception cref="FoveaException">It is not as the schema has it, or of another one.</exception>
    public Pt2Program(Pt2Json json)
    {
        long major = json["schema_version"]["major"].Integer();
        if (major != Schema)
        {
            throw json["schema_version"].Bad($"says {major}: the schema of PyTorch 2.5 to 2.14 is {Schema}, and no other is read");
        }
        TorchVersion = json.Optional("torch_version") is { IsNull: false } version ? version.Text() : "";
        Pt2Json module = json["graph_module"], graph = module["graph"];
        foreach (var (name, meta) in graph["tensor_values"].Members()) Shapes[name] = ReadSizes(meta["sizes"]);
        foreach (var (name, meta) in graph["tensor_values"].Members()) Types[name] = (int)meta["dtype"].Integer();
        var blocks = new Pt2Blocks(Shapes, Types);
        Nodes = [.. blocks.Read(graph["nodes"])];
        Automatic = blocks.Automatic;
        Inputs = [.. module["signature"]["input_specs"].Items().Select(ReadInput)];
        Outputs = [.. module["signature"]["output_specs"].Items().Select(spec => spec.Union()).Where(spec => spec.Kind is "user_output")
            .Select(spec => Pt2Argument.Read(spec.Value["arg"]))];
        ModulePaths = [.. module["module_call_graph"].Items().Select(call => call["fqn"].Text())];
        OutputNames = NamesOf(module["module_call_graph"], Outputs.Count);
    }

    /// <summary>The PyTorch that wrote it; empty where it does not say.</summary>
    public string TorchVersion { get; }

    /// <summary>Sizes of every tensor by name; null for those that depend on what is run.</summary>
    public Dictionary<string, Pt2Size[]> Shapes { get; } = new(StringComparer.Ordinal);

    /// <summary>Types of numbers of every tensor, by the schema's own numbers.</summary>
    public Dictionary<string, int> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>The steps in order.</summary>
    public IReadOnlyList<Pt2Node> Nodes { get; }

    /// <summary>Types that blocks under automatic precision are calculated in by PyTorch.</summary>
    public IReadOnlyCollection<ElementType> Automatic { get; }

    /// <summary>What goes in: parameters, buffers, constants, images.</summary>
    public IReadOnlyList<Pt2Input> Inputs { get; }

    /// <summary>What comes out for the user.</summary>
    public IReadOnlyList<Pt2Argument> Outputs { get; }

    /// <summary>A name for each of <see cref="Outputs"/>: a dictionary's keys, otherwise <c>output</c> or <c>output0</c> ….</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>The modules by path.</summary>
    public HashSet<string> ModulePaths { get; }

    /// <summary>Whether the number of images is one where the file leaves it open.</summary>
    public bool IsForOne { get; private set; }

    /// <summary>Lets the number of images be one where it is open, in the sizes of all tensors.</summary>
    public void TakeOneImage()
    {
        string? images = Inputs.Where(input => input.Kind == "user_input").Select(input => Shapes.GetValueOrDefault(input.Value))
            .Select(shape => shape is [{ Length: null, Expression.Length: > 0 } first, ..] ? first.Expression : null).FirstOrDefault(one => one is not null);
        if (images is null) return;
        IsForOne = true;
        foreach (Pt2Size[] shape in Shapes.Values)
            for (int i = 0; i < shape.Length; i++) shape[i] = shape[i].For(images);
    }

    /// <summary>The type of a schema's number; null for those without tensors here.</summary>
    public static ElementType? TypeOf(long number) => number switch
    {
        1 => ElementType.U8,
        2 => ElementType.I8,
        3 => ElementType.I16,
        4 => ElementType.I32,
        5 => ElementType.I64,
        6 => ElementType.F16,
        7 => ElementType.F32,
        8 => ElementType.F64,
        12 => ElementType.Bool,
        13 => ElementType.BF16,
        _ => null,
    };

    /// <summary>Sizes that are all known.</summary>
    public static Pt2Size[] ReadSizes(Pt2Json sizes)
    {
        var items = sizes.Items();
        return items.Count <= MostDimensions ? [.. items.Select(Pt2Size.Read)] : throw sizes.Bad($"has {items.Count} dimensions");
    }

    private static Pt2Input ReadInput(Pt2Json spec)
    {
        var (kind, value) = spec.Union();
        string Name() => value["arg"]["name"].Text();
        return kind switch
        {
            "parameter" => new Pt2Input(kind, Name(), value["parameter_name"].Text()),
            "buffer" => new Pt2Input(kind, Name(), value["buffer_name"].Text()),
            "tensor_constant" => new Pt2Input(kind, Name(), value["tensor_constant_name"].Text()),
            "user_input" => Pt2Argument.Read(value["arg"]) is Pt2Argument.Value argument
                ? new Pt2Input(kind, argument.Name, "") : new Pt2Input("constant_input", "", ""),
            // A default that the exporter froze.
            "constant_input" => new Pt2Input(kind, "", ""),
            "custom_obj" => new Pt2Input(kind, Name(), value.Optional("custom_obj_name") is { IsNull: false } name ? name.Text() : ""),
            _ => new Pt2Input(kind, "", ""),
        };
    }

    /// <summary>
    /// A name for each output from the description of what the network returns, which is JSON in a string: the keys of dictionaries, the
    /// places in lists (<c>features.0</c>); of a list alone <c>output0</c>, <c>output1</c> ….
    /// </summary>
    private static IReadOnlyList<string> NamesOf(Pt2Json calls, int count)
    {
        string[] numbers = count == 1 ? ["output"] : [.. Enumerable.Range(0, count).Select(i => $"output{i}")];
        if (calls.Items().FirstOrDefault() is not { IsNull: false } root || root.Optional("signature") is not { IsNull: false } signature)
            return numbers;
        if (signature.Optional("out_spec") is not { IsNull: false } spec) return numbers;
        try
        {
            Pt2Json tree = Parsed(spec).Items()[1];
            if (Keys(tree, tree.Optional("children_spec")) is null) return numbers;
            string[] names = [.. Leaves(tree, "")];
            return names.Length == count && names.Distinct().Count() == count ? names : numbers;
        }
        catch (Exception e) when (e is FoveaException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return numbers;
        }

        static Pt2Json Parsed(Pt2Json text) => Pt2Json.Parse(System.Text.Encoding.UTF8.GetBytes(text.Text()), "", "out_spec");

        // A dictionary's keys, also those of kinds of dictionaries; null of what has none.
        static string[]? Keys(Pt2Json node, Pt2Json children)
        {
            if (node["type"].IsNull || node.Optional("context").IsNull || !node["context"].Text().StartsWith("[\"", StringComparison.Ordinal)) return null;
            string[] keys = [.. Parsed(node["context"]).Items().Select(key => key.Text())];
            return keys.Length == children.Items().Count ? keys : null;
        }

        static IEnumerable<string> Leaves(Pt2Json node, string name)
        {
            if (node["type"].IsNull) return [name];
            Pt2Json children = node["children_spec"];
            string[]? keys = Keys(node, children);
            return children.Items().SelectMany((child, i) =>
                Leaves(child, (name.Length == 0 ? "" : name + ".") + (keys?[i] ?? i.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        }
    }
}

/// <summary>Something that goes into a program.</summary>
/// <param name="Kind">The schema's word: parameter, buffer, tensor_constant, user_input, constant_input, custom_obj, token.</param>
/// <param name="Value">Its name in the steps.</param>
/// <param name="Name">Its name in the file: <c>conv1.weight</c>.</param>
internal sealed record Pt2Input(string Kind, string Value, string Name);

/// <summary>A size: a number, or an expression of symbols with the value it had when the network was exported.</summary>
/// <param name="Length">The number; null for an expression.</param>
/// <param name="Expression">As written, for instance <c>Symbol('s77', positive=True, integer=True)</c>.</param>
/// <param name="Hint">Its value at export, where the file says one.</param>
internal readonly record struct Pt2Size(long? Length, string Expression, long? Hint)
{
    /// <summary>The number, or the one at export.</summary>
    public long? AtExport => Length ?? Hint;

    /// <summary>The size where what an expression stands for is one.</summary>
    public Pt2Size For(string one)
    {
        if (Length is not null) return this;
        if (Expression == one) return new Pt2Size(1, "", null);
        string before = "Mul(Integer(", behind = $"), {one})";
        return Expression.StartsWith(before, StringComparison.Ordinal) && Expression.EndsWith(behind, StringComparison.Ordinal)
            && long.TryParse(Expression.AsSpan(before.Length, Math.Max(0, Expression.Length - before.Length - behind.Length)), NumberStyles.None,
                CultureInfo.InvariantCulture, out long times) ? new Pt2Size(times, "", null) : this;
    }

    public static Pt2Size Read(Pt2Json json)
    {
        var (kind, value) = json.Union();
        if (kind == "as_int") return new Pt2Size(value.Integer(), "", null);
        if (kind != "as_expr") throw json.Bad($"is a size of the kind {kind}");
        Pt2Json hint = value.Optional("hint");
        long? number = null;
        if (!hint.IsNull && hint.Union() is ("as_int", var known)) number = known.Integer();
        return new Pt2Size(null, value["expr_str"].Text(), number);
    }
}
