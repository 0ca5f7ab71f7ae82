using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Onnx;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>
/// torchvision's classifiers, exported by <c>tests/reference/torchvision_networks.py</c> into the folder that
/// <c>FOVEA_TORCHVISION_NETWORKS</c> names, written as ONNX and run by ONNX Runtime. With <c>FOVEA_UPDATE_DOCS=1</c> the table of
/// <c>docs/reference/networks.md</c> is written anew; <c>FOVEA_KEEP_ONNX</c> names a folder in which the files are kept.
/// </summary>
public sealed class TorchvisionExportTests : IDisposable
{
    private const double Tolerance = 3e-5;

    /// <summary>So many times what PyTorch's own numbers are off those of double precision may ONNX Runtime's be off PyTorch's.</summary>
    private const double Rounding = 8;
    private const string Heading = "| network | operators | ONNX nodes | MB | logits | inner values | the layer that differs most |";
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-onnx-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void ONNX_Runtime_gives_PyTorchs_answers()
    {
        string root = MeasuredTable.Folder("FOVEA_TORCHVISION_NETWORKS", "torchvision_networks.py");
        var table = new MeasuredTable(Heading);
        foreach (string folder in MeasuredTable.Networks(root, "reference.json"))
            table.Add(Path.GetFileName(folder), () => Row(folder, table.Wrong));
        table.Finish();
    }

    private string Row(string folder, List<string> wrong)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        JsonElement json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json"))).RootElement;
        string name = json.GetProperty("name").GetString()!;
        string[] inner = [.. json.GetProperty("inner").EnumerateArray().Select(one => one.GetString()!)];
        Tensor input = NumpyFile.Read(Path.Combine(folder, "input.npy"));
        using ImportedNetwork network = NetworkFile.Open(Path.Combine(folder, name + ".pt2"));
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, (int)input.shape[2]), asWritten: true);
        string path = Path.Combine(Environment.GetEnvironmentVariable("FOVEA_KEEP_ONNX") ?? _root, name + ".onnx");
        OnnxExportSummary summary = OnnxExport.Write(model, path, new OnnxExportOptions { Overwrite = true, Preprocessing = false });
        string[] layers = [.. model.Graph.Layers.Where(layer => layer.Value != model.Graph.Output).Select(layer => layer.Value).Distinct()];
        ProbeResult read = model.Forward(input, new Probe(layers) { Output = true });
        Tensor expected = NumpyFile.Read(Path.Combine(folder, "output.npy"));
        // Every layer as it stands; then the answers as ONNX Runtime would be used, also for another number of images.
        var all = OrtRun.Of(path, input, layers, optimised: false);
        Tensor together = OrtRun.Of(path, input, [])[summary.Output], alone = OrtRun.Of(path, input.narrow(0, 1, 1), [])[summary.Output];
        // What single precision costs in PyTorch: more than that is no fault of the file's.
        model.ToType(ScalarType.Float64);
        ProbeResult exact = model.Forward(input.to(float64), new Probe(layers) { Output = true });
        double rounding = Difference(expected, exact.Logits), logits = Math.Max(
            Difference(together, expected), Difference(alone, expected.narrow(0, 1, 1)));
        Check("logits", logits, rounding);
        double[] values = new double[inner.Length];
        for (int i = 0; i < inner.Length; i++)
        {
            Tensor torch = NumpyFile.Read(Path.Combine(folder, $"inner{i}.npy"));
            values[i] = Difference(all[model.Layer(inner[i]).Value], torch);
            Check(inner[i], values[i], Difference(torch, exact[model.Layer(inner[i]).Value]));
        }
        var (largest, own, where) = layers.Select(
            layer => (Difference(all[layer], read[layer]), Difference(read[layer], exact[layer]), layer)).Max();
        foreach (string layer in layers) Check(layer, Difference(all[layer], read[layer]), Difference(read[layer], exact[layer]));
        if (summary.Batch is not null) wrong.Add($"{name}: the batch is fixed");
        string seen = string.Join(", ", values.Select((value, i) => FormattableString.Invariant($"`{inner[i]}` {value:0.0E+0}")));
        return FormattableString.Invariant($"| {name} | {model.Graph.Nodes.Count} | {summary.Nodes} | {summary.Bytes / 1e6:0.0} | ")
            + FormattableString.Invariant($"{logits:0.0E+0} ({rounding:0.0E+0}) | {seen} | `{where}` {largest:0.0E+0} ({own:0.0E+0}) |");

        void Check(string what, double difference, double inPyTorch)
        {
            if (difference > Math.Max(Tolerance, Rounding * inPyTorch)) wrong.Add($"{name}: {what} {difference:E1} ({inPyTorch:E1})");
        }
    }

    private static double Difference(Tensor actual, Tensor expected) =>
        expected.numel() == 0 ? 0 : BatchCheck.Relative(actual.to(float64).to(float32), expected.to(float32));
}
