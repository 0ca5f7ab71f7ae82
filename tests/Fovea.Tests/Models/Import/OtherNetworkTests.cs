using System.Globalization;
using System.Text;
using Fovea.Checkpoints;
using Fovea.Imaging;
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
        string? root = Environment.GetEnvironmentVariable("FOVEA_OTHER_NETWORKS");
        Assert.SkipUnless(root is { Length: > 0 }, "needs FOVEA_OTHER_NETWORKS: a folder made by tests/reference/other_networks.py");
        var table = new StringBuilder(Heading + "\n|---|---|---|---|---|\n");
        List<string> wrong = [];
        string[] folders = [.. Directory.GetDirectories(root).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(folders);
        foreach (string folder in folders)
        {
            string name = Path.GetFileName(folder);
            table.Append(CultureInfo.InvariantCulture, $"| {name} |");
            foreach (string form in Forms) table.Append(' ').Append(Cell(folder, form, wrong)).Append(" |");
            table.Append('\n');
        }
        Assert.True(wrong.Count == 0, $"{string.Join('\n', wrong)}\n{table}");
        if (Environment.GetEnvironmentVariable("FOVEA_UPDATE_DOCS") == "1") Update(table.ToString());
    }

    private static string Cell(string folder, string form, List<string> wrong)
    {
        string path = Path.Combine(folder, form);
        if (!File.Exists(path)) return "not exported";
        try
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            Tensor images = NumpyFile.Read(Path.Combine(folder, "input.npy"));
            using ImportedNetwork network = NetworkFile.Open(path);
            using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, (int)images.shape[2]), asWritten: true);
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

    private static void Update(string table)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Fovea.slnx"))) folder = Path.GetDirectoryName(folder);
        string page = Path.Combine(folder!, "docs", "reference", "networks.md"), text = File.ReadAllText(page);
        int start = text.IndexOf(Heading, StringComparison.Ordinal), end = text.IndexOf("\n\n", start, StringComparison.Ordinal);
        File.WriteAllText(page, $"{text[..start]}{table.TrimEnd()}{text[end..]}");
    }
}
