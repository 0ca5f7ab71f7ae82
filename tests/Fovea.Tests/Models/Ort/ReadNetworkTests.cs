using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Ort;

/// <summary>
/// Networks of others read by ONNX Runtime beside libtorch and double precision. torchvision's classifiers are made by
/// <c>tests/reference/torchvision_networks.py</c> in the folder that <c>FOVEA_TORCHVISION_NETWORKS</c> names; with
/// <c>FOVEA_UPDATE_DOCS=1</c> the table of <c>docs/reference/networks.md</c> is written anew.
/// </summary>
public sealed class ReadNetworkTests
{
    private const string Heading = "| network | read by | logits | inner values | to harvest | the same bits alone |";

    /// <summary>Networks that may be read by libtorch.</summary>
    private const int MostLeft = 2;

    [Theory]
    [InlineData("resnet_basic")]
    [InlineData("regnet_se")]
    [InlineData("maxvit")]
    public void Networks_of_PyTorch_are_read(string name)
    {
        string folder = Path.GetDirectoryName(SharedData.Path($"reference/networks/{name}/reference.json"))!;
        List<string> wrong = [];
        Assert.Contains("ONNX Runtime", Row(folder, wrong), StringComparison.Ordinal);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Classifiers_of_torchvision_are_read()
    {
        string root = MeasuredTable.Folder("FOVEA_TORCHVISION_NETWORKS", "torchvision_networks.py");
        var table = new MeasuredTable(Heading);
        int left = 0;
        foreach (string folder in MeasuredTable.Networks(root, "reference.json"))
        {
            table.Add(Path.GetFileName(folder), () =>
            {
                string row = Row(folder, table.Wrong);
                if (!row.Contains("ONNX Runtime", StringComparison.Ordinal)) left++;
                return row;
            });
        }
        if (left > MostLeft) table.Wrong.Add($"{left} networks are read by libtorch");
        table.Finish();
    }

    private static string Row(string folder, List<string> wrong)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        JsonElement json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference.json"))).RootElement;
        string name = json.GetProperty("name").GetString()!;
        string[] inner = [.. json.GetProperty("inner").EnumerateArray().Select(
            one => one.ValueKind == JsonValueKind.String ? one.GetString()! : one.GetProperty("module").GetString()!)];
        Tensor input = NumpyFile.Read(Path.Combine(folder, "input.npy"));
        using ImportedNetwork network = NetworkFile.Open(Path.Combine(folder, name + ".pt2"));
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, (int)input.shape[2]));
        string chosen = LayerChoice.Of(model, model.Layers).Layer!.Name;
        var probe = new Probe([.. inner, chosen]) { Output = true };
        using ModelReader reader = model.Reader(probe);
        ProbeResult actual = reader.Run(input), expected = model.Forward(input, probe), alone = reader.Run(input.narrow(0, 1, 1));
        bool same = probe.Reads.All(layer => ModelReaderTests.Same(alone[layer], actual[layer].narrow(0, 1, 1)))
            && ModelReaderTests.Same(alone.Logits, actual.Logits.narrow(0, 1, 1));
        model.ToType(ScalarType.Float64);
        ProbeResult exact = model.Forward(input.to(float64), probe);
        string logits = Compare("logits", actual.Logits, expected.Logits, exact.Logits);
        string values = string.Join(", ", inner.Select(layer => $"`{layer}` {Compare(layer, actual[layer], expected[layer], exact[layer])}"));
        string harvest = $"`{chosen}` {Compare(chosen, actual[chosen], expected[chosen], exact[chosen])}";
        return $"| {name} | {reader.Engine.InWords} | {logits} | {values} | {harvest} | {(same ? "yes" : "no")} |";

        // In brackets, where the engines do not agree: how far each is off double precision.
        string Compare(string what, Tensor read, Tensor torch, Tensor truth)
        {
            double largest = Math.Max(torch.abs().max().item<float>(), double.Epsilon);
            double difference = (read - torch).abs().max().item<float>();
            if (difference <= Math.Max(3e-5 * largest, 2e-7)) return FormattableString.Invariant($"{difference / largest:0.0E+0}");
            double own = (read.to(float64) - truth).abs().max().item<double>(), theirs = (torch.to(float64) - truth).abs().max().item<double>();
            // libtorch's normalisations are folded in double precision, which halves its own error in some networks.
            if (own > 3 * theirs) wrong.Add($"{name}: {what} {difference / largest:E1} ({own / largest:E1} against {theirs / largest:E1})");
            return FormattableString.Invariant($"{difference / largest:0.0E+0} ({own / largest:0.0E+0} and {theirs / largest:0.0E+0} off)");
        }
    }
}
