using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Fovea.Tests.Models.Pt2;

/// <summary>
/// A program of one or a few operators that PyTorch exported, its images and PyTorch's answer: operators.json.gz, made by
/// tests/reference/pt2_operators.py.
/// </summary>
/// <param name="Name">What it does.</param>
/// <param name="Images">The images, <c>[2, 3, 6, 6]</c>, as base64 of float32.</param>
/// <param name="Shape">Sizes of the answer.</param>
/// <param name="Answer">The answer, as base64 of float32.</param>
/// <param name="Entries">The archive's entries, but for stack traces and sample images: text as it is, numbers as base64.</param>
internal sealed record OperatorCase(string Name, string Images, long[] Shape, string Answer, Dictionary<string, string> Entries)
{
    private const string Binary = "base64:";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<OperatorCase> All { get; } = [.. Read()];

    /// <summary>Numbers of <see cref="Images"/> or <see cref="Answer"/>.</summary>
    public static float[] Numbers(string base64) => MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(base64)).ToArray();

    /// <summary>The archive's entries as bytes.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> Parts() => Entries.Select(entry =>
        entry.Key.StartsWith(Binary, StringComparison.Ordinal)
            ? (entry.Key[Binary.Length..], Convert.FromBase64String(entry.Value)) : (entry.Key, Encoding.UTF8.GetBytes(entry.Value)));

    /// <summary>Writes the archive.</summary>
    public void Save(string path)
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, bytes) in Parts())
        {
            using Stream stream = zip.CreateEntry($"network/{name}", CompressionLevel.NoCompression).Open();
            stream.Write(bytes);
        }
    }

    private static IEnumerable<OperatorCase> Read()
    {
        using Stream stream = typeof(OperatorCase).Assembly.GetManifestResourceStream("operators.json.gz")!;
        using var lines = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        while (lines.ReadLine() is { } line) yield return JsonSerializer.Deserialize<OperatorCase>(line, JsonSerializerOptions.Web)!;
    }
}
