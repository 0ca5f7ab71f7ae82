using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

/// <summary>The first 16 images through trained weights, against PyTorch with torchvision and Pillow.</summary>
public sealed class ReferenceForwardTests
{
    [Fact]
    public void MobileNetV2_gives_torchvisions_logits() => Check(
        "mobilenet_v2", 1000, "data/mobilenet_v2-imagenet.pth", Preprocessing.ImageNet(256, 224), "reference/mobilenet_v2.json",
        () => ImageSources.Open(
            SharedData.Path("data/imagenet-sample.tar"),
                new ImageSourceOptions { Classes = SharedData.Path("data/imagenet_classes.tsv") }));

    [Fact]
    public void ResNet18_gives_torchvisions_logits() => Check(
        "resnet18", 200, "data/resnet18-tiny-imagenet.pth", Preprocessing.ImageNet(null, 64), "reference/resnet18_tiny.json",
        () => ImageSources.Open(SharedData.Path("data/tiny-imagenet-200.tar"), new ImageSourceOptions { Split = "val" }));

    private static void Check(
        string architecture, int classes, string weights, Preprocessing preprocessing, string reference, Func<IImageSource> open)
    {
        string path = SharedData.Path(weights);
        using var expected = JsonDocument.Parse(File.ReadAllText(SharedData.Path(reference)));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var network = ImageModel.Create(architecture, classes, GradientFlow.Standard);
        using (var state = StateDict.Load(path)) network.CopyFrom(state, path);
        network.Eval();
        using var source = open();
        var loader = new ImageLoader(source, preprocessing, new LoaderOptions { BatchSize = 16 });
        var batch = loader.Load([.. Enumerable.Range(0, 16)]).Single();
        var logits = network.Forward(batch.ToTensor());
        var rows = expected.RootElement.GetProperty("first").EnumerateArray().ToArray();
        for (int i = 0; i < rows.Length; i++)
        {
            string image = rows[i].GetProperty("image").GetString()!;
            Assert.EndsWith(Path.GetFileName(image), source.Id(i));
            var names = rows[i].GetProperty("classes").EnumerateArray().Select(c => c.GetInt32()).ToArray();
            var values = rows[i].GetProperty("logits").EnumerateArray().Select(v => v.GetSingle()).ToArray();
            for (int k = 0; k < names.Length; k++) Assert.Equal(values[k], logits[i, names[k]].item<float>(), 0.1f);
            Assert.Equal(names[0], (int)logits[i].argmax().item<long>());
        }
    }
}
