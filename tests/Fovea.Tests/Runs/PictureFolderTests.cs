using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Tests.Interpretation;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Fovea.Visualization.Parameterizations;
using Fovea.Visualization.Transforms;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class PictureFolderTests : IDisposable
{
    private static readonly Preprocessing Input = Preprocessing.ImageNet(null, 32);
    private static readonly RenderOptions Options = RenderPresets.Paper with { Steps = 4, BatchSize = 2 };
    private static readonly int[] Units = [5, 0, 3];
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-pictures-").FullName;
    private readonly ImageModel _network = ImageModel.Create("small_cnn", 4, GradientFlow.Modified);
    private int _steps;

    public PictureFolderTests() => _network.Initialise(2);

    public void Dispose()
    {
        _network.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_set_that_is_there_is_read_and_a_batch_that_is_not_whole_is_made_again()
    {
        var first = Make(Options);
        Assert.Equal(8, _steps); // two batches of four steps
        Assert.Equal(["images/paper-5.png", "images/paper-0.png", "images/paper-3.png"], first.Select(made => made.File));
        byte[][] bytes = Bytes();
        Same(first, Make(Options));
        Assert.Equal(8, _steps);

        // Half a batch, as a kill leaves it.
        File.Delete(Path.Combine(_folder, "images/paper-0.png"));
        Same(first, Make(Options));
        Assert.Equal(12, _steps);
        Assert.Equal(bytes, Bytes());
    }

    [Fact]
    public void Pictures_made_otherwise_are_not_taken()
    {
        Make(Options);
        RenderOptions[] others =
        [
            Options with { Steps = 5 }, Options with { Seed = 9 }, Options with { Size = 24 }, Options with { TotalVariation = 0 },
                Options with { Views = 2 }, Options with { L2 = 1 },
            Options with { StartFrom = [Grey(90)] }, Options with { StartFrom = [Grey(91)] }, Options with { FlatWindow = 1 },
                Options with { FinalBlur = 0.1 },
            Options with { Parameterization = new DecorrelatedPixels(
                new ColourStatistics([0.5, 0.5, 0.5], new double[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } })) },
            Options with { BypassClamps = false }, Options with { ViewSize = 24 }, Options with { Transforms = [] },
        ];
        foreach (var other in others)
        {
            _steps = 0;
            Make(other);
            Assert.True(_steps > 0, other.ToString());
        }
        File.WriteAllText(Path.Combine(_folder, "images/paper-5.json"), "{}");
        _steps = 0;
        Make(Options with { Transforms = [] });
        Assert.Equal(4, _steps);
    }

    [Fact]
    public void Recipes_that_differ_in_any_number_have_different_records()
    {
        RenderOptions Colours(IImageParameterization parameterization) => Options with { Parameterization = parameterization };
        RenderOptions Views(ITransform transform) => Options with { Transforms = [transform] };
        RenderOptions[] all =
        [
            Options, Colours(new DecorrelatedPixels { Scale = 0.2 }), Colours(new DecorrelatedPixels { StartDeviation = 0.2 }),
                Colours(new DecorrelatedPixels(root: ColourRoot.PrincipalAxes)),
            Colours(new Pixels()), Colours(new Pixels { Scale = 0.2 }), Colours(new Pixels { StartDeviation = 0.2 }),
            Colours(new FourierPixels()), Colours(new FourierPixels { StartDeviation = 0.02 }), Colours(new FourierPixels { Decay = 1.5 }),
                Colours(new FourierPixels(root: ColourRoot.Cholesky)),
            Colours(new Maco()), Colours(new Maco { Scale = 0.2 }), Colours(new Maco(root: ColourRoot.PrincipalAxes)),
                Colours(new Maco(spectrum: SpectrumTemplate.Radial(2))),
            Colours(new Maco(spectrum: Spectrum(1))), Colours(new Maco(spectrum: Spectrum(2))),
            Views(new RandomAffine { Outside = Outside.Border }), Views(new RandomAffine { MinimumScale = 0.9 }),
                Views(new RandomAffine { MaximumScale = 1.3 }), Views(new RandomAffine { Degrees = 5 }),
            Views(new RandomAffine { Translation = 0.1 }), Views(new RandomAffine { Flip = 0 }),
            Views(new RandomCrop(0.5, 1)), Views(new RandomCrop(0.6, 1)), Views(new RandomCrop(0.5, 0.9)),
                Views(new RandomCrop(0.5, 1) { Spread = 0 }), Views(new RandomCrop(0.5, 1) { Size = 24 }),
            Views(new Pad(2)), Views(new Pad(3)), Views(new Pad(2, Outside.Border)), Views(new Pad(2) { Colour = [1, 0, 0] }),
                Views(new Pad(2) { Colour = [0, 1, 0] }),
            Views(new RandomScale(0.9, 1.1)), Views(new RandomScale(0.8, 1.1)), Views(new RandomScale(0.9, 1.2)),
                Views(new RandomRotation(10)), Views(new RandomRotation(20)),
            Views(new Jitter(2)), Views(new Jitter(3)), Views(new Noise(0.1)), Views(new Noise(0.2)), Views(new RandomFlip()),
        ];
        var subject = PictureSubject.Of(UnitGroup.Neurons("block3"), Units);
        PictureRecord[] records = [.. all.Select(options => PictureRecords.Of(subject, 0, options))];
        for (int i = 0; i < all.Length; i++)
        {
            for (int j = 0; j < all.Length; j++) Assert.True(records[i].SameRecipe(records[j]) == (i == j), $"{all[i]} and {all[j]}");
        }
    }

    [Fact]
    public void Pictures_of_one_unit_that_are_judged_together_are_made_together_and_numbered()
    {
        var objective = Objective.Diverse(new UnitObjective("block3", Objective.Repeat([5, 0], 3)), 2);
        var subject = new PictureSubject("neurons", objective, ["a", "a", "a", "b", "b", "b"], ["x", "x", "x", "y", "y", "y"]);
        RenderOptions options = Options with { StartFrom = [.. Enumerable.Range(0, 6).Select(i => Grey((byte)(60 + 20 * i)))], Steps = 3 };
        var made = Make(subject, options);
        Assert.Equal(6, _steps); // two batches of three pictures, though two fit
        Assert.Equal(["d-a.png", "d-a-r2.png", "d-a-r3.png", "d-b.png", "d-b-r2.png", "d-b-r3.png"], made.Select(one => one.File));
        Assert.Equal([0, 1, 2, 0, 1, 2], made.Select(one => one.Result.Replica));
        // Each from its own picture, in its own batch, as the renderer makes them.
        var plain = new FeatureRenderer(_network.With(Input)).Render(objective, options);
        Assert.All(made.Zip(plain), pair => Assert.Equal(pair.Second.Picture.Pixels, pair.First.Result.Picture.Pixels));
        var record = DocumentFile.Read<PictureRecord>(Path.Combine(_folder, "d-b-r2.json"));
        Assert.Equal((0, 1, "y", "block3"), (record.Unit, record.Replica, record.Inputs, record.Layer));
        Assert.Equal("mean of neuron 0 over the positions of block3 + 2 × diversity of the pictures of unit 0 at block3", record.Objective);

        Same(made, Make(subject, options));
        Assert.Equal(6, _steps);
        Make(new PictureSubject("neurons", objective, ["a", "a", "a", "b", "b", "b"], ["x", "x", "x", "z", "z", "z"]), options);
        Assert.Equal(9, _steps); // the second unit's alone
    }

    [Fact]
    public void A_picture_of_something_else_with_the_same_number_is_not_replaced()
    {
        Make(Options);
        byte[][] bytes = Bytes();
        foreach (UnitGroup other in (UnitGroup[])[UnitGroup.Neurons("block2"), UnitGroup.Neurons("block3") with { Name = "topk" }])
        {
            var refused = Assert.Throws<FoveaException>(
                () => PictureFolder.Make(
                    new FeatureRenderer(_network.With(Input)), other, Units, Options, _folder, "images/paper", "paper"));
            Assert.Equal(FailureKind.Configuration, refused.Kind);
            Assert.Contains("of neurons on block3", refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(bytes, Bytes());
    }

    [Fact]
    public void A_kill_between_a_picture_and_its_record_leaves_no_wrong_pair()
    {
        var first = Make(Options);
        // The records of the second recipe cannot be written: its pictures stand where the first one's were.
        string blocked = AtomicFile.TemporaryOf(Path.Combine(_folder, "images/paper-5.json"));
        Directory.CreateDirectory(blocked);
        Assert.Throws<FoveaException>(() => Make(Options with { TotalVariation = 0.5 }));
        Directory.Delete(blocked);
        _steps = 0;
        Same(first, Make(Options));
        Assert.Equal(4, _steps); // the batch of that picture
    }

    [Fact]
    public void What_pictures_of_units_were_made_from_can_be_said()
    {
        var group = UnitGroup.Neurons("block3");
        foreach (var (inputs, steps) in new[] { ("weights a", 8), ("weights a", 0), ("weights b", 8) })
        {
            _steps = 0;
            Make(PictureSubject.Of(group, Units, inputs), Options);
            Assert.Equal(steps, _steps);
        }
    }

    [Fact]
    public void Names_tell_pictures_apart()
    {
        var objective = Objective.Each(new UnitObjective("block3", [1]), new UnitObjective("block3", [1]));
        Assert.Contains(
            "would be called 1", Assert.Throws<FoveaException>(() => new PictureSubject("neurons", objective)).Message,
                StringComparison.Ordinal);
        Assert.Equal(["1+2", "1-2"], new PictureSubject("neurons", objective, ["1+2", "1-2"]).Files);
        Assert.Equal(["1", "1-r2"], new PictureSubject("neurons", new UnitObjective("block3", [1, 1])).Files);
        Assert.Throws<FoveaException>(() => new PictureSubject("neurons", objective, ["1+2"]));
        Assert.Throws<FoveaException>(() => new PictureSubject("neurons", objective, ["1+2", "1-2"], ["x"]));
        Assert.Equal(
            FailureKind.Configuration,
                Assert.Throws<FoveaException>(
                    () => Make(PictureSubject.Of(UnitGroup.Neurons("block3"), [1, 2, 3]),
                        Options with { StartFrom = [Grey(1), Grey(2)] })).Kind);
    }

    [Fact]
    public void An_interruption_keeps_finished_batches()
    {
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () => PictureFolder.Make(new FeatureRenderer(_network.With(Input)), UnitGroup.Neurons("block3"), Units, Options, _folder,
            "images/paper", "paper", new Step(progress =>
            {
                if (progress.Finished == 2) stop.Cancel();
            }), stop.Token));
        Assert.Equal(2, Directory.GetFiles(_folder, "*.png", SearchOption.AllDirectories).Length);
        Make(Options);
        Assert.Equal(4, _steps);
    }

    private IReadOnlyList<MadePicture> Make(RenderOptions options) => PictureFolder.Make(
        new FeatureRenderer(_network.With(Input)), UnitGroup.Neurons("block3"), Units, options, _folder, "images/paper", "paper",
            new Step(_ => _steps++));

    private IReadOnlyList<MadePicture> Make(PictureSubject subject, RenderOptions options) =>
        PictureFolder.Make(new FeatureRenderer(_network.With(Input)), subject, options, _folder, "d", "paper", new Step(_ => _steps++));

    private static SpectrumTemplate Spectrum(ulong seed) => SpectrumTemplate.Measure(new NoisePictures(20), 8, images: 4, seed: seed);

    private static RgbImage Grey(byte level) => new(32, 32, [.. Enumerable.Repeat(level, 32 * 32 * 3)]);

    private byte[][] Bytes() =>
        [.. Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private static void Same(IReadOnlyList<MadePicture> expected, IReadOnlyList<MadePicture> actual)
    {
        Assert.Equal(
            expected.Select(made => (made.File, made.Seed, made.Result.Activation, made.Result.Peak)),
                actual.Select(made => (made.File, made.Seed, made.Result.Activation, made.Result.Peak)));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Result.Picture.Pixels, pair.Second.Result.Picture.Pixels));
    }

    private sealed class Step(Action<RenderProgress> told) : IProgress<RenderProgress>
    {
        public void Report(RenderProgress value) => told(value);
    }
}
