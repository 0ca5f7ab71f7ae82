namespace Fovea.IO;

/// <summary>
/// Which fields a struct of Thrift may have, each of which kind. Readers that go by numbers alone take a field of another kind for the one they
/// know, lose their place and read on in what was never meant so.
/// </summary>
internal sealed class ThriftForm
{
    private const int Truth = 1, Untruth = 2, ListKind = 9;

    private readonly Dictionary<int, (int Kind, int Element, ThriftForm? Inner)> _fields = [];

    /// <summary>Fields of one kind: 3 a byte, 4 to 6 whole numbers, 8 bytes, 1 a truth.</summary>
    public ThriftForm With(int kind, params IEnumerable<int> fields)
    {
        foreach (int field in fields) _fields[field] = (kind, 0, null);
        return this;
    }

    /// <summary>A struct inside.</summary>
    public ThriftForm Struct(int field, ThriftForm inner)
    {
        _fields[field] = (12, 0, inner);
        return this;
    }

    /// <summary>A list of structs, or of values of another kind.</summary>
    public ThriftForm List(int field, int element, ThriftForm? inner = null)
    {
        _fields[field] = (ListKind, element, inner);
        return this;
    }

    /// <summary>Throws where a struct, or one inside, has a field that is not of the form, or one twice.</summary>
    /// <exception cref="FormatException">It has.</exception>
    public void Require(ThriftStruct read)
    {
        var seen = new HashSet<int>();
        foreach ((int field, int kind, int element) in read.Kinds)
        {
            if (!_fields.TryGetValue(field, out var known) || known.Kind != (kind == Untruth ? Truth : kind) || known.Element != element
                || !seen.Add(field))
                throw new FormatException("Its description has a field that tables do not have.");
            if (known.Inner is not { } inner) continue;
            if (kind != ListKind) inner.Require(read.Inner(field)!);
            else foreach (ThriftStruct one in read.Structs(field)) inner.Require(one);
        }
    }
}
