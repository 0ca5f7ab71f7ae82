using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Checkpoints;

/// <summary>
/// Writes safetensors files: 8 bytes of header length, a JSON header padded with spaces so that the data starts at a multiple of 8,
/// then the tensors' bytes without holes. The header keeps the order given; the data is laid out by falling element size, so that
/// every tensor is aligned to its elements. See docs/reference/checkpoints.md.
/// </summary>
public static class Safetensors
{
    /// <summary>
    /// Writes tensors of any device and layout, whole or not at all; one tensor at a time is copied where it is not contiguous.
    /// </summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="tensors">Tensors by name, written in this order.</param>
    /// <param name="metadata">Free words stored in the header, by name.</param>
    /// <exception cref="FoveaException">A tensor's type has no stored form, or the place cannot be written.</exception>
    public static void Write(
        string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Write(path, tensors.Select(pair => SafetensorsEntry.Of(pair.Key, pair.Value)), metadata);

    /// <summary>Writes entries, whole or not at all.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="entries">The tensors, listed in this order.</param>
    /// <param name="metadata">Free words stored in the header, by name.</param>
    /// <exception cref="ArgumentException">Two entries have one name, or an entry writes more or fewer bytes than it said.</exception>
    /// <exception cref="FoveaException">The place cannot be written.</exception>
    public static void Write(string path, IEnumerable<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata = null)
    {
        SafetensorsEntry[] listed = [.. entries];
        SafetensorsEntry[] laidOut = [.. listed.OrderByDescending(entry => entry.Type.SizeInBytes())];
        byte[] header = Header(listed, laidOut, metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (SafetensorsEntry entry in laidOut)
            {
                long start = stream.Position;
                entry.Write(stream);
                if (stream.Position - start != entry.Length)
                    throw new ArgumentException($"{entry.Name} wrote {stream.Position - start} bytes of {entry.Length}.", nameof(entries));
            }
        });
    }

    private static byte[] Header(SafetensorsEntry[] listed, SafetensorsEntry[] laidOut, IReadOnlyDictionary<string, string>? metadata)
    {
        var starts = new Dictionary<string, long>();
        long end = 0;
        foreach (SafetensorsEntry entry in laidOut)
        {
            if (!starts.TryAdd(entry.Name, end)) throw new ArgumentException($"Two tensors are called {entry.Name}.");
            end = checked(end + entry.Length);
        }

        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            foreach (SafetensorsEntry entry in listed) WriteEntry(json, entry, starts[entry.Name]);
            json.WriteEndObject();
        }
        while (buffer.WrittenCount % 8 != 0) buffer.Write(" "u8);
        byte[] header = buffer.WrittenSpan.ToArray();
        if (header.Length - 8 > SafetensorsHeader.MaximumLength)
            throw FoveaException.BadData(
                $"The names of {listed.Length} tensors fill more than the {SafetensorsHeader.MaximumLength} bytes a header may have.");
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - 8);
        return header;
    }

    private static void WriteEntry(Utf8JsonWriter json, SafetensorsEntry entry, long start)
    {
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", entry.Type.SafetensorsName());
        json.WriteStartArray("shape");
        foreach (long size in entry.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(start);
        json.WriteNumberValue(start + entry.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
