using System.Globalization;
using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Pt2;

/// <summary>
/// torchvision's classifiers, exported with random weights by <c>tests/reference/torchvision_networks.py</c> into the folder that
/// <c>FOVEA_TORCHVISION_NETWORKS</c> names. With <c>FOVEA_UPDATE_DOCS=1</c> the table of <c>docs/reference/networks.md</c> is written anew.
/// </summary>
public sealed class TorchvisionNetworkTests
{
    private const double Tolerance = 3e-5;
    private const string Heading = "| network | torch | torchvision | steps | layers | logits | inner values |";

    [Fact]
    public void Their_answers_and_inner_values_are_PyTorchs()
    {
        string root = MeasuredTable.Folder("FOVEA_TORCHVISION_NETWORKS", "torchvision_networks.py");
        var table = new MeasuredTable(Heading);
        foreach (string folder in MeasuredTable.Networks(root, "reference.json"))
            table.Add(Path.GetFileName(folder), () => Row(folder, table.Wrong));
        table.Finish();
    }

    private static string Row(string folder, List<string> wrong)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        JsonElement json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json"))).RootElement;
        string name = json.GetProperty("name").GetString()!;
        string[] inner = [.. json.GetProperty("inner").EnumerateArray().Select(one => one.GetString()!)];
        Tensor input = NumpyFile.Read(Path.Combine(folder, "input.npy"));
        using ImportedNetwork network = NetworkFile.Open(Path.Combine(folder, name + ".pt2"));
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, (int)input.shape[2]), asWritten: true);
        string[] missing = [.. inner.Except(model.LayerNames)];
        if (missing.Length > 0) throw FoveaException.BadData($"no layers {string.Join(", ", missing)}");
        ProbeResult read = model.Forward(input, new Probe(inner) { Output = true });
        double logits = BatchCheck.Relative(read.Logits, NumpyFile.Read(Path.Combine(folder, "output.npy")));
        double[] values =
            [.. inner.Select((layer, i) => BatchCheck.Relative(read[layer], NumpyFile.Read(Path.Combine(folder, $"inner{i}.npy"))))];
        double alone = BatchCheck.Relative(model.Forward(input.narrow(0, 1, 1)), read.Logits.narrow(0, 1, 1));
        if (logits > Tolerance || values.Max() > Tolerance)
            wrong.Add($"{name}: logits {logits:E1}, inner values {string.Join(", ", values.Select((value, i) => $"{inner[i]} {value:E1}"))}");
        if (alone > BatchCheck.Rounding) wrong.Add($"{name}: an image alone differs by {alone:E1}");
        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {json.GetProperty("torch").GetString()} | {json.GetProperty("torchvision").GetString()} | {model.Graph.Nodes.Count} | {model.Graph.Layers.Count} | {logits:0.0E+0} | {string.Join(", ", values.Select((value, i) => $"`{inner[i]}` {value:0.0E+0}"))} |");
    }
}
