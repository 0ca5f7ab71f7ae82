using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>
/// Small networks in every form that PyTorch's exporters write, made by <c>tests/reference/onnx_variants.py</c> in the folder that
/// <c>FOVEA_ONNX_VARIANTS</c> names.
/// </summary>
public sealed class OnnxVariantTests
{
    private const double Tolerance = 3e-5;

    [Fact]
    public void Every_form_of_a_network_gives_PyTorchs_answers()
    {
        string? root = Environment.GetEnvironmentVariable("FOVEA_ONNX_VARIANTS");
        Assert.SkipUnless(root is { Length: > 0 }, "needs FOVEA_ONNX_VARIANTS: a folder made by tests/reference/onnx_variants.py");
        List<string> wrong = [], fixedBatches = [];
        int count = 0;
        using var quiet = no_grad();
        foreach (string path in Directory.GetFiles(root, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            string folder = Path.GetDirectoryName(path)!, name = $"{Path.GetFileName(folder)} {Path.GetFileNameWithoutExtension(path)}";
            Tensor images = NumpyFile.Read(Path.Combine(folder, "input.npy"));
            count++;
            try
            {
                using ImportedNetwork network = NetworkFile.Open(path);
                using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, 32));
                double difference = BatchCheck.Relative(model.Forward(images), NumpyFile.Read(Path.Combine(folder, "output.npy")));
                double alone = BatchCheck.Difference(model, 32, 32);
                if (!(difference <= Tolerance && alone <= BatchCheck.Rounding)) wrong.Add($"{name}: {difference:E1}, alone {alone:E1}");
                if (model.Graph.FixedBatch is { } batch) fixedBatches.Add($"{name}: {batch}");
                if (name.Contains("batch-", StringComparison.Ordinal) != network.ExportedBatch is not null) wrong.Add($"{name}: its batch");
            }
            catch (FoveaException e)
            {
                wrong.Add($"{name}: {e.Message}");
            }
        }
        TestContext.Current.SendDiagnosticMessage($"{count} files; so many images at a time: {string.Join(", ", fixedBatches)}");
        Assert.True(wrong.Count == 0, $"{count} files\n{string.Join('\n', wrong)}");
        Assert.True(count > 10, "the folder holds no networks");
    }
}
