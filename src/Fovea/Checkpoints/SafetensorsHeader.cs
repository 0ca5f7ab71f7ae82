using System.Text.Json;

namespace Fovea.Checkpoints;

/// <summary>Reads the JSON header of a safetensors file and believes nothing of it that the file's size does not bear out.</summary>
internal sealed class SafetensorsHeader
{
    public const string MetadataKey = "__metadata__";
    public const int MaximumLength = 100_000_000;

    private readonly string _path;

    private SafetensorsHeader(string path) => _path = path;

    public Dictionary<string, string> Metadata { get; } = [];

    public OrderedDictionary<string, SafetensorsTensor> Tensors { get; } = [];

    /// <summary>Bytes of a tensor; false where a size is negative or the product does not fit, even if another size is 0.</summary>
    public static bool TryCountBytes(ElementType type, IEnumerable<long> shape, out long bytes)
    {
        (bytes, bool empty) = (type.SizeInBytes(), false);
        foreach (long size in shape)
        {
            if (size < 0 || size > long.MaxValue / bytes) return false;
            if (size == 0) empty = true;
            else bytes *= size;
        }
        if (empty) bytes = 0;
        return true;
    }

    /// <exception cref="FoveaException">The header is not JSON of the format's form, or does not describe exactly
    /// <paramref name="dataLength"/> bytes.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafetensorsHeader(path);
        try
        {
            header.Read(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw header.Bad($"its header is not JSON of the safetensors form ({e.Message})");
        }
        header.CheckLayout(dataLength);
        return header;
    }

    private void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        reader.Read();
        Expect(ref reader, JsonTokenType.StartObject, "header");
        while (NextName(ref reader) is { } name)
        {
            if (name == MetadataKey) ReadMetadata(ref reader);
            else if (!Tensors.TryAdd(name, ReadTensor(ref reader, name))) throw Bad($"its header lists {name} twice");
        }
        if (reader.Read()) throw Bad("its header goes on after its end");
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (Metadata.Count > 0) throw Bad($"its header lists {MetadataKey} twice");
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey);
        while (NextName(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey}.{key}");
            if (!Metadata.TryAdd(key, reader.GetString()!)) throw Bad($"its header lists {MetadataKey}.{key} twice");
        }
    }

    private SafetensorsTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, name);
        (string? dtype, List<long>? shape, List<long>? offsets) = (null, null, null);
        while (NextName(ref reader) is { } key)
        {
            switch (key)
            {
                case "dtype" when dtype is null:
                    Expect(ref reader, JsonTokenType.String, $"{name}.dtype");
                    dtype = reader.GetString();
                    break;
                case "shape" when shape is null: shape = ReadIntegers(ref reader, $"{name}.shape"); break;
                case "data_offsets" when offsets is null: offsets = ReadIntegers(ref reader, $"{name}.data_offsets"); break;
                default: throw Bad($"its header gives {name} the field {key}, which the format does not have or which was given before");
            }
        }
        if (dtype is null || shape is null || offsets is not { Count: 2 })
            throw Bad($"its header lacks dtype, shape or two data_offsets of {name}");
        if (!ElementTypes.TryParseSafetensors(dtype, out ElementType type))
            throw Bad($"tensor {name} has the type {dtype}, which is not supported");
        if (!TryCountBytes(type, shape, out long length)) throw Bad($"tensor {name} cannot have the shape [{string.Join(", ", shape)}]");
        var (begin, end) = (offsets[0], offsets[1]);
        if (begin < 0 || end < begin || end - begin != length)
            throw Bad($"tensor {name} of type {dtype} and shape [{string.Join(", ", shape)}] needs {length} bytes, but its data_offsets "
                + $"are {begin} to {end}");
        return new SafetensorsTensor(name, type, shape, begin, length);
    }

    /// <summary>The tensors must cover the data exactly once: no hole to hide something in, no byte read as two tensors.</summary>
    private void CheckLayout(long dataLength)
    {
        long end = 0;
        foreach (SafetensorsTensor tensor in Tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.Length))
        {
            if (tensor.Offset > end) throw Bad($"{tensor.Offset - end} bytes before tensor {tensor.Name} belong to no tensor");
            if (tensor.Offset < end) throw Bad($"tensor {tensor.Name} overlaps the one before it by {end - tensor.Offset} bytes");
            if (tensor.Length > dataLength - tensor.Offset)
                throw Bad($"tensor {tensor.Name} ends at byte {tensor.Offset + (decimal)tensor.Length} of the data, but only "
                    + $"{dataLength} are there: it is cut short");
            end = tensor.Offset + tensor.Length;
        }
        if (end != dataLength) throw Bad($"its header describes {end} bytes of data, but the file holds {dataLength}");
    }

    private List<long> ReadIntegers(ref Utf8JsonReader reader, string what)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value))
                throw Bad($"{what} holds something that is not an integer");
            values.Add(value);
        }
        return values;
    }

    /// <summary>The next property's name with the reader on its value; null at the object's end.</summary>
    private static string? NextName(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject) return null;
        string name = reader.GetString()!;
        reader.Read();
        return name;
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType token, string what)
    {
        if (reader.TokenType != token) throw Bad($"in its header, {what} is {reader.TokenType} where {token} is expected");
    }

    private FoveaException Bad(string why) =>
        FoveaException.BadData($"{_path} is not a sound safetensors file: {why}. Fetch or export it again.");
}
