using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Networks of PyTorch's exporters with its own answers.</summary>
public sealed class OnnxReferenceTests
{
    private const double Tolerance = 3e-5;

    [Theory]
    [InlineData("resnet_basic", "legacy")]
    [InlineData("resnet_basic", "dynamo")]
    public void Answers_are_PyTorchs(string name, string exporter)
    {
        string folder = Path.GetDirectoryName(SharedData.Path($"reference/networks/{name}/reference.json"))!;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor input = NumpyFile.Read(Path.Combine(folder, "input.npy"));
        using ImportedNetwork network = NetworkFile.Open(Path.Combine(folder, $"{name}-{exporter}.onnx"));
        using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, (int)input.shape[2]), asWritten: true);
        double difference = BatchCheck.Relative(model.Forward(input), NumpyFile.Read(Path.Combine(folder, "output.npy")));
        Assert.True(difference <= Tolerance, $"{difference:E2} of the largest value");
        Assert.InRange(BatchCheck.Relative(model.Forward(input.narrow(0, 1, 1)), model.Forward(input).narrow(0, 1, 1)), 0, BatchCheck.Rounding);
    }
}
