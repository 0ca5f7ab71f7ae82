using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation.Attribution;
using Fovea.Models;
using Fovea.Tests.Interpretation;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Activations;

// Filters that are class activation maps.
public sealed partial class HarvesterTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradcam_equals_autograd_done_plainly(bool predicted)
    {
        using var network = Tiny();
        var source = new NoisePictures(4);
        new Harvester(network.With(Small), source, Options with { PredictedClass = predicted })
            .Run([.. Enumerable.Range(0, source.Count)], Path.Combine(_root, "cam"));
        using var store = ActivationStore.Open(Path.Combine(_root, "cam", "block3"));
        var stored = store.ScoreMaps("gradcam").SelectMany(map => map).ToArray();
        using var scope = NewDisposeScope();
        var pixels = new float[3 * 32 * 32];
        for (int image = 0; image < 4; image++)
        {
            Small.Apply(source.Read(image), 0, pixels);
            var taps = new Probe("block3") { Output = true };
            var result = network.Forward(tensor(pixels, [1, 3, 32, 32]).requires_grad_(true), taps);
            long of = predicted ? result.Logits.argmax(1).item<long>() : source.Label(image);
            var gradient = autograd.grad([result.Logits[0, of]], [result["block3"]])[0];
            var map = (gradient.mean([2, 3], keepdim: true) * result["block3"]).sum(1).relu();
            var expected = (map / map.max()).detach().contiguous().data<float>().ToArray();
            for (int p = 0; p < expected.Length; p++)
            {
                float actual = stored[image * expected.Length + p];
                if (float.IsNaN(expected[p])) Assert.True(float.IsNaN(actual));
                else Assert.Equal(expected[p], actual, 1e-3f);
            }
        }
    }

    [Fact]
    public void Every_class_activation_map_is_a_filter()
    {
        using var network = Tiny();
        var source = new NoisePictures(5);
        var methods = ClassActivationMaps.Methods;
        new Harvester(
            network.With(Small), source,
                new HarvestOptions { Layers = ["block3", "block4"], Filters = [.. methods.Select(method => method.Name)], BatchSize = 3 })
            .Run([0, 1, 2, 3, 4], Path.Combine(_root, "cams"), cancellation: TestContext.Current.CancellationToken);
        foreach (string layer in (string[])["block3", "block4"])
        {
            using var store = ActivationStore.Open(Path.Combine(_root, "cams", layer));
            foreach (var method in methods)
            {
                float[] stored = [.. store.ScoreMaps(method.Name).SelectMany(map => map)];
                for (int image = 0; image < 5; image++)
                {
                    using var scope = NewDisposeScope();
                    var pixels = new float[3 * 32 * 32];
                    Small.Apply(source.Read(image), 0, pixels);
                    Tensor map = ClassActivationMaps.Compute(
                        network, layer, tensor(pixels, [1, 3, 32, 32]), [source.Label(image)], method)[0];
                    float[] expected = method.Drawn(map).contiguous().data<float>().ToArray();
                    float largest = expected.Where(float.IsFinite).DefaultIfEmpty(0).Max(Math.Abs);
                    for (int p = 0; p < expected.Length; p++)
                    {
                        float actual = stored[image * expected.Length + p];
                        if (float.IsNaN(expected[p])) Assert.True(float.IsNaN(actual));
                        else Assert.InRange(actual, Math.Max(0, expected[p] - 2e-3f * largest), expected[p] + 2e-3f * largest);
                    }
                }
            }
            Assert.Equal(methods.Count, DocumentFile.Read<FilterReport>(Path.Combine(_root, "cams", layer, "filters.json")).Filters.Count);
        }
    }

    [Fact]
    public void Maps_equal_PyTorchs_on_real_photographs()
    {
        string images = SharedData.Path("data/imagenet-sample.tar");
        using var all = ImageSources.Open(images, new ImageSourceOptions { Classes = SharedData.Path("data/imagenet_classes.tsv") });
        using var network = ImageModel.Create("mobilenet_v2", 1000, GradientFlow.Standard);
        using (var weights = Fovea.Checkpoints.StateDict.Load(SharedData.Path("data/mobilenet_v2-imagenet.pth"))) network.CopyFrom(
            weights, "mobilenet_v2");
        var source = new SubsetSource(all, [0, 1, 2, 3]);
        var filters = new[] { "magnitude", "active", "median", "maximum", "gradcam" };
        new Harvester(
            network.With(Preprocessing.ImageNet(256, 224)), source,
                new HarvestOptions { Layers = ["features.18"], Filters = filters, BatchSize = 4 })
            .Run([0, 1, 2, 3], Path.Combine(_root, "real"), cancellation: TestContext.Current.CancellationToken);
        using var store = ActivationStore.Open(Path.Combine(_root, "real", "features.18"));
        var reference = System.Text.Json.JsonDocument.Parse(
            File.ReadAllText(SharedData.Path("reference/filters_mobilenet_v2.json"))).RootElement;
        foreach (string filter in filters)
        {
            var maps = store.ScoreMaps(filter).SelectMany(map => map).ToArray();
            for (int image = 0; image < 4; image++)
            {
                Assert.EndsWith(source.Id(image), reference[image].GetProperty("image").GetString(), StringComparison.Ordinal);
                var expected = reference[image].GetProperty(filter).EnumerateArray().SelectMany(row => row.EnumerateArray())
                    .Select(v => v.GetSingle()).ToArray();
                var actual = maps.AsSpan(image * 49, 49).ToArray();
                // Relative to the map's size: single positions of a sparse map move more than the map does when decoders differ by a grey
                // level.
                double error = Math.Sqrt(
                    expected.Zip(actual, (e, a) => (double)(e - a) * (e - a)).Sum() / Math.Max(1e-12, expected.Sum(e => (double)e * e)));
                Assert.True(error < 1e-2, $"{filter} of image {image}: relative error {error}");
            }
        }
    }
}
