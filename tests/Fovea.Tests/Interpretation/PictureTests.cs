using Fovea.Checkpoints;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Visualization;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation;

public sealed class PictureTests : IDisposable
{
    private static readonly Preprocessing Input = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-examples-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(3, 3, 7, 224, 3, 64, 64, 96)] // the middle cell: centred
    [InlineData(0, 0, 7, 224, 3, 0, 0, 96)]   // a corner: moved inside
    [InlineData(6, 2, 7, 224, 3, 128, 32, 96)]
    [InlineData(1, 0, 2, 64, 3, 0, 0, 64)]    // larger than the input: the input
    public void Crops_lie_round_the_position_and_inside_the_input(
        int y, int x, int grid, int input, double cells, int top, int left, int side) =>
        Assert.Equal(new PixelBox(left, top, side, side), ExampleCrop.Locate(y, x, grid, grid, input, input, cells));

    [Fact]
    public void Maps_are_upsampled_as_torch_does()
    {
        using var scope = NewDisposeScope();
        float[] map = [0, 3, 1, 2, 5, 4];
        Tensor expected = nn.functional.interpolate(
            tensor(map, [1, 1, 2, 3]), [9, 11], mode: InterpolationMode.Bilinear, align_corners: false);
        float[] actual = HeatOverlay.Upsample(map, 2, 3, 9, 11), want = expected.contiguous().data<float>().ToArray();
        for (int i = 0; i < want.Length; i++) Assert.Equal(want[i], actual[i], 1e-5f);
    }

    [Fact]
    public void Heat_gets_lighter_with_every_value_and_keeps_its_contrast_to_black_and_white()
    {
        double[] luminance = [.. Enumerable.Range(0, 101).Select(i => Luminance(HeatColours.At(i / 100.0)))];
        for (int i = 1; i <= 100; i++) Assert.True(luminance[i] > luminance[i - 1] - 2e-3, $"at {i}");
        Assert.InRange(luminance[0], 0.005, 0.1);
        Assert.InRange(luminance[100], 0.6, 0.95);
        Assert.Equal(HeatColours.At(0), HeatColours.At(double.NaN));
    }

    [Fact]
    public void An_overlay_of_nothing_is_dark_grey_and_the_hottest_place_is_bright()
    {
        var white = new RgbImage(4, 4, [.. Enumerable.Repeat((byte)200, 48)]);
        Assert.All(HeatOverlay.Draw(white, new float[4], 2, 2).Pixels, value => Assert.Equal(120, value));
        var corner = HeatOverlay.Draw(white, [1, 0, 0, 0], 2, 2);
        Assert.True(corner.Pixels[0] > corner.Pixels[45]);
        Assert.Equal(120, corner.Pixels[45]);
    }

    [Fact]
    public void Tables_come_back_as_written_with_the_same_bytes_each_time()
    {
        using var source = new NoisePictures(6);
        var group = UnitGroup.Neurons("block2");
        var statistics = new GroupStatistics(group, 6, 2, 2,
        [
            new UnitStatistics(
                0, 0.25, 0.1, 3.5,
                    [new TopExample(5, 3.5f, 1, 0), new TopExample(2, 3f, 0, 1) { Mean = 1.25f }]) { Others =
                        [new ExampleSet(ExampleKinds.Near, [new TopExample(1, 0, 1, 1)])] },
            new UnitStatistics(1, 0, 0, 0, []),
        ]);
        var picture = new RgbImage(1, 1, [1, 2, 3]);
        var result = new RenderResult(0, "paper", picture, 2.5, 4.5, [1, 2.5], []);
        var features = FeatureTables.Features(
            statistics, [(result, new StoredPicture("pictures-0.png", 4, 4, 1, 1)),
                (result with { Preset = "naive", Activation = 9 }, new StoredPicture("pictures-0.png", 13, 4, 1, 1))]);
        var examples = FeatureTables.Examples(statistics, source,
            [new ExamplePicture(
                0, ExampleKinds.Top, 0, new StoredPicture("top-0.png", 4, 12, 8, 8), new StoredPicture("top-0.png", 20, 12, 8, 8))]);
        Assert.Equal(new StoredPicture("pictures-0.png", 13, 4, 1, 1), features[1].PicturePlace());
        Assert.Equal(
            (new StoredPicture("top-0.png", 4, 12, 8, 8), new StoredPicture("top-0.png", 20, 12, 8, 8)),
                (examples[0].CropPlace(), examples[0].HeatPlace()));
        Assert.Null(features[2].PicturePlace());
        Assert.Equal(["paper", "naive", null], features.Select(row => row.Preset));
        string one = Path.Combine(_folder, "a.parquet"), two = Path.Combine(_folder, "b.parquet"), three = Path.Combine(
            _folder, FeatureTables.ExamplesName);
        TableFile.Write(one, features);
        TableFile.Write(two, features);
        TableFile.Write(three, examples);
        Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(two));
        Assert.Equal(features, TableFile.Read<FeatureRow>(one));
        Assert.Equal(examples, TableFile.Read<ExampleRow>(three));
        Assert.Equal(
            new ExampleRow { Unit = 0, Rank = 1, Image = "noise/2", ImageIndex = 2, Label = 2, Value = 3, Mean = 1.25f, Y = 0, X = 1 },
                examples[1]);
        Assert.Equal(
            (3, "near", 0, 1, 0f), (examples.Count, examples[2].Kind, examples[2].Rank, examples[2].ImageIndex, examples[2].Value));
        Assert.Equal(
            FailureKind.Data, Assert.Throws<FoveaException>(() => TableFile.Read<FeatureRow>(Path.Combine(_folder, "none.parquet"))).Kind);
    }

    [Fact]
    public void Crops_and_overlays_are_written_for_the_units_asked_for()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        using var source = new NoisePictures(25);
        var statistics = TopExamples.Collect(
            network.With(Input), [UnitGroup.Neurons("block2")], source, new TopExamplesOptions { Examples = 3 },
            cancellationToken: TestContext.Current.CancellationToken)[0];
        var files = ExamplePictures.Write(
            network.With(Input), source, statistics, [2, 0], _folder, new ExamplePictureOptions { Size = 48, Examples = 2, BatchSize = 3 },
            TestContext.Current.CancellationToken);
        Assert.Equal(
            [(2, 0), (2, 1), (0, 0), (0, 1)], files.Where(file => file.Kind == ExampleKinds.Top).Select(file => (file.Unit, file.Rank)));
        Assert.Equal(["top", "band-0", "band-50", "band-75", "band-90", "random", "near"], files.Select(file => file.Kind).Distinct());
        Assert.Equal(files.Count, files.Select(file => (file.Unit, file.Kind, file.Rank)).Distinct().Count());
        Assert.Equal(2 * files.Count, files.SelectMany(file => new[] { file.Crop, file.Heat }).Distinct().Count());
        Assert.Equal(["others-0.png", "top-0.png"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
        // Each crop where it is said to be, as it is cut from its image, and the overlay with its light at the strongest place.
        SheetReader sheets = Sheets();
        var field = ReceptiveField.Of(network.With(Input), "block2", 32, 32);
        foreach (var file in files)
        {
            var unit = statistics.Units[file.Unit];
            TopExample example = unit.AllExamples.First(set => set.Kind == file.Kind).Examples[file.Rank];
            RgbImage seen = Input.ApplyToPixels(source.Read(example.Image));
            Assert.Equal(
                ExampleCrop.Cut(seen, ExampleCrop.Locate(field, example.Y, example.X, 32, 32), 48).Pixels, sheets.Cut(file.Crop).Pixels);
            Assert.Equal((48, 48), (sheets.Cut(file.Heat).Width, sheets.Cut(file.Heat).Height));
            Assert.NotEqual(sheets.Cut(file.Crop).Pixels, sheets.Cut(file.Heat).Pixels);
        }
        Assert.All(files, file => Assert.Equal(file.Kind == ExampleKinds.Top ? "top-0.png" : "others-0.png", file.Crop.File));
    }

    [Fact]
    public void Near_misses_of_latents_show_where_they_came_nearest()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        using var source = new NoisePictures(12);
        using var dictionary = new TopKAutoencoder(64, 96, 2);
        dictionary.Initialize(3);
        var group = UnitGroup.Latents("block2", "topk", dictionary);
        var statistics = TopExamples.Collect(
            network.With(Input), [group], source, cancellationToken: TestContext.Current.CancellationToken)[0];
        int[] units = [.. statistics.Units.Where(unit => unit.Density > 0 && Near(unit).Count > 0).Select(unit => unit.Unit)];
        Assert.NotEmpty(units);
        var files = ExamplePictures.Write(
            network.With(Input), source, statistics, units, _folder, new ExamplePictureOptions { BatchSize = 5 },
                TestContext.Current.CancellationToken);

        using var frozen = new FrozenNetwork(network);
        var taps = new Probe(group.Layer);
        foreach (int unit in units)
        {
            foreach (var (example, rank) in Near(statistics.Units[unit]).Select((example, rank) => (example, rank)))
            {
                RgbImage picture = Input.ApplyToPixels(source.Read(example.Image));
                var maps = ExampleMaps.Of(network.With(Input), taps, statistics, [picture], near: true);
                Assert.All(maps.Heat(0, unit, ExampleKinds.Top), value => Assert.Equal(0, value)); // off
                float[] heat = maps.Heat(0, unit, ExampleKinds.Near);
                Assert.Equal(0, heat.Min());
                Assert.Equal(example.Y * statistics.Width + example.X, Array.IndexOf(heat, heat.Max()));
                // And so it is drawn.
                StoredPicture place = files.Single(file => (file.Unit, file.Kind, file.Rank) == (unit, ExampleKinds.Near, rank)).Heat;
                RgbImage expected = HeatOverlay.Draw(picture, heat, statistics.Height, statistics.Width);
                byte[] drawn = Sheets().Cut(place).Pixels;
                Assert.All(drawn.Zip(expected.Pixels),
                    pair => Assert.InRange(pair.First - pair.Second, -1, 1)); // another batch, other last bits
            }
        }

        static IReadOnlyList<TopExample> Near(UnitStatistics unit) =>
            unit.Others.FirstOrDefault(set => set.Kind == ExampleKinds.Near)?.Examples ?? [];
    }

    [Fact]
    public void Crops_are_the_receptive_field_where_it_is_smaller_than_the_input()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        var small = ReceptiveField.Of(network, "block2", 32, 32);
        Assert.Equal(small.Box(1, 2), ExampleCrop.Locate(small, 1, 2, 32, 32));
        // A layer that sees all of 32×32 from everywhere.
        var whole = ReceptiveField.Of(network, "avgpool", 32, 32);
        Assert.Equal(ExampleCrop.Locate(0, 0, 1, 1, 32, 32), ExampleCrop.Locate(whole, 0, 0, 32, 32));
        // Clipped boxes keep their proportions: red in the middle, grey beside it.
        var red = new RgbImage(8, 8, [.. Enumerable.Range(0, 192).Select(i => (byte)(i % 3 == 0 ? 255 : 0))]);
        var crop = ExampleCrop.Cut(red, new PixelBox(0, 0, 4, 8), 16);
        Assert.Equal(((byte)128, (byte)255, (byte)128), (crop.Pixels[3 * 3], crop.Pixels[3 * 4], crop.Pixels[3 * 12]));
    }

    [Fact]
    public void Evidence_comes_back_as_collected()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Standard);
        network.Initialise(4);
        using var source = new NoisePictures(25);
        var group = UnitGroup.Neurons("block4");
        var statistics = TopExamples.Collect(
            network.With(Input), [group], source, cancellationToken: TestContext.Current.CancellationToken)[0];
        var effects = LogitEffects.Of(network, group);
        string path = Path.Combine(_folder, EvidenceFile.Name);
        EvidenceFile.Write(path, statistics, effects);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(statistics.Histogram!.Counts.ToArray(), file.Span<long>("histogram").ToArray());
        Assert.Equal(statistics.Histogram.Edges, file.Span<float>("histogram_edges").ToArray());
        Assert.Equal((float)statistics.Grid!.Mean(100, 3, 1), file.Span<float>("grid_mean")[(100 * 4 + 3) * 4 + 1]);
        Assert.Equal((float)statistics.Grid.Rate(100, 3, 1), file.Span<float>("grid_rate")[(100 * 4 + 3) * 4 + 1]);
        Assert.Equal((float)statistics.Classes!.Mean(100, 2), file.Span<float>("class_means")[100 * 5 + 2]);
        Assert.Equal(effects!.Weight(100, 2), file.Span<float>("logit_weights")[100 * 5 + 2]);
        var row = FeatureTables.Features(statistics, []).Single(row => row.Unit == 100);
        Assert.Equal(statistics.Histogram.Quantile(100, 0.999), row.P999);
        Assert.Equal((statistics.Classes.TopClass(100), statistics.Classes.Selectivity(100)), (row.TopClass, row.Selectivity));
        Assert.Equal(statistics.Classes.Mean(100, row.TopClass!.Value), row.TopClassMean);
    }

    private SheetReader Sheets() =>
        new(file => File.Exists(Path.Combine(_folder, file)) ? File.OpenRead(Path.Combine(_folder, file)) : null, _folder);

    private static double Luminance((byte R, byte G, byte B) colour)
    {
        static double Linear(byte value) => value <= 10 ? value / 255.0 / 12.92 : Math.Pow((value / 255.0 + 0.055) / 1.055, 2.4);
        return 0.2126 * Linear(colour.R) + 0.7152 * Linear(colour.G) + 0.0722 * Linear(colour.B);
    }
}
