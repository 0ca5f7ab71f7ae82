using System.Text;

namespace Fovea.IO;

/// <summary>
/// A struct of Thrift's compact protocol, read as data: its fields by their numbers. Format: Apache Thrift, "Thrift Compact Protocol". Parquet
/// writes its footer and the headers of its pages in it.
/// </summary>
internal sealed class ThriftStruct
{
    private const int MostNesting = 24;

    private readonly Dictionary<int, object> _fields = [];
    private readonly List<(int Field, int Kind, int Element)> _kinds = [];

    /// <summary>Its fields in their order with the kinds of their values, and of the parts of lists (0 where it is none).</summary>
    public IReadOnlyList<(int Field, int Kind, int Element)> Kinds => _kinds;

    /// <summary>Reads a struct.</summary>
    /// <param name="bytes">What it begins.</param>
    /// <param name="length">How many bytes it takes.</param>
    /// <exception cref="EndOfStreamException">More bytes are needed.</exception>
    /// <exception cref="FormatException">The bytes are no such struct.</exception>
    public static ThriftStruct Read(ReadOnlySpan<byte> bytes, out int length)
    {
        var reader = new Reader(bytes);
        ThriftStruct read = reader.Struct(0);
        length = reader.Position;
        return read;
    }

    /// <summary>A number, or null.</summary>
    public long? Number(int field) => _fields.TryGetValue(field, out object? value) && value is long number ? number : null;

    /// <summary>A number that must be there.</summary>
    /// <exception cref="FormatException">It is not, or is not between the two.</exception>
    public long Number(int field, long least, long most) => Number(field) is { } number && number >= least && number <= most ? number
        : throw new FormatException($"a number of its description is missing or cannot be ({Number(field)})");

    /// <summary>A truth, or null.</summary>
    public bool? Truth(int field) => _fields.TryGetValue(field, out object? value) && value is bool truth ? truth : null;

    /// <summary>A text, or null.</summary>
    public string? Text(int field) => _fields.TryGetValue(field, out object? value) && value is byte[] text ? Encoding.UTF8.GetString(text) : null;

    /// <summary>A struct inside, or null.</summary>
    public ThriftStruct? Inner(int field) => _fields.GetValueOrDefault(field) as ThriftStruct;

    /// <summary>A list of structs; empty where there is none.</summary>
    public IEnumerable<ThriftStruct> Structs(int field) => (_fields.GetValueOrDefault(field) as List<object> ?? []).OfType<ThriftStruct>();

    /// <summary>A list of texts; empty where there is none.</summary>
    public IEnumerable<string> Texts(int field) =>
        (_fields.GetValueOrDefault(field) as List<object> ?? []).OfType<byte[]>().Select(Encoding.UTF8.GetString);

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private CompactReader _bytes = new(bytes);

        public readonly int Position => _bytes.Position;

        public ThriftStruct Struct(int depth)
        {
            var read = new ThriftStruct();
            int field = 0;
            while (true)
            {
                byte head = _bytes.Byte();
                if (head == 0) return read;
                int kind = head & 15, step = head >> 4;
                field = step != 0 ? field + step : (int)_bytes.Signed();
                read._kinds.Add((field, kind, kind is 9 or 10 ? _bytes.Ahead & 15 : 0));
                read._fields[field] = kind is 1 or 2 ? kind == 1 : Value(kind, depth);
            }
        }

        // Lists lie in lists for a byte each: without a limit the stack would end.
        private object Value(int kind, int depth) => depth > MostNesting ? throw new FormatException("its description lies too deep in itself") : kind switch
        {
            1 or 2 => _bytes.Byte() == 1,
            3 => (long)(sbyte)_bytes.Byte(),
            4 or 5 or 6 => _bytes.Signed(),
            7 => BitConverter.Int64BitsToDouble(BitConverter.ToInt64(_bytes.Take(8))),
            8 => _bytes.Take((int)Math.Min(_bytes.Unsigned(), int.MaxValue)).ToArray(),
            9 or 10 => List(depth),
            11 => Map(depth),
            12 => Struct(depth + 1),
            _ => throw new FormatException($"its description holds a value of kind {kind}"),
        };

        private List<object> List(int depth)
        {
            byte head = _bytes.Byte();
            int kind = head & 15;
            ulong count = (ulong)(head >> 4);
            if (count == 15) count = _bytes.Unsigned();
            // Each entry takes a byte or more: a count that the bytes cannot hold is refused before anything is made.
            if (count > (ulong)_bytes.Left) throw new EndOfStreamException("a list is longer than what holds it");
            var list = new List<object>((int)count);
            for (ulong i = 0; i < count; i++) list.Add(Value(kind, depth + 1));
            return list;
        }

        private List<object> Map(int depth)
        {
            ulong count = _bytes.Unsigned();
            if (count > (ulong)_bytes.Left) throw new EndOfStreamException("a map is longer than what holds it");
            byte kinds = count == 0 ? (byte)0 : _bytes.Byte();
            var all = new List<object>();
            for (ulong i = 0; i < count; i++)
            {
                all.Add(Value(kinds >> 4, depth + 1));
                all.Add(Value(kinds & 15, depth + 1));
            }
            return all;
        }
    }
}
