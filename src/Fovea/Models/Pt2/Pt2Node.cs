namespace Fovea.Models.Pt2;

/// <summary>A step of a program.</summary>
internal sealed class Pt2Node
{
    private readonly Dictionary<string, Pt2Argument> _arguments = new(StringComparer.Ordinal);

    /// <param name="json">The step as written.</param>
    /// <param name="rename">The names of values, for steps of a block that has others.</param>
    public Pt2Node(Pt2Json json, Func<string, string> rename)
    {
        Target = json["target"].Text();
        foreach (Pt2Json input in json["inputs"].Items())
            _arguments[input["name"].Text()] = Pt2Argument.Read(input["arg"]).Renamed(rename);
        Outputs = [.. json["outputs"].Items().Select(output => Pt2Argument.Read(output).Renamed(rename))];
        Pt2Json metadata = json.Optional("metadata");
        Stack = !metadata.IsNull && metadata.Optional("nn_module_stack") is { IsNull: false } stack ? stack.Text() : "";
    }

    /// <summary>A step that hands a value on under another name.</summary>
    private Pt2Node(string from, string to)
    {
        (Target, Outputs, Stack) = (AtenPrefix + "alias.default", [new Pt2Argument.Value(to)], "");
        _arguments["self"] = new Pt2Argument.Value(from);
    }

    public static Pt2Node Same(string from, string to) => new(from, to);

    /// <summary>The operator in full: <c>torch.ops.aten.conv2d.default</c>.</summary>
    public string Target { get; }

    /// <summary>Its arguments by the operator's own names; those at their default are left out.</summary>
    public IReadOnlyDictionary<string, Pt2Argument> Arguments => _arguments;

    /// <summary>What it makes.</summary>
    public IReadOnlyList<Pt2Argument> Outputs { get; }

    /// <summary>The modules it stands in, as written: <c>key,path,type;…</c>, the innermost last.</summary>
    public string Stack { get; }

    /// <summary>
    /// The operator's name without its overload, and without the mark of what works in place: <c>relu</c> of
    /// <c>torch.ops.aten.relu_.default</c>.
    /// </summary>
    public string Name => BareName.TrimEnd('_') is { Length: > 0 } name ? name : BareName;

    /// <summary>Whether it writes into its first argument.</summary>
    public bool InPlace => IsAten && BareName.EndsWith('_') && !BareName.StartsWith("__", StringComparison.Ordinal);

    /// <summary>Whether it looks at values and changes none: an assertion.</summary>
    public bool IsAssertion => IsAten && (BareName.StartsWith("_assert", StringComparison.Ordinal)
        || BareName.StartsWith("sym_constrain", StringComparison.Ordinal));

    /// <summary>Whether it writes into an argument of its own for that (<c>out=</c>).</summary>
    public bool WritesOut => Overload == "out" || Overload.EndsWith("_out", StringComparison.Ordinal);

    /// <summary>Whether it runs a program inside the program, which changes nothing outside.</summary>
    public bool IsHigherOrder => Target.Contains("higher_order", StringComparison.Ordinal);

    /// <summary>The overload: <c>default</c>, <c>Tensor</c>.</summary>
    public string Overload => IsAten && Target[AtenPrefix.Length..].Split('.') is [_, var overload, ..] ? overload : "";

    public bool IsAten => Target.StartsWith(AtenPrefix, StringComparison.Ordinal);

    /// <summary>Arithmetic of sizes: <c>_operator.mul</c>.</summary>
    public bool IsArithmetic =>
        Target.StartsWith("_operator.", StringComparison.Ordinal) || Target.StartsWith("operator.", StringComparison.Ordinal);

    private const string AtenPrefix = "torch.ops.aten.";

    private string BareName => IsAten ? Target[AtenPrefix.Length..].Split('.')[0] : Target[(Target.LastIndexOf('.') + 1)..];
}
