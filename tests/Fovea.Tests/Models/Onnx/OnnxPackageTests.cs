using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>
/// The ResNet18 of the NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1 with its preprocessing: written by another tool, in an
/// early version of the format.
/// </summary>
public sealed class OnnxPackageTests : IDisposable
{
    private const string Package = "microsoft.ml.dnnimagefeaturizer.resnet18/0.23.1";
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-package-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Every_value_of_the_network_and_its_preprocessing_is_ONNX_Runtimes()
    {
        string models = Path.Combine(Folder(), "tools", "DnnImageModels");
        string network = Path.Combine(models, "ResNet18Onnx", "ResNet18.onnx");
        string before = Path.Combine(models, "ResNetPrepOnnx", "ResNetPreprocess.onnx");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var random = new CounterRandom(3, "images", 0);
        Tensor images = tensor([.. Enumerable.Range(0, 3 * 224 * 224).Select(_ => (float)(random.NextUInt64() % 256))], [1, 3, 224, 224]);

        using ImportedNetwork whole = NetworkFile.Open(network, before: before);
        using ImageModel model = whole.ToModel(Preprocessing.ImageNet(null, 224));
        Assert.Equal(512, model.Outputs);
        Assert.Equal([512, 7, 7], model.Layers.Single(layer => layer.Name == "ReLU393_Output_0").Shape);
        Assert.Equal("ReLU393_Output_0", LayerChoice.Of(model, model.Layers).Layer?.Name);
        Assert.Equal(22, whole.Graph.Nodes.Count(node => node.Operator == Operators.Conv2d));

        Tensor prepared = Every(before, images, [], out _)[0];
        string[] values = [.. whole.Graph.Nodes.SelectMany(node => node.Outputs)
            .Where(value => !value.StartsWith("preprocess.", StringComparison.Ordinal))];
        Tensor[] expected = Every(network, prepared, values, out string[] names);
        ProbeResult read = model.Forward(images, new Probe(names.Distinct()));
        double worst = names.Select((name, i) => BatchCheck.Relative(read[name], expected[i])).Max();
        Assert.True(names.Length > 60, $"{names.Length} values were compared");
        Assert.True(worst < 1e-5, $"{worst:E2} of the largest value");

        // Declared for one image: any number of them.
        Tensor two = cat([images, images.flip(3)]);
        Assert.InRange(BatchCheck.Relative(model.Forward(two).narrow(0, 0, 1), expected[0]), 0, 1e-5);
        Assert.Null(model.Graph.FixedBatch);
        TestContext.Current.SendDiagnosticMessage($"{names.Length} values, {worst:E1} of the largest at most");
    }

    /// <summary>
    /// The outputs of a file and more of its values, which are appended to it as outputs: messages that stand twice add up.
    /// </summary>
    private Tensor[] Every(string path, Tensor images, string[] values, out string[] names)
    {
        string more = Path.Combine(_root, Path.GetFileName(path));
        using ImportedNetwork network = NetworkFile.Open(path);
        string answer = network.Outputs[0].Name;
        OnnxBytes outputs = new();
        foreach (string value in values)
            if (value != answer) outputs.Message(7, new OnnxBytes().Message(12, new OnnxBytes().Text(1, value)));
        File.WriteAllBytes(more, [.. File.ReadAllBytes(path), .. outputs.ToArray()]);
        names = [network.Outputs[0].Value, .. values.Where(value => value != answer)];
        return OnnxRun.Reference(more, new Dictionary<string, Tensor> { [OnnxRun.InputOf(path)] = images });
    }

    private static string Folder()
    {
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string folder = Environment.GetEnvironmentVariable("FOVEA_RESNET18_PACKAGE") ?? Path.Combine(packages, Package);
        Assert.SkipUnless(Directory.Exists(folder), "needs the NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1");
        return folder;
    }
}
