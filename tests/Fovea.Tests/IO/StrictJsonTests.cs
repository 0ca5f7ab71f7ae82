using System.Text;
using Fovea.Datasets;
using Fovea.Models;
using Fovea.Runs.Preparation;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.IO;

/// <summary>
/// JSON of others whose texts are none: bytes that are no UTF-8, half of a character. The platform parses them and throws when they are looked
/// at; each reader refuses them in its own sentence.
/// </summary>
public sealed class StrictJsonTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-strict-").FullName;

    public static TheoryData<string> Broken => ["\xFF", "\\ud800", "a\\udc00b"];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_list_of_classes_is_refused(string text)
    {
        Assert.Contains("is no JSON", Refused(() => ClassTable.Read(Written("a.json", $"[\"{text}\"]"))), StringComparison.Ordinal);
        Assert.Contains("is no JSON", Refused(() => ClassTable.Read(Written("b.json", $"{{\"{text}\": 0}}"))), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void An_exported_program_is_refused(string text)
    {
        (string Name, byte[] Bytes)[] parts = [.. SmallPrograms.Classifier().Parts()];
        string path = Path.Combine(_root, "net.pt2");
        using (var zip = new System.IO.Compression.ZipArchive(File.Create(path), System.IO.Compression.ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] bytes) in parts)
            {
                using Stream stream = zip.CreateEntry($"net/{name}", System.IO.Compression.CompressionLevel.NoCompression).Open();
                stream.Write(name.EndsWith("model.json", StringComparison.Ordinal)
                    ? Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace("aten.relu_", "aten.relu_" + text, StringComparison.Ordinal))
                    : bytes);
            }
        }
        Assert.Contains("is no JSON", Refused(() => NetworkFile.Open(path).Dispose()), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void The_configuration_of_a_dictionary_is_refused(string text) => Assert.StartsWith("Cannot read", Refused(
        () => SaeConfiguration.Read(Written("cfg.json", $"{{\"metadata\": {{\"x\": \"{text}\"}}}}"))), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Broken))]
    public void Preprocessing_beside_a_network_cannot_be_read(string text) => Assert.Contains("cannot be read",
        StoredPreparation.Read(Written("preprocessor_config.json", $"{{\"resample\": \"{text}\"}}"), "preprocessor_config.json")!.Problems["mean"],
        StringComparison.Ordinal);

    /// <summary>The platform sees that a member stands twice when another is asked for.</summary>
    [Fact]
    public void A_member_that_stands_twice_is_refused() => Assert.StartsWith("Cannot read", Refused(
        () => SaeConfiguration.Read(Written("cfg.json", "{\"metadata\": {\"x\": 1, \"x\": 2}}"))), StringComparison.Ordinal);

    private string Written(string name, string text)
    {
        string path = Path.Combine(_root, name);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(text));
        return path;
    }

    private static string Refused(Action read) => Assert.Throws<FoveaException>(read).Message;
}
