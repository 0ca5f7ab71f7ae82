using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages.Features;
using Fovea.Visualization.Parameterizations;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>What the feature stage makes of its settings before it draws anything.</summary>
public sealed class FeatureSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-features-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Related_classes_are_names_and_ranges_of_numbers()
    {
        string name = ShapesWorld.Classes[5].Name;
        using var context = Context(Settings(name, "0-2", "23-23"));
        Assert.Equal([0, 1, 2, 5, 23], RelatedClasses.Of(context).Order());
        using var none = Context(Settings());
        Assert.Empty(RelatedClasses.Of(none));
    }

    [Theory]
    [InlineData("striped blob")]
    [InlineData("3-1")]
    [InlineData("20-24")]
    [InlineData("99")]
    [InlineData("")]
    public void A_related_class_that_does_not_exist_is_refused_before_anything_is_made(string wrong)
    {
        var workflow = new Workflow(
            Settings("0-1", wrong) with { Train = new TrainSettings() }, _folder, new RunFolder(_folder), new WorkflowOptions());
        var error = Assert.Throws<FoveaException>(() => workflow.Run(TestContext.Current.CancellationToken));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.StartsWith($"features.related names '{wrong}', which is neither a class of ", error.Message, StringComparison.Ordinal);
        Assert.Contains("nor a range of its class numbers such as 0-9", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(new RunFolder(_folder).Model));
    }

    [Fact]
    public void Measured_colours_are_those_of_the_run_s_own_images()
    {
        WorkflowSettings settings = Settings();
        settings = settings with { Features = settings.Features! with { MeasuredImages = 30 } };
        using var context = Context(settings);
        RunPresets presets = RunPresets.Of(context);
        double[][] pixels =
            [.. Enumerable.Range(0, 30).SelectMany(i => context.Harvested.Read(i).Pixels.Chunk(3))
                .Select(pixel => pixel.Select(value => value / 255.0).ToArray())];
        double[] mean = [.. Enumerable.Range(0, 3).Select(channel => pixels.Average(pixel => pixel[channel]))];
        ColourStatistics[] found =
        [
            ColourStatistics.Load(Path.Combine(context.Run.Features, "colours.json")),
            ((DecorrelatedPixels)presets.Get("paper").Parameterization).Statistics, ((Maco)presets.Get("maco").Parameterization).Statistics,
        ];
        foreach (ColourStatistics measured in found)
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(mean[i], measured.Mean[i], 1e-12);
                for (int j = 0; j < 3; j++)
                    Assert.Equal(pixels.Average(pixel => (pixel[i] - mean[i]) * (pixel[j] - mean[j])), measured.Covariance(i, j), 1e-12);
            }
        }
    }

    [Fact]
    public void A_truth_whose_border_the_crop_cuts_off_is_left_out_and_said_to_be()
    {
        WorkflowSettings settings = Settings();
        settings = settings with { Data = settings.Data with { ValidationImages = 60 } };
        List<string> log = [];
        foreach (int crop in (int[])[64, 48])
        {
            using var context = new RunContext(
                settings with { Data = settings.Data with { Crop = crop } }, _folder, new RunFolder(Path.Combine(_folder, $"crop-{crop}")),
                    new WorkflowOptions { Log = log.Add },
                TestContext.Current.CancellationToken);
            using var network = ImageModel.Create("small_cnn", context.Validation.Classes.Count, GradientFlow.Standard);
            network.Initialise(1);
            new Harvester(
                network.With(context.Preprocessing), context.Harvested, new HarvestOptions { Layers = ["block4"], Filters = ["none"] })
                .Run([.. Enumerable.Range(0, 4)], context.Run.Activations, null, TestContext.Current.CancellationToken);
            var measured = ConceptTruths.Write(context, network, "block4", [UnitGroup.Neurons("block4")]);
            Assert.Equal(crop == 64, measured.Count > 0);
            Assert.Equal(
                crop == 64 ? []
                    : ["block4: units are not measured against the truth of the images, because data.crop cuts their border off."], log);
        }
    }

    private static WorkflowSettings Settings(params string[] related) => new()
    {
        Name = "test",
        Seed = 3,
        Data = new DataSettings { Source = "shapesworld", TrainImages = 30, ValidationImages = 24, Crop = 64 },
        Model = new ModelSettings { Architecture = "small_cnn" },
        Harvest = new HarvestSettings { Layers = ["block4"], Filters = ["none"], Split = "train" },
        Features = new FeatureSettings { Related = related },
    };

    private RunContext Context(WorkflowSettings settings) =>
        new(settings, _folder, new RunFolder(_folder), new WorkflowOptions(), TestContext.Current.CancellationToken);
}
