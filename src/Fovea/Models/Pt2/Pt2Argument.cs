namespace Fovea.Models.Pt2;

/// <summary>An argument of a step, or what a step makes.</summary>
internal abstract record Pt2Argument
{
    private Pt2Argument()
    {
    }

    /// <summary>A tensor, or a size that is calculated, by name.</summary>
    public sealed record Value(string Name) : Pt2Argument;

    /// <summary>Several; an empty name is an absent one.</summary>
    public sealed record Values(IReadOnlyList<string> Names) : Pt2Argument;

    /// <summary>Nothing.</summary>
    public sealed record None : Pt2Argument;

    /// <summary>Whole numbers, one of them or a list; names where a size is calculated.</summary>
    public sealed record Sizes(IReadOnlyList<(long Length, string? Name)> Items, bool IsList) : Pt2Argument;

    /// <summary>Numbers, one of them or a list.</summary>
    public sealed record Numbers(IReadOnlyList<double> Items, bool IsList) : Pt2Argument;

    public sealed record Flag(bool On) : Pt2Argument;

    public sealed record Text(string Word) : Pt2Argument;

    /// <summary>A type of numbers, by the schema's number.</summary>
    public sealed record Type(long Number) : Pt2Argument;

    /// <summary>Something that no operation here takes, by the schema's word: a graph, an object.</summary>
    public sealed record Other(string Kind) : Pt2Argument;

    /// <summary>The same with other names for values.</summary>
    public Pt2Argument Renamed(Func<string, string> rename) => this switch
    {
        Value value => new Value(rename(value.Name)),
        Values values => new Values([.. values.Names.Select(name => name.Length == 0 ? name : rename(name))]),
        Sizes sizes => sizes with { Items = [.. sizes.Items.Select(item => (item.Length, item.Name is null ? null : rename(item.Name)))] },
        _ => this,
    };

    /// <summary>The names of the values in it.</summary>
    public IEnumerable<string> ValueNames => this switch
    {
        Value value => [value.Name],
        Values values => values.Names,
        Sizes { Items: [(_, { } name)] } => [name],
        _ => [],
    };

    public static Pt2Argument Read(Pt2Json json)
    {
        var (kind, value) = json.Union();
        switch (kind)
        {
            case "as_tensor":
                return new Value(value["name"].Text());
            case "as_optional_tensor":
                return Optional(value) is { Length: > 0 } name ? new Value(name) : new None();
            case "as_tensors":
                return new Values([.. value.Items().Select(item => item["name"].Text())]);
            case "as_optional_tensors":
                return new Values([.. value.Items().Select(Optional)]);
            case "as_none":
                return new None();
            case "as_int":
                return new Sizes([(value.Integer(), null)], false);
            case "as_ints":
                return new Sizes([.. value.Items().Select(item => (item.Integer(), (string?)null))], true);
            case "as_sym_int":
                return new Sizes([Symbolic(value)], false);
            case "as_sym_ints":
                return new Sizes([.. value.Items().Select(Symbolic)], true);
            case "as_float":
                return new Numbers([value.Number()], false);
            case "as_floats":
                return new Numbers([.. value.Items().Select(item => item.Number())], true);
            case "as_bool":
                return new Flag(value.Flag());
            case "as_string":
                return new Text(value.Text());
            case "as_scalar_type":
                return new Type(value.Integer());
            default:
                return new Other(kind);
        }
    }

    private static string Optional(Pt2Json json) => json.Union() is ("as_tensor", var tensor) ? tensor["name"].Text() : "";

    private static (long, string?) Symbolic(Pt2Json json) => json.Union() switch
    {
        ("as_int", var number) => (number.Integer(), null),
        ("as_name", var name) => (0, name.Text()),
        var (other, _) => throw json.Bad($"is a size of the kind {other}"),
    };
}
