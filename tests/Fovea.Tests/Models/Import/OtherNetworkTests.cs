using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Import;

/// <summary>
/// Networks of kinds that torchvision does not have, as <c>tests/reference/other_networks.py</c> exports them into the folder that
/// <c>FOVEA_OTHER_NETWORKS</c> names. With <c>FOVEA_UPDATE_DOCS=1</c> the table of <c>docs/reference/networks.md</c> is written anew.
/// </summary>
public sealed class OtherNetworkTests
{
    private const double Tolerance = 3e-5;
    private const string Heading = "| network | `.pt2`, open | `.pt2`, one image | ONNX, older exporter | ONNX, newer exporter |";
    private static readonly string[] Forms = ["open.pt2", "fixed.pt2", "older.onnx", "newer.onnx"];

    [Fact]
    public void Their_answers_are_PyTorchs_in_every_form()
    {
        string root = MeasuredTable.Folder("FOVEA_OTHER_NETWORKS", "other_networks.py");
        var table = new MeasuredTable(Heading);
        foreach (string folder in MeasuredTable.Networks(root, "output.npy"))
        {
            string name = Path.GetFileName(folder);
            table.Add(name, () => $"| {name} | {string.Join(" | ", Forms.Select(form => Cell(folder, form, table.Wrong)))} |");
        }
        table.Finish();
    }

    private static string Cell(string folder, string form, List<string> wrong)
    {
        string path = Path.Combine(folder, form);
        if (!File.Exists(path)) return "not exported";
        try
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            Tensor images = NumpyFile.Read(Path.Combine(folder, "input.npy")).to(float32);
            using ImportedNetwork network = NetworkFile.Open(path);
            if (network.ChannelsLast) images = images.permute(0, 3, 1, 2).contiguous();
            using ImageModel model = network.ToModel(network.UsualPreprocessing((int)images.shape[2], (int)images.shape[3]), asWritten: true);
            double difference = BatchCheck.Relative(model.Forward(images), NumpyFile.Read(Path.Combine(folder, "output.npy")));
            if (difference > Tolerance) wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{path}: {difference:E1}"));
            return difference.ToString("0.0E+0", CultureInfo.InvariantCulture);
        }
        catch (FoveaException e)
        {
            wrong.Add($"{path}: {e.Message}");
            return "refused";
        }
    }
}
