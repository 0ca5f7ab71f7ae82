using System.Buffers.Binary;
using Fovea.Checkpoints;
using Fovea.IO;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// Makes tensors of what a file holds. Sizes must be those of the numbers that are there, which is known before memory is asked for; all
/// tensors together may take twice what the file and those beside it have.
/// </summary>
internal sealed class OnnxTensors(ProtoReader reader, string path) : IDisposable
{
    private const long Allowance = 1 << 20;
    private readonly Dictionary<OnnxTensor, Tensor> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, FileStream> _outside = new(StringComparer.Ordinal);
    private long _bytes, _limit = 2 * reader.Length + Allowance;

    /// <summary>Types of floating-point numbers that became single ones.</summary>
    public SortedSet<string> Converted { get; } = new(StringComparer.Ordinal);

    /// <summary>The tensor; it belongs to the dispose scope in which it is asked for first.</summary>
    public Tensor Read(OnnxTensor tensor) => _known.TryGetValue(tensor, out Tensor? known) ? known : _known[tensor] = Make(tensor);

    public void Dispose()
    {
        foreach (FileStream stream in _outside.Values) stream.Dispose();
    }

    private Tensor Make(OnnxTensor tensor)
    {
        if (tensor.IsSegment) throw Bad(tensor, "is kept in pieces, which is not read");
        if (OnnxTypes.Of(tensor.Type) is not { } type)
            throw Bad(tensor, $"is of the type {OnnxTypes.Name(tensor.Type)}, which is not read");
        // As the widest type, since what is made of the numbers on the way may be wider.
        if (!SafetensorsHeader.TryCountBytes(ElementType.F64, tensor.Sizes, out long bytes))
            throw Bad(tensor, $"has impossible sizes [{string.Join(", ", tensor.Sizes)}]");
        Tensor made = Numbers(tensor, type, bytes / sizeof(double));
        if (!type.IsFloatingPoint() || type == ElementType.F32) return made;
        Converted.Add(type.TorchName());
        return made.to(float32);
    }

    private Tensor Numbers(OnnxTensor tensor, ElementType type, long count)
    {
        long bytes = count * type.SizeInBytes();
        if (tensor.IsOutside) return Outside(tensor, type, count, bytes);
        if (tensor.Raw is { } raw && (raw.Length > 0 || count == 0))
        {
            if (raw.Length != bytes) throw Wrong(tensor, count, raw.Length / type.SizeInBytes());
            return Filled(tensor, type, count, (offset, to) => reader.ReadAt(new ByteRange(raw.Offset + offset, to.Length), to));
        }
        int field = type switch
        {
            ElementType.F32 => 4,
            ElementType.I64 => 7,
            ElementType.F64 => 10,
            ElementType.U32 or ElementType.U64 => 11,
            _ => 5,
        };
        if (tensor.Packed.Any(packed => packed.Field != field))
            throw Bad(tensor, $"keeps its numbers in a list of another type than {type.TorchName()}");
        if (field is 4 or 10 && tensor.Packed is [(_, var range)] && tensor.Numbers.Count == 0)
        {
            if (range.Length != bytes) throw Wrong(tensor, count, range.Length / type.SizeInBytes());
            return Filled(tensor, type, count, (offset, to) => reader.ReadAt(new ByteRange(range.Offset + offset, to.Length), to));
        }
        return field is 4 or 10 ? Singles(tensor, count) : Wholes(tensor, type, count);
    }

    private Tensor Singles(OnnxTensor tensor, long count)
    {
        if (tensor.Packed.Count > 0 || tensor.Numbers.Count != count) throw Wrong(tensor, count, tensor.Numbers.Count);
        return torch.tensor(tensor.Numbers.ToArray(), [.. tensor.Sizes]);
    }

    private Tensor Wholes(OnnxTensor tensor, ElementType type, long count)
    {
        long most = tensor.Wholes.Count + tensor.Packed.Sum(packed => packed.Range.Length);
        if (count > most) throw Wrong(tensor, count, most);
        Reserve(tensor, count * sizeof(long));
        List<long> numbers = new((int)Math.Min(count, 1 << 20));
        numbers.AddRange(tensor.Wholes);
        foreach (var (_, range) in tensor.Packed) reader.Wholes(range, numbers, (int)Math.Min(count, int.MaxValue - 64));
        if (numbers.Count != count) throw Wrong(tensor, count, numbers.Count);
        long[] sizes = [.. tensor.Sizes];
        if (type is ElementType.F16 or ElementType.BF16)
        {
            // The numbers' bits.
            return torch.tensor(
                [.. numbers.Select(bits => type == ElementType.F16 ? (float)BitConverter.UInt16BitsToHalf((ushort)bits)
                    : BitConverter.Int32BitsToSingle((int)(ushort)bits << 16))], sizes);
        }
        return torch.tensor(numbers.ToArray(), sizes).to(Here(type));
    }

    private Tensor Outside(OnnxTensor tensor, ElementType type, long count, long bytes)
    {
        string location = tensor.Outside.GetValueOrDefault("location", "");
        if (!IsBeside(location)) throw Bad(tensor, $"lies in '{location}', which is not beside it");
        long offset = At(tensor, "offset", 0), length = At(tensor, "length", bytes);
        FileStream file = File(tensor, location);
        if (length != bytes) throw Wrong(tensor, count, length / type.SizeInBytes());
        if (offset > file.Length || bytes > file.Length - offset)
            throw Bad(tensor,
                $"reaches to byte {offset + (Int128)bytes} of {file.Length} in {location} (truncated, or of another export?)");
        return Filled(tensor, type, count, (from, to) =>
        {
            for (int read = 0; read < to.Length;)
            {
                int more = RandomAccess.Read(file.SafeFileHandle, to[read..], offset + from + read);
                if (more == 0) throw Bad(tensor, $"lies in {location}, which became shorter while it was read");
                read += more;
            }
        });
    }

    /// <summary>Whether a file's place is in the network's own folder.</summary>
    public static bool IsBeside(string location) => location.Length > 0 && !Path.IsPathRooted(location) && !location.Contains('\\')
        && !location.Contains(':') && !location.Split('/').Contains("..") && !location.Contains('\0');

    private FileStream File(OnnxTensor tensor, string location)
    {
        if (_outside.TryGetValue(location, out FileStream? known)) return known;
        string network = Path.GetFullPath(path), file = Path.Combine(Path.GetDirectoryName(network)!, location);
        // A link is a way out of the folder like "..". Where both files are links into one folder, as in a store of downloads, they lie
        // beside each other all the same.
        if (RealPath.Of(file) is not { } real || !Within(real, Path.GetDirectoryName(network)!) && !Within(real, FolderOf(network)))
            throw Bad(tensor, $"lies in '{location}', a link out of its folder: put the file itself there");
        try
        {
            FileStream opened = _outside[location] = PlainFile.OpenRead(file, 1);
            _limit += 2 * opened.Length;
            return opened;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw FoveaException.BadData($"{path} has its tensor {tensor.Name} in {file}, which cannot be read ({e.Message.TrimEnd('.')}). "
                + "Both files belong together: keep the second beside the first, under the name that it had.", e);
        }
    }

    private static string FolderOf(string network) => Path.GetDirectoryName(RealPath.Of(network) ?? network)!;

    private static bool Within(string real, string folder) =>
        real.StartsWith((RealPath.Of(folder) ?? folder).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private long At(OnnxTensor tensor, string key, long fallback)
    {
        if (!tensor.Outside.TryGetValue(key, out string? text)) return fallback;
        return long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out long number) && number >= 0
            ? number : throw Bad(tensor, $"has the {key} '{text}'");
    }

    private delegate void Source(long offset, Span<byte> to);

    private Tensor Filled(OnnxTensor tensor, ElementType type, long count, Source source)
    {
        Reserve(tensor, count * type.SizeInBytes());
        long[] sizes = [.. tensor.Sizes];
        if (type is ElementType.U16 or ElementType.U32 or ElementType.U64) return Unsigned(type, count, source).reshape(sizes);
        Tensor made = empty(sizes, dtype: type == ElementType.Bool ? uint8 : type.ToScalarType());
        long offset = 0;
        TensorBytes.Fill(made, to =>
        {
            source(offset, to);
            offset += to.Length;
        });
        // Any byte but 0 is true; libtorch counts on 1.
        return type == ElementType.Bool ? made.ne(0) : made;
    }

    private static Tensor Unsigned(ElementType type, long count, Source source)
    {
        byte[] bytes = new byte[checked((int)(count * type.SizeInBytes()))];
        source(0, bytes);
        var numbers = new long[count];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = type switch
            {
                ElementType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i)),
                ElementType.U32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * i)),
                _ => (long)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8 * i)),
            };
        }
        return tensor(numbers).to(Here(type));
    }

    private static ScalarType Here(ElementType type) => type switch
    {
        ElementType.U16 => ScalarType.Int32,
        ElementType.U32 or ElementType.U64 => ScalarType.Int64,
        _ => type.ToScalarType(),
    };

    private void Reserve(OnnxTensor tensor, long bytes)
    {
        if (bytes > _limit - _bytes) throw Bad(tensor, "and those before it would unfold to more than twice what the file holds");
        _bytes += bytes;
    }

    private FoveaException Wrong(OnnxTensor tensor, long count, long there) =>
        Bad(tensor, $"is [{string.Join(", ", tensor.Sizes)}], {count} numbers, and {there} are there");

    private FoveaException Bad(OnnxTensor tensor, string why) =>
        reader.Bad($"its tensor {(tensor.Name.Length == 0 ? "without a name" : tensor.Name)} {why}");
}
