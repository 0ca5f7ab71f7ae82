using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Visualization;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class PictureFolderTests : IDisposable
{
    private static readonly Preprocessing Input = Preprocessing.ImageNet(null, 32);
    private static readonly RenderOptions Options = RenderPresets.Paper with { Steps = 4, BatchSize = 2 };
    private static readonly int[] Units = [5, 0, 3];
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-pictures-").FullName;
    private readonly Network _network = Architectures.Create("small_cnn", 4, GradientFlow.Modified);
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
        foreach (var other in new[] { Options with { Steps = 5 }, Options with { Seed = 9 }, Options with { Size = 24 }, Options with { TotalVariation = 0 }, Options with { Transforms = [] } })
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
    public void An_interruption_keeps_finished_batches()
    {
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => PictureFolder.Make(new FeatureRenderer(_network, Input), UnitGroup.Neurons("block3"), Units, Options, _folder,
            "images/paper", "paper", new Step(progress =>
            {
                if (progress.Finished == 2) stop.Cancel();
            }), stop.Token));
        Assert.Equal(2, Directory.GetFiles(_folder, "*.png", SearchOption.AllDirectories).Length);
        Make(Options);
        Assert.Equal(4, _steps);
    }

    private IReadOnlyList<MadePicture> Make(RenderOptions options) => PictureFolder.Make(
        new FeatureRenderer(_network, Input), UnitGroup.Neurons("block3"), Units, options, _folder, "images/paper", "paper", new Step(_ => _steps++));

    private byte[][] Bytes() => [.. Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private static void Same(IReadOnlyList<MadePicture> expected, IReadOnlyList<MadePicture> actual)
    {
        Assert.Equal(expected.Select(made => (made.File, made.Seed, made.Result.Activation, made.Result.Peak)), actual.Select(made => (made.File, made.Seed, made.Result.Activation, made.Result.Peak)));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Result.Picture.Pixels, pair.Second.Result.Picture.Pixels));
    }

    private sealed class Step(Action<RenderProgress> told) : IProgress<RenderProgress>
    {
        public void Report(RenderProgress value) => told(value);
    }
}
