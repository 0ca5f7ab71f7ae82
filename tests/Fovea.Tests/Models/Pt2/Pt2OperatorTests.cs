using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Fovea.Imaging;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Pt2;

/// <summary>
/// Programs of one or a few operators that PyTorch exported, and PyTorch's answers: operators.json.gz, made by
/// tests/reference/pt2_operators.py.
/// </summary>
[Collection(TensorCounts.Name)]
public sealed class Pt2OperatorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-operators-").FullName;

    private static readonly Dictionary<string, Case> Cases = Read().ToDictionary(one => one.Name, StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Cases.Keys];

    private sealed record Case(string Name, string Images, long[] Shape, string Answer, Dictionary<string, string> Entries);

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_answer_is_PyTorchs_for_images_together_and_alone(string name)
    {
        Case one = Cases[name];
        using ImportedNetwork network = NetworkFile.Open(Write(one));
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, 6));
        using var scope = NewDisposeScope();
        Tensor images = tensor(Numbers(one.Images), [2, 3, 6, 6]);
        using Tensor answer = model.Forward(images), alone = model.Forward(images.narrow(0, 1, 1));
        Assert.Equal(one.Shape, answer.shape);
        float[] expected = Numbers(one.Answer);
        Close(expected, answer);
        Close(expected[(expected.Length / 2)..], alone);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Close(float[] expected, Tensor answer)
    {
        float[] numbers = [.. answer.data<float>()];
        float largest = expected.Max(Math.Abs);
        Assert.True(largest > 0);
        for (int i = 0; i < numbers.Length; i++)
            Assert.True(Math.Abs(expected[i] - numbers[i]) <= 1e-5 * largest, $"number {i} is {numbers[i]}, PyTorch's {expected[i]}");
    }

    /// <summary>The archive as it was, but for stack traces and sample images.</summary>
    private string Write(Case one)
    {
        const string binary = "base64:";
        string path = Path.Combine(_folder, "network.pt2");
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, text) in one.Entries)
        {
            bool numbers = name.StartsWith(binary, StringComparison.Ordinal);
            using Stream stream = zip.CreateEntry($"network/{(numbers ? name[binary.Length..] : name)}", CompressionLevel.NoCompression).Open();
            stream.Write(numbers ? Convert.FromBase64String(text) : Encoding.UTF8.GetBytes(text));
        }
        return path;
    }

    private static float[] Numbers(string base64) => MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(base64)).ToArray();

    private static IEnumerable<Case> Read()
    {
        using Stream stream = typeof(Pt2OperatorTests).Assembly.GetManifestResourceStream("operators.json.gz")!;
        using var lines = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        while (lines.ReadLine() is { } line) yield return JsonSerializer.Deserialize<Case>(line, JsonSerializerOptions.Web)!;
    }
}
