using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Dictionaries.Plain;
using Fovea.Imaging;
using Fovea.Interpretation.Attribution;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Tests.Training;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models;

/// <summary>
/// The catalogue's networks: sizes that torchvision publishes, and, where <c>FOVEA_CATALOGUE_NETWORKS</c> names a folder made by
/// <c>tests/reference/catalogue_networks.py</c>, PyTorch's answers, and the same networks from exported files with the same weights:
/// logits, Grad-CAM, splices and pictures. With <c>FOVEA_UPDATE_DOCS=1</c> the table of <c>docs/reference/networks.md</c> is written anew.
/// </summary>
public sealed class CatalogueNetworkTests
{
    private const string Heading = "| network | logits, PyTorch | logits, `.pt2` | Grad-CAM | splice: loss added | picture |";
    private const double Tolerance = 3e-5;

    // Parameters of the published ImageNet networks, from torchvision's documentation (GoogLeNet without what only trains).
    [Theory]
    [InlineData("resnet18", 11_689_512, 512, "layer4")]
    [InlineData("resnet34", 21_797_672, 512, "layer4")]
    [InlineData("resnet50", 25_557_032, 2048, "layer4")]
    [InlineData("googlenet", 6_624_904, 1024, "inception5b")]
    [InlineData("mobilenet_v2", 3_504_872, 1280, "features.18")]
    public void It_has_the_published_sizes(string name, long parameters, int channels, string layer)
    {
        var architecture = Architectures.Get(name);
        using ImageModel network = architecture.Create(1000);
        Assert.Equal(parameters, network.Parameters.Values.Sum(parameter => parameter.numel()));
        Assert.Equal(layer, architecture.DefaultLayer);
        Assert.Equal([channels, 7, 7], network.Layers.Single(one => one.Name == layer).Shape);
        Assert.StartsWith(LayerChoice.Of(network, network.Layers).Layer!.Name, layer, StringComparison.Ordinal);
        // Positions of the first convolution see its window, whatever is done to colours before it.
        string first = name.StartsWith("mobile", StringComparison.Ordinal) ? "features.0.0" : name == "googlenet" ? "conv1.conv" : "conv1";
        PixelBox box = ReceptiveField.Of(network, first, 224, 224).Box(20, 20);
        int window = first == "features.0.0" ? 3 : 7;
        Assert.Equal((window, window), (box.Width, box.Height));
    }

    [Fact]
    public void A_checkpoints_auxiliary_classifiers_are_left_out_with_a_note()
    {
        using ImageModel network = ImageModel.Create("googlenet", 3), other = ImageModel.Create("googlenet", 3, seed: 2);
        using var weights = new StateDict(network.State.ToDictionary(pair => pair.Key, pair => pair.Value.clone())
            .Append(KeyValuePair.Create("aux1.fc2.weight", zeros(3, 1024))));
        Assert.Contains("aux1.fc2.weight", Assert.Single(other.CopyFrom(weights, "published")), StringComparison.Ordinal);
        Assert.True(other.State["fc.weight"].equal(network.State["fc.weight"]).all().item<bool>());
    }

    [Fact]
    public void They_are_PyTorchs_and_those_of_exported_files()
    {
        string root = MeasuredTable.Folder("FOVEA_CATALOGUE_NETWORKS", "catalogue_networks.py");
        var table = new MeasuredTable(Heading);
        foreach (string name in Architectures.All.Select(one => one.Name).Where(name => File.Exists(Path.Combine(root, name + ".pt2"))))
            table.Add(name, () => Row(root, name, table.Wrong));
        table.Finish();
    }

    private static string Row(string root, string name, List<string> wrong)
    {
        using var scope = NewDisposeScope();
        Tensor input = NumpyFile.Read(Path.Combine(root, name + "-input.npy")), expected = NumpyFile.Read(
            Path.Combine(root, name + "-output.npy"));
        int classes = (int)expected.shape[1];
        Preprocessing images = Preprocessing.ImageNet(null, 224);
        using ImageModel own = ImageModel.Open(Path.Combine(root, name + ".pth"), name, classes, preprocessing: images);
        using ImportedNetwork file = NetworkFile.Open(Path.Combine(root, name + ".pt2"));
        using ImageModel imported = file.ToModel(images);
        string layer = Architectures.Get(name).DefaultLayer;

        double torch, pt2;
        using (no_grad()) (torch, pt2) =
            (BatchCheck.Relative(own.Forward(input), expected), BatchCheck.Relative(imported.Forward(input), expected));
        var cams = new[] { own, imported }.Select(model => ClassActivationMaps.Compute(
            model, layer, input, [1], ClassActivationMaps.Get("gradcam"))[0]).ToArray();
        double cam = BatchCheck.Relative(cams[1], cams[0]);
        int channels = own.Layers.Single(one => one.Name == layer).Shape[0];
        using var dictionary = new RandomDirections(channels, channels, 3, k: 64);
        using var source = new MemorySource(8, classes, 224);
        var splices = new[] { own, imported }.Select(model => SplicedEvaluation.Evaluate(
            model, layer, dictionary, source, cancellationToken: TestContext.Current.CancellationToken)).ToArray();
        double splice = Math.Abs(splices[1].LossAdded.Mean - splices[0].LossAdded.Mean) / Math.Abs(splices[0].LossAdded.Mean);
        RenderOptions options = RenderPresets.Paper with { Steps = 8, Size = 96, Seed = 5, BatchSize = 2 };
        var pictures = new[] { own, imported }.Select(model => FeatureRenderer.Render(
            model, new UnitObjective(layer, [3, 9]), options, cancellationToken: TestContext.Current.CancellationToken)).ToArray();
        int picture = pictures[0].Zip(pictures[1]).Max(pair => pair.First.Picture.Pixels.Zip(
            pair.Second.Picture.Pixels, (a, b) => Math.Abs(a - b)).Max());

        (string What, double Found, double Most)[] all =
            [("logits", torch, Tolerance), ("logits of the file", pt2, Tolerance), ("Grad-CAM", cam, 1e-4), ("splice", splice, 1e-4),
                ("picture", picture, 1)];
        wrong.AddRange(all.Where(one => !(one.Found <= one.Most)).Select(one => $"{name}: {one.What} {one.Found:G3}"));
        // Numbers that say nothing would be equal too.
        if (!(cams[0].abs().max().item<float>() > 0) || Math.Abs(splices[0].LossAdded.Mean) < 1e-4)
            wrong.Add($"{name}: the maps or the splice are empty");
        return string.Create(
            CultureInfo.InvariantCulture, $"| {name} | {torch:0.0E+0} | {pt2:0.0E+0} | {cam:0.0E+0} | {splice:0.0E+0} | {picture} |");
    }
}
