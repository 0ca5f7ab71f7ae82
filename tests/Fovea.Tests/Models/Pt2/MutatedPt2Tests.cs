using System.Text;
using Fovea.Numerics;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Models.Pt2;

/// <summary>Exported programs with changed bytes: <see cref="Mutations"/>.</summary>
public sealed class MutatedPt2Tests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-mutated-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Changed_bytes_never_crash_the_reader()
    {
        ProgramFile[] files = [SmallPrograms.Classifier(), SmallPrograms.Classifier(training: true), SmallPrograms.Classifier(2),
            SmallPrograms.WholeNumbers(8)];
        (string, byte[])[][] parts = [.. files.Select(file => file.Parts().ToArray())];
        byte[][] wholes = [.. files.Select((file, i) => File.ReadAllBytes(file.Save(_root, $"whole{i}")))];
        string path = Path.Combine(_root, "mutated.pt2");
        Mutations.Read(path, random =>
        {
            int which = (int)(random.NextUInt64() % (ulong)files.Length);
            if (random.NextUInt64() % 4 == 0) File.WriteAllBytes(path, Bytes(wholes[which], random));
            else Rebuilt(path, parts[which], random);
        });
    }

    /// <summary>Each of PyTorch's operators that is known, with arguments and sizes that are not what they were.</summary>
    [Fact]
    public void Changed_arguments_of_operators_never_crash_the_reader()
    {
        (string, byte[])[][] parts = [.. OperatorCase.All.Select(one => one.Parts().ToArray())];
        string path = Path.Combine(_root, "operator.pt2");
        Mutations.Read(path, random => Rebuilt(path, parts[random.NextUInt64() % (ulong)parts.Length], random));
    }

    /// <summary>The archive with changed, cut or repeated bytes: mostly the zip's own structure is hit.</summary>
    private static byte[] Bytes(byte[] whole, CounterRandom random)
    {
        byte[] bytes = [.. whole];
        for (int k = (int)(random.NextUInt64() % 8); k >= 0; k--)
        {
            // The directory at the end is where an archive's lies are.
            int span = random.NextUInt64() % 2 == 0 ? bytes.Length : Math.Min(bytes.Length, 1500);
            int at = bytes.Length - 1 - (int)(random.NextUInt64() % (ulong)span);
            bytes[at] = (random.NextUInt64() % 4) switch
            {
                0 => 0,
                1 => 255,
                2 => (byte)(bytes[at] ^ (1 << (int)(random.NextUInt64() % 8))),
                _ => (byte)random.NextUInt64()
            };
        }
        return random.NextUInt64() % 8 == 0 ? bytes[..(int)(random.NextUInt64() % (ulong)bytes.Length)] : bytes;
    }

    /// <summary>A sound archive around changed parts: words and numbers of the program, the list of weights, raw bytes.</summary>
    private static void Rebuilt(string path, (string Name, byte[] Bytes)[] parts, CounterRandom random)
    {
        // Most of the time what is read first must stay sound, so that what is read last is reached.
        int target = (int)(random.NextUInt64() % 3) switch
        {
            0 => (int)(random.NextUInt64() % (ulong)parts.Length),
            1 => Find(parts, "weights_config.json"),
            _ => Find(parts, "model.json")
        };
        using var zip = new System.IO.Compression.ZipArchive(File.Create(path), System.IO.Compression.ZipArchiveMode.Create);
        for (int i = 0; i < parts.Length; i++)
        {
            byte[] bytes = parts[i].Bytes;
            if (i == target)
                bytes = parts[i].Name.EndsWith(".json", StringComparison.Ordinal)
                    ? Text(bytes, random) : Bytes(bytes.Length == 0 ? [0] : bytes, random);
            using Stream stream = zip.CreateEntry($"net/{parts[i].Name}", System.IO.Compression.CompressionLevel.NoCompression).Open();
            stream.Write(bytes);
        }
    }

    private static int Find((string Name, byte[] Bytes)[] parts, string name) =>
        Array.FindIndex(parts, part => part.Name.EndsWith(name, StringComparison.Ordinal));

    /// <summary>JSON with words replaced by other words of it, numbers by extreme ones, pieces cut out, doubled or exchanged.</summary>
    private static byte[] Text(byte[] bytes, CounterRandom random)
    {
        string text = Encoding.UTF8.GetString(bytes);
        string[] extremes =
            ["0", "-1", "1", "2", "7", "4096", "65536", "2147483647", "4294967296", "9223372036854775807", "-9223372036854775808", "1e308",
                "\"NaN\"", "null", "[]", "{}", "true", "0.5"];
        for (int k = (int)(random.NextUInt64() % 3); k >= 0; k--)
        {
            int at = (int)(random.NextUInt64() % (ulong)text.Length);
            switch (random.NextUInt64() % 6)
            {
                case 0 or 1: // a number
                    while (at < text.Length && !char.IsAsciiDigit(text[at])) at++;
                    int end = at;
                    while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] is '.' or '-')) end++;
                    if (at < end) text = text[..at] + extremes[random.NextUInt64() % (ulong)extremes.Length] + text[end..];
                    break;
                case 2 or 3: // a word by another word
                    var (from, to) = (Word(text, at), Word(text, (int)(random.NextUInt64() % (ulong)text.Length)));
                    if (from.Length > 0 && to.Length > 0)
                        text = text[..from.Start] + text.Substring(to.Start, to.Length) + text[(from.Start + from.Length)..];
                    break;
                case 4: // a piece cut out or doubled
                    int length = Math.Min((int)(random.NextUInt64() % 60), text.Length - at);
                    text = random.NextUInt64() % 2 == 0 ? text.Remove(at, length) : text.Insert(at, text.Substring(at, length));
                    break;
                default: // a character
                    text = text[..at] + (char)(32 + random.NextUInt64() % 95) + text[(at + 1)..];
                    break;
            }
            if (text.Length == 0) return [];
        }
        return Encoding.UTF8.GetBytes(text);
    }

    private static (int Start, int Length) Word(string text, int at)
    {
        int start = text.IndexOf('"', at);
        int end = start < 0 ? -1 : text.IndexOf('"', start + 1);
        return end < 0 ? (0, 0) : (start, end - start + 1);
    }
}
