using Fovea.Activations;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages.Sweeps;
using Fovea.Tests.Interpretation;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>Which images train and which test: never the same one.</summary>
[Collection(TensorCounts.Name)]
public sealed class SweepFoldTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-folds-").FullName;
    private readonly ActivationStore _store;

    public SweepFoldTests()
    {
        using var network = ImageModel.Create("small_cnn", 5, GradientFlow.Modified);
        network.Initialise(1);
        network.Eval();
        new Harvester(
            network.With(new Preprocessing(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f])), new NoisePictures(23), new HarvestOptions
            {
                Layers = ["block4"],
                Filters = ["none", "magnitude"],
                BatchSize = 5,
                ValidationFraction = 0.2,
                Seed = 1,
            }).Run([.. Enumerable.Range(0, 23)], _folder, null, TestContext.Current.CancellationToken);
        _store = ActivationStore.Open(Path.Combine(_folder, "block4"));
    }

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(5, null)]
    [InlineData(3, 11)]
    public void Parts_are_by_image_and_each_image_is_tested_once(int folds, int? images)
    {
        var parts = SweepFold.Of(_store, Settings() with { Folds = folds, Images = images }, seed: 4);
        Assert.Equal(folds, parts.Count);
        int used = images ?? 23;
        Assert.Equal(used, parts.SelectMany(part => part.TestImages).Distinct().Count());
        Assert.Equal(used, parts.Sum(part => part.TestImages.Count));
        foreach (var part in parts)
        {
            Assert.InRange(part.TestImages.Count, used / folds, used / folds + 1);
            foreach (string filter in (string[])["none", "magnitude"])
            {
                int[] training = Images(part.Training(filter)), test = Images(part.Test(filter));
                Assert.Empty(training.Intersect(test));
                Assert.Equal(used - test.Length, training.Length);
                Assert.Equal(part.TestImages.Order(), test.Select(place => _store.Images[place]).Order());
            }
        }
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(1, 7)]
    [InlineData(1, 12)]
    [InlineData(1, 22)]
    [InlineData(3, 10)]
    [InlineData(5, null)]
    public void How_many_train_is_known_before_the_harvest(int folds, int? images)
    {
        var settings = Settings() with { Folds = folds, Images = images };
        int least = SweepFold.Of(_store, settings, seed: 1).Min(part => Images(part.Training("none")).Length);
        Assert.Equal(least, SweepFold.TrainingImages(23, 0.2, settings, seed: 1));
    }

    [Fact]
    public void A_draw_without_both_sides_is_refused_before_the_harvest_as_after_it()
    {
        int refused = 0;
        for (int images = 1; images < 23; images++)
        {
            var settings = Settings() with { Images = images };
            var after = Record.Exception(() => SweepFold.Of(_store, settings, seed: 1));
            var before = Record.Exception(() => SweepFold.TrainingImages(23, 0.2, settings, seed: 1));
            Assert.Equal(after?.Message, before?.Message);
            if (before is not null) refused++;
        }
        Assert.InRange(refused, 1, 21);
    }

    [Fact]
    public void One_part_is_the_runs_own_split()
    {
        var part = Assert.Single(SweepFold.Of(_store, Settings(), seed: 4));
        var (training, validation) = _store.Draws("magnitude");
        Assert.Equal(training, part.Training("magnitude"));
        Assert.Equal(validation, part.Test("magnitude"));
        Assert.Equal(_store.Manifest.Split.ValidationImages, part.TestImages.Order());
        var held = part.HeldOut(Settings() with { Validate = ["magnitude", "none"] });
        Assert.Equal(["validation", "validation/none"], held.Select(set => set.Split));
        Assert.Equal(validation, held[0].Rows);
    }

    [Theory]
    [InlineData(24, 0, "test")]
    [InlineData(5, 4, "test")]
    [InlineData(1, 1, "t")]
    public void A_part_without_images_is_refused_before_anything_is_trained(int folds, int images, string lacks)
    {
        var error = Assert.Throws<FoveaException>(() => SweepFold.Of(_store, Settings() with { Folds = folds, Images = images }, seed: 4));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains($"no image to {lacks}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mean_is_of_what_the_part_trains_on()
    {
        var settings = Settings() with { Folds = 3, Images = 11 };
        foreach (var part in SweepFold.Of(_store, settings, seed: 4))
        {
            int[] training = Images(part.Training("none"));
            float[] mean = part.Mean(settings, TestContext.Current.CancellationToken);
            for (int i = 0; i < mean.Length; i++) Assert.Equal(Average(training, i), mean[i], 1e-6);
        }
        Assert.Equal(
            _store.TrainingMean(TestContext.Current.CancellationToken),
                SweepFold.Of(_store, Settings(), seed: 4)[0].Mean(Settings(), TestContext.Current.CancellationToken));
    }

    private double Average(int[] places, int component)
    {
        double sum = 0;
        foreach (int place in places)
        {
            for (int position = 0; position < _store.Manifest.Positions; position++)
                sum += _store.Row((long)place * _store.Manifest.Positions + position)[component];
        }
        return sum / (places.Length * _store.Manifest.Positions);
    }

    private static SweepSettings Settings() => new() { Name = "s", Layer = "block4" };

    private int[] Images(IEnumerable<long> rows) => [.. rows.Select(row => (int)(row / _store.Manifest.Positions)).Distinct()];
}
