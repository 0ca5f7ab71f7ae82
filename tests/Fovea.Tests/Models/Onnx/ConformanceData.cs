using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using Fovea.Models.Onnx;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>
/// ONNX's own test data (Debian's package <c>libonnx-testdata</c>, Apache-2.0): for each case a model, its inputs and its outputs. Where
/// the package is installed, and where <c>FOVEA_ONNX_TESTDATA</c> says (a folder <c>data</c> of an unpacked newer one).
/// </summary>
internal sealed partial class ConformanceData(string folder)
{
    private const string Installed = "/usr/share/libonnx-testdata/data";

    private static readonly string[] Suites = ["node", "simple", "pytorch-operator", "pytorch-converted"];

    /// <summary>All that there is on this machine.</summary>
    public static IReadOnlyList<ConformanceData> All { get; } =
    [
        .. new[] { Installed, Environment.GetEnvironmentVariable("FOVEA_ONNX_TESTDATA") ?? "" }.Where(Directory.Exists)
            .Select(found => new ConformanceData(found)),
    ];

    /// <summary>The version of ONNX that made it, from the package's list of changes.</summary>
    public string Version { get; } = VersionOf(folder);

    /// <summary>The cases, in an order that does not depend on the machine.</summary>
    public IEnumerable<ConformanceCase> Cases => Suites.SelectMany(suite => Directory.Exists(Path.Combine(folder, suite))
        ? Directory.GetDirectories(Path.Combine(folder, suite)).Order(StringComparer.Ordinal)
            .Where(one => File.Exists(Path.Combine(one, "model.onnx"))).Select(one => new ConformanceCase(suite, one))
        : []);

    private static string VersionOf(string folder)
    {
        string changes = Path.GetFullPath(Path.Combine(folder, "..", "..", "doc", "libonnx-testdata", "changelog.Debian.gz"));
        using var text = new StreamReader(new GZipStream(File.OpenRead(changes), CompressionMode.Decompress));
        return FirstVersion().Match(text.ReadLine() ?? "").Groups[1].Value;
    }

    [GeneratedRegex(@"\((\d+\.\d+)")]
    private static partial Regex FirstVersion();
}

/// <summary>A model with inputs and outputs that it must give.</summary>
internal sealed class ConformanceCase(string suite, string folder)
{
    public string Suite => suite;

    public string Name { get; } = Path.GetFileName(folder)["test_".Length..];

    public string Model { get; } = Path.Combine(folder, "model.onnx");

    /// <summary>The first set of inputs and outputs, each with its format's number of the type.</summary>
    /// <param name="scratch">A folder for a file.</param>
    /// <exception cref="FoveaException">They are no tensors that are read.</exception>
    public (IReadOnlyList<Tensor> Inputs, IReadOnlyList<(Tensor Value, long Type)> Outputs) Read(string scratch)
    {
        string set = Path.Combine(folder, "test_data_set_0");
        string[] inputs = Files(set, "input"), outputs = Files(set, "output");
        // Tensors of a model: so the reader of models reads them.
        OnnxBytes graph = new();
        foreach (string file in (string[])[.. inputs, .. outputs]) graph.Bytes(5, File.ReadAllBytes(file));
        string path = Path.Combine(scratch, "tensors.onnx");
        File.WriteAllBytes(path, new OnnxBytes().Message(7, graph).ToArray());
        using var reader = new ProtoReader(path);
        OnnxModel model = new OnnxParser(reader).Read();
        using var tensors = new OnnxTensors(reader, path);
        Tensor[] values = [.. (model.Graph?.Tensors ?? []).Select(tensors.Read)];
        return (values[..inputs.Length],
            [.. values.Skip(inputs.Length).Zip(model.Graph!.Tensors.Skip(inputs.Length), (value, said) => (value, said.Type))]);
    }

    private static string[] Files(string set, string kind) => Directory.Exists(set) ? [.. Directory.GetFiles(set, kind + "_*.pb")
        .OrderBy(file => int.Parse(Path.GetFileNameWithoutExtension(file).Split('_')[1], CultureInfo.InvariantCulture))]
        : [];
}
