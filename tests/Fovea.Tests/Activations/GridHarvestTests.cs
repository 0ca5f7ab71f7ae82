using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Dictionaries.Plain;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interpretation.Attribution;
using Fovea.Interventions;
using Fovea.IO;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Tests.Interpretation;
using Fovea.Tests.Models.Grids;
using Fovea.Tests.Shared;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Activations;

/// <summary>What is done with layers is done with layers of tokens and of channels that come last.</summary>
public sealed class GridHarvestTests : IDisposable
{
    private const int Count = 7;
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-grids-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>One network with a layer <c>[N, H, W, C]</c>, and the same with a permute to <c>[N, C, H, W]</c> in its way.</summary>
    [Fact]
    public void Channels_last_give_the_bytes_of_channels_first()
    {
        string[] filters = ["none", "magnitude", "active", "median", "maximum", "gradcam", "layercam", "ablationcam"];
        using var last = GridLayerTests.Make(TokenNetworks.Swin());
        using var first = GridLayerTests.Make(TokenNetworks.Swin(through: true));
        Harvest(last, "last", "stage1", filters);
        Harvest(first, "first", "turned", filters);
        Assert.Equal(Tensors("last", "stage1", "vectors-00000"), Tensors("first", "turned", "vectors-00000"));
        using ActivationStore one = Open("last", "stage1"), other = Open("first", "turned");
        Assert.Equal([4, 8], one.Manifest.Grid);
        Assert.Equal(new LayerGrid(LayerGrid.ChannelsLast, 4, 8), one.Manifest.Layout);
        Assert.Null(other.Manifest.Layout);
        foreach (string filter in filters.Skip(1))
        {
            float[] expected = [.. other.ScoreMaps(filter).SelectMany(map => map)];
            float[] actual = [.. one.ScoreMaps(filter).SelectMany(map => map)];
            Assert.True(expected.Any(score => score > 0) && expected.Distinct().Count() > 2, filter);
            for (int i = 0; i < expected.Length; i++)
            {
                if (float.IsNaN(expected[i])) Assert.True(float.IsNaN(actual[i]), filter);
                else Assert.Equal(expected[i], actual[i], 1e-4f * Math.Abs(expected[i]) + 1e-6f);
            }
        }
    }

    /// <summary>Vectors by position, and scores by a loop over positions.</summary>
    [Theory]
    [InlineData("block0", 1)]
    [InlineData("block1.norm1", 3)]
    public void Tokens_are_rows_by_position(string layer, int before)
    {
        using var model = GridLayerTests.Make(TokenNetworks.Vit(before));
        using var raw = GridLayerTests.Make(TokenNetworks.Vit(before), grids: false);
        Harvest(model, "vit", layer, ["none", "magnitude", "gradcam"]);
        using ActivationStore store = Open("vit", layer);
        Assert.Equal((12, Count * 32L), (store.Manifest.Channels, store.Manifest.Vectors));
        Assert.Equal(
            (LayerGrid.Tokens, before, (bool?)true),
                (store.Manifest.Layout?.Kind, store.Manifest.Layout?.Before, store.Manifest.WholeImage));
        float[] magnitudes = [.. store.ScoreMaps("magnitude").SelectMany(map => map)], cams =
            [.. store.ScoreMaps("gradcam").SelectMany(map => map)];
        var source = new NoisePictures(Count);
        for (int image = 0; image < Count; image++)
        {
            using var scope = NewDisposeScope();
            ProbeResult pass = raw.Forward(Pixels(source.Read(image)), new Probe(layer)
            {
                Output = true,
                Gradient = new ProbeGradient(read => read.Logits[0, source.Label(image)], [layer]),
            });
            float[] tokens = Numbers(pass[layer].detach()), gradients = Numbers(pass.Gradient(layer));
            var map = new double[32];
            for (int p = 0; p < 32; p++)
            {
                double sum = 0;
                for (int c = 0; c < 12; c++)
                {
                    float value = tokens[(before + p) * 12 + c];
                    Assert.Equal(value, store.Row(image * 32 + p)[c], 1e-4f);
                    sum += Math.Abs(value);
                    double weight = Enumerable.Range(0, 32).Average(q => (double)gradients[(before + q) * 12 + c]);
                    map[p] += weight * value;
                }
                Assert.Equal(sum, magnitudes[image * 32 + p], 1e-3);
            }
            for (int p = 0; p < 32; p++)
            {
                if (map.Max() > 0) Assert.Equal(Math.Max(map[p], 0) / map.Max(), cams[image * 32 + p], 1e-3);
                else Assert.True(float.IsNaN(cams[image * 32 + p]));
            }
        }
    }

    [Fact]
    public void A_class_token_is_a_layer_of_one_position()
    {
        using var model = GridLayerTests.Make(TokenNetworks.Vit());
        using var raw = GridLayerTests.Make(TokenNetworks.Vit(), grids: false);
        Harvest(model, "class", "block1@class", ["none", "magnitude"]);
        using ActivationStore store = Open("class", "block1@class");
        Assert.Equal([1, 1], store.Manifest.Grid);
        Assert.Equal(Count, store.Count);
        using var scope = NewDisposeScope();
        for (int image = 0; image < Count; image++)
        {
            float[] expected = Numbers(
                raw.Forward(Pixels(new NoisePictures(Count).Read(image)), new Probe("block1"))["block1"][0, 0].detach());
            for (int c = 0; c < 12; c++) Assert.Equal(expected[c], store.Row(image)[c], 1e-4f);
        }
    }

    /// <summary>Channel 0 is the red of a patch: the image with a red patch comes first, at that patch.</summary>
    [Theory]
    [InlineData("tokens")]
    [InlineData("last")]
    [InlineData("windows")]
    public void A_planted_colour_is_found_where_it_is(string layer)
    {
        using var model = GridLayerTests.Make(TokenNetworks.Colours());
        var source = new OnePatch();
        GroupStatistics statistics = TopExamples.Collect(
            model, [UnitGroup.Neurons(layer)], source, cancellationToken: TestContext.Current.CancellationToken)[0];
        for (int colour = 0; colour < 3; colour++)
        {
            TopExample top = statistics.Units[colour].Examples[0];
            Assert.Equal(OnePatch.Place(top.Image), (colour, top.Y, top.X));
        }
        // The crop is the patch itself, 8 × 4 pixels between grey: nothing but the colour.
        var pictures = ExamplePictures.Write(
            model, source, statistics, [1], _root, cancellationToken: TestContext.Current.CancellationToken);
        StoredPicture crop = pictures.First(picture => picture.Rank == 0).Crop;
        RgbImage sheet = ImageCodec.Decode(File.ReadAllBytes(Path.Combine(_root, crop.File)), crop.File);
        for (int y = 1; y < 31; y++)
        {
            int at = ((crop.Top + y) * sheet.Width + crop.Left + 16) * 3;
            Assert.Equal((0, 255, 0), (sheet.Pixels[at], sheet.Pixels[at + 1], sheet.Pixels[at + 2]));
        }
    }

    [Theory]
    [InlineData("vit", "block0", 12)]
    [InlineData("vit", "block1@class", 12)]
    [InlineData("swin", "stage1", 12)]
    [InlineData("swin", "stage2", 24)]
    public void An_exact_dictionary_changes_nothing_and_others_do_what_a_loop_says(string network, string layer, int channels)
    {
        using var model = Network(network);
        using var raw = Network(network, grids: false);
        var source = new NoisePictures(Count);
        using var exact = new NeuronBasis(channels);
        SpliceResult result = SplicedEvaluation.Evaluate(
            model, layer, [exact], source, new SpliceOptions { BatchSize = 3 },
                cancellationToken: TestContext.Current.CancellationToken)[0];
        Assert.Equal(result.Original, result.Spliced);
        Assert.Equal(0, result.Kl);
        Assert.NotEqual(result.Original.Loss, result.ZeroAblated.Loss);
        // Zero ablation of the grid alone: tokens of no position stay.
        using var scope = NewDisposeScope();
        double loss = 0;
        string value = layer.Split('@')[0];
        for (int i = 0; i < Count; i++)
        {
            Tensor logits = raw.Forward(Pixels(source.Read(i)), new Probe().With(value, Ablated)).Logits;
            loss -= logits.log_softmax(1)[0, source.Label(i)].item<float>() / Count;
        }
        Assert.Equal(loss, result.ZeroAblated.Loss, 1e-4);

        Tensor Ablated(Tensor x)
        {
            if (network == "swin") return zeros_like(x);
            Tensor kept = ones(1, x.shape[1], 1);
            kept[.., layer.Contains('@') ? 0..1 : 1..].fill_(0);
            return x * kept;
        }
    }

    [Theory]
    [InlineData("vit", "block0")]
    [InlineData("swin", "stage1")]
    public void Units_are_edited_at_positions(string network, string layer)
    {
        using var model = Network(network);
        using var raw = Network(network, grids: false);
        using var scope = NewDisposeScope();
        Tensor images = GridLayerTests.Images(2);
        var edit = new Intervention(layer, EditedUnits.Neurons(3, 7), UnitOperation.Add(2)) { Positions = [(1, 6), (3, 0)] };
        Tensor actual = model.Forward(images, new Probe().With(layer, x => edit.Apply(x))).Logits;
        Tensor expected = raw.Forward(images, new Probe().With(layer, x =>
        {
            Tensor changed = x.clone();
            foreach (var (y, column) in edit.Positions)
                foreach (int unit in (int[])[3, 7])
                    (network == "vit" ? changed[.., 1 + 8 * y + column, unit] : changed[.., y, column, unit]).add_(2);
            return changed;
        })).Logits;
        Assert.True(BatchCheck.Relative(actual, expected) < 1e-5);
        Assert.True(BatchCheck.Relative(actual, raw.Forward(images)) > 1e-3);
    }

    [Theory]
    [InlineData("vit", "block0")]
    [InlineData("swin", "stage2")]
    public void Pictures_of_its_units_are_made(string network, string layer)
    {
        using var model = Network(network);
        RenderOptions options = RenderPresets.Get("paper") with { Steps = 40, Size = 32 };
        RenderResult first = FeatureRenderer.Render(
            model, new UnitObjective(layer, [4]), options with { Steps = 1 }, cancellationToken: TestContext.Current.CancellationToken)[0];
        RenderResult last = FeatureRenderer.Render(
            model, new UnitObjective(layer, [4]), options, cancellationToken: TestContext.Current.CancellationToken)[0];
        Assert.Equal((32, 32), (last.Picture.Width, last.Picture.Height));
        Assert.True(last.Activation > first.Activation + 0.1, $"{first.Activation} → {last.Activation}");
    }

    [Fact]
    public void What_has_no_meaning_is_refused_before_anything_is_read()
    {
        using var model = GridLayerTests.Make(TokenNetworks.Vit());
        var source = new NoisePictures(Count);
        var error = Assert.Throws<FoveaException>(() => Harvest(model, "late", "block1", ["none", "gradcam"]));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("does not depend on the positions of block1", error.Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => CamSurvey.Measure(model, "norm", source));
        // By values alone it can be looked at.
        Harvest(model, "values", "block1", ["none", "magnitude"]);
        error = Assert.Throws<FoveaException>(() => CamSurvey.Measure(model, "block0@class", source));
        Assert.Contains("one position", error.Message, StringComparison.Ordinal);
        Assert.Equal([4, 8], CamSurvey.Measure(
            model, "block0", source, cancellationToken: TestContext.Current.CancellationToken).Grid);
    }

    private static ImageModel Network(string name, bool grids = true) =>
        GridLayerTests.Make(name == "vit" ? TokenNetworks.Vit() : TokenNetworks.Swin(), grids);

    private void Harvest(ImageModel model, string folder, string layer, string[] filters) =>
        new Harvester(model, new NoisePictures(Count), new HarvestOptions { Layers = [layer], Filters = filters, BatchSize = 3 })
            .Run([.. Enumerable.Range(0, Count)], Path.Combine(_root, folder), cancellation: TestContext.Current.CancellationToken);

    private ActivationStore Open(string folder, string layer) =>
        ActivationStore.Open(SafeName.Combine(Path.Combine(_root, folder), layer));

    private string Tensors(string folder, string layer, string file)
    {
        using var shard = SafetensorsFile.Open(Path.Combine(_root, folder, layer, file + ".safetensors"));
        return shard.Metadata[HarvestShard.HashKey];
    }

    private static Tensor Pixels(RgbImage image)
    {
        var pixels = new float[3 * 32 * 32];
        GridLayerTests.Input.Apply(image, 0, pixels);
        return tensor(pixels, [1, 3, 32, 32]);
    }

    private static float[] Numbers(Tensor values) => values.contiguous().data<float>().ToArray();

    /// <summary>Black images with one patch of one colour each.</summary>
    private sealed class OnePatch : IImageSource
    {
        public string Description => "patches";

        public ClassList Classes { get; } = new(
            [new ClassInfo("red", "red"), new ClassInfo("green", "green"), new ClassInfo("blue", "blue")]);

        public int Count => 3;

        public string Fingerprint => "patches";

        public static (int Colour, int Y, int X) Place(int image) => image switch { 0 => (0, 1, 5), 1 => (1, 3, 0), _ => (2, 0, 7) };

        public string Id(int index) => $"patch/{index}";

        public int Label(int index) => index;

        public RgbImage Read(int index)
        {
            var pixels = new byte[32 * 32 * 3];
            (int colour, int y, int x) = Place(index);
            for (int row = 8 * y; row < 8 * y + 8; row++)
                for (int column = 4 * x; column < 4 * x + 4; column++) pixels[(row * 32 + column) * 3 + colour] = 255;
            return new RgbImage(32, 32, pixels);
        }

        public void Dispose()
        {
        }
    }
}
