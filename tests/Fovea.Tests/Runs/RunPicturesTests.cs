using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages.Features;
using Fovea.Visualization;
using Fovea.Visualization.Parameterizations;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class RunPicturesTests
{
    [Fact]
    public void Presets_keep_their_own_numbers_until_the_settings_change_them()
    {
        var settings =
            new WorkflowSettings
            {
                Name = "x",
                Data = new DataSettings { Source = "x" },
                Model = new ModelSettings { Architecture = "small_cnn" },
                Features = new FeatureSettings()
            };
        RenderOptions Of(string preset) => RunPictures.Options(settings, preset);
        Assert.Equal((200, 1.0, 1e-3, 0.3), Numbers(Of("paper")));
        Assert.Equal((200, 1.0, 0, 0), Numbers(Of("naive")));
        Assert.Equal((512, 0.05, 0, 0), Numbers(Of("lucid")));
        Assert.Equal((256, 1.0, 0, 0), Numbers(Of("maco")));
        settings = settings with { Features = new FeatureSettings { Steps = 7, LearningRate = 0.5, TotalVariation = 0.25, Blur = 2 } };
        Assert.Equal((7, 0.5, 0.25, 2), Numbers(Of("paper")));
        Assert.Equal((7, 0.5, 0, 0), Numbers(Of("naive")));
        Assert.Equal((7, 0.5, 0.25, 2), Numbers(Of("lucid")));
        Assert.Equal(RenderPresets.Maco.Views, Of("maco").Views);
        // A number that is given counts, also where it is another preset's own.
        settings = settings with { Features = new FeatureSettings { Steps = 200, LearningRate = 1, TotalVariation = 1e-3, Blur = 0.3 } };
        Assert.Equal((200, 1.0, 1e-3, 0.3), Numbers(Of("lucid")));
        Assert.Equal((200, 1.0, 0, 0), Numbers(Of("naive")));
        settings = settings with { Features = new FeatureSettings { Views = 3 } };
        Assert.All(RenderPresets.All, preset => Assert.Equal(3, Of(preset.Preset).Views));
    }

    [Fact]
    public void A_key_that_is_left_out_does_not_change_what_a_stage_was_made_from() =>
        Assert.DoesNotMatch(
            "views|steps\"|learning|judge",
            StageRecord.Create("features", new FeatureInputs(1, new FeatureSettings(), new Dictionary<string, string>(), null)).Inputs
                .ToJsonString());

    [Fact]
    public void Measured_colours_replace_ImageNets_where_colours_are_decorrelated()
    {
        string folder = Directory.CreateTempSubdirectory("fovea-statistics-").FullName;
        try
        {
            var run = new RunFolder(folder);
            Assert.Null(PictureStatistics.Find(run));
            var colours = new ColourStatistics([0.1, 0.2, 0.3], new[,] { { 0.5, 0.1, 0.2 }, { 0.1, 0.6, 0.3 }, { 0.2, 0.3, 0.7 } });
            new PictureStatistics(colours, SpectrumTemplate.Radial(2)).Save(run);
            PictureStatistics found = PictureStatistics.Find(run)!;
            Assert.Equal(colours.Description, found.Colours.Description);
            Assert.Equal("mean 0.1, 0.2, 0.3; covariance 0.5; 0.1, 0.6; 0.2, 0.3, 0.7", colours.Description);
            Assert.Equal("ImageNet", ColourStatistics.ImageNet.Description);
            foreach (RenderOptions preset in RenderPresets.All)
            {
                RenderOptions over = found.Over(preset);
                Assert.Equal(preset.Preset == "naive" ? null : found.Colours, over.Parameterization.Statistics);
                Assert.Equal(preset.Parameterization.GetType(), over.Parameterization.GetType());
                Assert.Equal(preset.Steps, over.Steps);
            }
            var own = RenderPresets.Paper with
            {
                Parameterization = new DecorrelatedPixels(root: ColourRoot.PrincipalAxes)
                {
                    Scale = 0.2,
                    StartDeviation = 0.3
                }
            };
            Assert.Equal(own.Parameterization.Description, found.Over(own).Parameterization.Description);
            own = own with { Parameterization = new FourierPixels(root: ColourRoot.Cholesky) { Decay = 1.5, StartDeviation = 0.3 } };
            Assert.Equal(own.Parameterization.Description, found.Over(own).Parameterization.Description);
            own = own with { Parameterization = new Maco(spectrum: SpectrumTemplate.Radial(2)) { Scale = 0.3 } };
            Assert.Equal(own.Parameterization.Description, found.Over(own).Parameterization.Description);
            Assert.Contains("1/f^2", found.Over(RenderPresets.Maco).Parameterization.Name, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int, double, double, double) Numbers(RenderOptions options) =>
        (options.Steps, options.LearningRate, options.TotalVariation, options.Blur);
}
