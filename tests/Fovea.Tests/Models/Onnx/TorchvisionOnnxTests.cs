using System.Globalization;
using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>
/// torchvision's classifiers by both of PyTorch's exporters, made by <c>tests/reference/torchvision_onnx.py</c> in the folder that
/// <c>FOVEA_TORCHVISION_ONNX</c> names. With <c>FOVEA_UPDATE_DOCS=1</c> the table of <c>docs/reference/networks.md</c> is written anew.
/// </summary>
public sealed class TorchvisionOnnxTests
{
    private const double Tolerance = 3e-5;

    /// <summary>
    /// The exporter rounds the weights that it multiplies a normalisation into: onnx's reference evaluator is as far off.
    /// </summary>
    private const double ToleranceFolded = 1e-4;

    private const string Heading = "| network | exporter | torch | opset | steps | layers | logits | inner values |";

    [Fact]
    public void Their_answers_and_inner_values_are_PyTorchs()
    {
        string root = MeasuredTable.Folder("FOVEA_TORCHVISION_ONNX", "torchvision_onnx.py");
        var table = new MeasuredTable(Heading);
        foreach (string folder in MeasuredTable.Networks(root, "onnx.json"))
        {
            JsonElement json = Json(folder, "onnx.json");
            foreach (JsonProperty file in json.GetProperty("files").EnumerateObject())
            {
                table.Add($"{Path.GetFileName(folder)} {file.Name}",
                    () => Row(folder, file.Name, file.Value.GetString()!, json, table.Wrong));
            }
        }
        table.Finish();
    }

    private static string Row(string folder, string exporter, string file, JsonElement json, List<string> wrong)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        string name = json.GetProperty("name").GetString()!;
        Tensor input = NumpyFile.Read(Path.Combine(folder, "input.npy"));
        using ImportedNetwork network = NetworkFile.Open(Path.Combine(folder, file));
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, (int)input.shape[2]), asWritten: true);
        // A convolution that a normalisation was multiplied into has the value of that; modules without an operation have none.
        (string Layer, int Index)[] inner = [.. Json(folder, "reference.json").GetProperty("inner").EnumerateArray()
            .Select((one, i) => (one.GetString()!, i))
            .Where(one => model.LayerNames.Contains(one.Item1) && !network.NormalisationFolded.Contains(one.Item1))];
        ProbeResult read = model.Forward(input, new Probe(inner.Select(one => one.Layer)) { Output = true });
        double logits = BatchCheck.Relative(read.Logits, NumpyFile.Read(Path.Combine(folder, "output.npy")));
        double[] values = [.. inner.Select(one =>
        {
            Tensor theirs = NumpyFile.Read(Path.Combine(folder, $"inner{one.Index}.npy"));
            // The newer exporter joins two changes of shape that follow each other: a module that ends with one has its numbers in the
            // sizes before it, in the same order.
            return BatchCheck.Relative(read[one.Layer].reshape(theirs.shape), theirs);
        })];
        double alone = BatchCheck.Relative(model.Forward(input.narrow(0, 1, 1)), read.Logits.narrow(0, 1, 1));
        string list = string.Join(", ", values.Select((value, i) =>
            string.Create(CultureInfo.InvariantCulture, $"`{inner[i].Layer}` {value:0.0E+0}")));
        if (logits > Tolerance || values.Any(value => value > (network.NormalisationFolded.Count > 0 ? ToleranceFolded : Tolerance)))
            wrong.Add($"{name} {exporter}: logits {logits:E1}, {list}");
        if (alone > BatchCheck.Rounding) wrong.Add($"{name} {exporter}: an image alone differs by {alone:E1}");
        if (model.Graph.FixedBatch is not null) wrong.Add($"{name} {exporter}: the batch is fixed");
        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {exporter} | {json.GetProperty("torch").GetString()} | {network.Source.Split(' ', ',')[2]} | {model.Graph.Nodes.Count} | {model.Graph.Layers.Count} | {logits:0.0E+0} | {list} |");
    }

    private static JsonElement Json(string folder, string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, file))).RootElement;
}
